"""The pictures that training sees: labelled ones varied, and drawn ones."""
