"""What decided an answer: measured features, a drawing of what was counted, and network maps."""
