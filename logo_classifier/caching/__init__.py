"""Caching: bounded memory, a shared store behind a circuit breaker, and single flight."""
