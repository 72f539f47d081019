"""Formats of files: their parts, the bounds of these, and what decoders need of them."""
