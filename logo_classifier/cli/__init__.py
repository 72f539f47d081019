"""The command `logo-classifier`: a module a command, imported when it runs."""
