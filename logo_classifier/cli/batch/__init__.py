"""`batch`: classify any number of pictures, tell how far that is, and show what came."""
