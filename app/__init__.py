"""The HTTP service of the logo classifier: settings, API, and Gunicorn configuration."""
