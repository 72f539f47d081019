"""The calls: classify, health, metrics, and the pages for people."""
