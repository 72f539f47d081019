"""Requests become pictures and options; nothing touches the disk."""
