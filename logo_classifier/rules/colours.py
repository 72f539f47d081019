"""Features of colours at 4 bits per channel, all in 0-1, from sparse pixels."""

from __future__ import annotations

import cv2
import numpy as np

from logo_classifier.rules.measuring import COLOUR_CODES, Counts, Measured, histogram, sparse


def main_colour(measured: Measured) -> tuple[int, int, int]:
    """Return the main colour of the smooth ink."""
    counts = measured.ink_code_counts
    if not counts.any():
        counts = histogram(measured.sparse_codes, COLOUR_CODES, measured.sparse_ink)
    main = int(counts.argmax())
    return (main >> 8) * 16 + 8, (main >> 4 & 15) * 16 + 8, (main & 15) * 16 + 8


def measure_colours(measured: Measured) -> dict[str, float]:
    """Return how many colours and greys there are, and how evenly they are used."""
    everywhere = measured.code_counts
    filled = everywhere > 0
    return {
        "unique_colors": min(1.0, float(filled.sum()) / 512),
        "entropy": _entropy_bits(histogram(sparse(measured.grey), 256)) / 8,
    }


def measure_colour_shares(measured: Measured) -> dict[str, float]:
    """Return how many colours have a notable share of the picture."""
    everywhere, pixels = measured.code_counts, measured.sparse_ink.size
    return {
        "notable_color_count": min(1.0, float((everywhere > 0.001 * pixels).sum()) / 128),
        "major_color_count": min(1.0, float((everywhere > 0.01 * pixels).sum()) / 24),
        "color_entropy": _entropy_bits(everywhere) / 12,
    }


def measure_inks(measured: Measured) -> dict[str, float]:
    """Return how many colours the ink has, and the shares of the commonest ones."""
    even = measured.ink_code_counts
    shares = np.sort(even[even > 0])[::-1] / max(1, int(even.sum()))
    return {
        "ink_color_count": min(1.0, float((shares > 0.01).sum()) / 32),
        "top_color_share": float(shares[:1].sum()),
        "top_two_color_share": min(1.0, float(shares[:2].sum())),
        "top_four_color_share": min(1.0, float(shares[:4].sum())),
        "ink_color_entropy": _entropy_bits(even) / 12,
    }


def measure_saturation(measured: Measured) -> dict[str, float]:
    """Return how colourful the ink is."""
    red, green, blue = measured.sparse_channels
    largest, smallest = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    spread = cv2.mean(cv2.subtract(largest, smallest), mask=measured.sparse_ink)[0]
    return {"saturation": spread / 255}


def _entropy_bits(counts: Counts) -> float:
    filled = counts[counts > 0]
    if not len(filled):
        return 0.0
    shares = filled / filled.sum()
    return max(0.0, float(-(shares * np.log2(shares)).sum()))
