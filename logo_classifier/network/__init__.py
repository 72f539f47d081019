"""Networks: a folder becomes a checked bundle, and pictures become verdicts."""
