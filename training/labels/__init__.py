"""Labels and the pictures they are of: fetched, read, kept apart by look and brand."""
