"""Caching: a bounded LRU cache, a shared store behind a circuit breaker, and single flight."""
