"""Drawn pictures whose type is known by how they are drawn, and shares right on them by kind."""
