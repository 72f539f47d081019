"""Traces of requests: the stages of each, the ids of its span, and what sends spans."""
