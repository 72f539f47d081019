"""Gunicorn: its configuration, server hooks and worker class, and the reload command."""
