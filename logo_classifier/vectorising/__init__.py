"""Advice for vector tracers, and a trace that follows it. Advice needs no tracer installed."""
