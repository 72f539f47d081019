"""Gunicorn alone: its configuration, hooks and worker, and how its workers are replaced."""
