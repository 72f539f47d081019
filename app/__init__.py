"""Classify logos by what a vector tracer must cope with: the library and its HTTP face."""
