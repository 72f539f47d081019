"""What the drawn pictures are made of: colours, words, shapes, fades, files."""
