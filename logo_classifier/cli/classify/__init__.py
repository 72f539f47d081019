"""`classify`: the types of files, folders and what comes through a pipe."""
