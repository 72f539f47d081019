"""Feedback: answers that were given, the true types that people report of them, and their store."""
