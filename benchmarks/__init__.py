"""Measure speed and memory; nothing here asserts a time."""
