"""Say whether this machine and this installation are fit to classify, and what to do if not."""
