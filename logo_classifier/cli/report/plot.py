"""Draw the confidences of all pictures as a stacked histogram in SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from logo_classifier import LogoType

_WIDTH, _HEIGHT = 640, 200
_LEFT, _BOTTOM, _TOP = 48, 36, 12


def draw_confidences(bins_of: Mapping[str, Sequence[int]], threshold: float) -> str:
    """Return an SVG element; `bins_of` maps types to counts in equal bins of 0 to 1."""
    columns = list(zip(*(bins_of[kind] for kind in LogoType if kind in bins_of), strict=True))
    tallest = max(map(sum, columns), default=0)
    scale = (_HEIGHT - _TOP - _BOTTOM) / max(tallest, 1)
    step = (_WIDTH - _LEFT) / max(len(columns), 1)
    bars = []
    heights = [0.0] * len(columns)
    for kind in (kind for kind in LogoType if kind in bins_of):
        for place, count in enumerate(bins_of[kind]):
            if count:
                heights[place] += count * scale
                bars.append(
                    f'<rect class="{kind}" x="{_LEFT + place * step + 1:.1f}" '
                    f'y="{_HEIGHT - _BOTTOM - heights[place]:.1f}" width="{step - 2:.1f}" '
                    f'height="{count * scale:.1f}"><title>{kind}, {place / len(columns):g} to '
                    f"{(place + 1) / len(columns):g}: {count}</title></rect>"
                )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Histogram of confidences">'
        f"{''.join(bars)}{_axes(tallest, threshold)}</svg>"
    )


def _axes(tallest: int, threshold: float) -> str:
    floor, long = _HEIGHT - _BOTTOM, _WIDTH - _LEFT
    marks = [
        f'<text x="{_LEFT + tick * long:.0f}" y="{floor + 16}" text-anchor="middle">{tick:g}</text>'
        for tick in (0.25, 0.5, 0.75)
    ]
    unsure = _LEFT + threshold * long
    return (
        f'<path d="M{_LEFT} {floor}H{_WIDTH}"/>'
        f'<path class="threshold" d="M{unsure:.1f} {_TOP}V{floor}"/>'
        f'<text x="{_LEFT}" y="{floor + 16}">0</text>{"".join(marks)}'
        f'<text x="{_WIDTH}" y="{floor + 16}" text-anchor="end">1</text>'
        f'<text x="{_LEFT + long / 2:.0f}" y="{_HEIGHT - 4}" text-anchor="middle">confidence</text>'
        f'<text x="{_LEFT - 6}" y="{_TOP + 8}" text-anchor="end">{tallest}</text>'
        f'<text x="{_LEFT - 6}" y="{floor}" text-anchor="end">0</text>'
    )
