"""The network: its recipe, the pictures it is fed, training, and export in 8-bit integers."""
