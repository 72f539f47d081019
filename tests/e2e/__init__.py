"""Tests that start the real server."""
