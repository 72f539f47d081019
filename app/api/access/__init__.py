"""Access control: API keys, a rate limit per client, and CORS."""
