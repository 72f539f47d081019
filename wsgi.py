"""Give Gunicorn the application."""

from app.api import create_app

app = create_app()
