"""What a model version is worth: scores, degraded pictures, report, card."""
