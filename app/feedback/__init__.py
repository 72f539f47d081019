"""Answers and the labels that clients report, kept behind the replies."""
