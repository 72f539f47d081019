"""Classify any number of pictures into a folder of parts, on one machine or on many."""
