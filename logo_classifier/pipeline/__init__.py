"""The way of one picture: the desk receives, looks up and waits; the sequence works it out."""
