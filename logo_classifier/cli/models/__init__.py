"""`logo-classifier models`: list, show, verify and compare model versions."""
