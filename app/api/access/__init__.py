"""Who may ask: API keys, a rate for each client, pages of other sites."""
