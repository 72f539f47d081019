"""Pictures: bytes become one normalised picture, the same for training and for serving."""
