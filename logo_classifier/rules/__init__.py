"""Rules: extract features from a picture, and classify it by gradient-boosted trees on them."""
