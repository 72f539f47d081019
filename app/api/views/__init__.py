"""The views: classify, health, metrics, and HTML pages."""
