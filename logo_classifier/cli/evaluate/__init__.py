"""`evaluate`: how right the classifier is on labelled pictures of the user."""
