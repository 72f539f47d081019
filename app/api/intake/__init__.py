"""Read pictures and options from requests; nothing is written to disk."""
