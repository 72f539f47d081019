"""Benchmarks of speed and memory; none of them asserts a time."""
