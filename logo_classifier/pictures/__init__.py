"""Pictures: from bytes to a normalised picture, in the same way for training and serving."""
