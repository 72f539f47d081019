"""Rules: a picture becomes features, and features a verdict with the questions that decided it."""
