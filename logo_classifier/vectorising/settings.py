"""Settings of the tracers under their own names, within the ranges that the tracers accept.

VTracer 0.6 has two dialects. Its Python binding checks nothing and takes a wrong word for some
other one; its command line ends with a panic out of range, and has other names (`cmdapp/src`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

VTRACER_DIALECT = "vtracer 0.6"
POTRACE_DIALECT = "potrace 1.16"


def _clamp(value: float, least: float, most: float) -> float:
    return min(max(value, least), most)


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is done to a picture before it is traced, clamped to useful ranges.

    `scale` is the factor, 1 to 8, by which the picture is enlarged. Tracers follow the borders of
    pixels, so a larger picture lets them place a curve between the pixels of a smaller one.
    A pixel less opaque than `alpha_threshold`, 1 to 255, becomes transparent and any other opaque:
    VTracer takes every pixel that is not wholly transparent for opaque. `margin_px`, 0 to 8, is a
    transparent margin around a picture with transparency: VTracer looks for transparency in five
    rows alone, and fills it if it finds too little there.
    """

    scale: int = 1
    alpha_threshold: int = 128
    margin_px: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", int(_clamp(self.scale, 1, 8)))
        object.__setattr__(self, "alpha_threshold", int(_clamp(self.alpha_threshold, 1, 255)))
        object.__setattr__(self, "margin_px", int(_clamp(self.margin_px, 0, 8)))

    def to_dict(self) -> dict[str, int]:
        """Return a new JSON-ready dict."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class VTracerSettings:
    """Settings of VTracer by the names of its Python binding, clamped to its command line's ranges.

    `filter_speckle` is the side of the largest patch that is left out, in pixels. A colour keeps
    `color_precision` bits a channel. Layers of a fade are `layer_difference` apart, of 255.
    Angles are in degrees. `length_threshold` is in pixels. Coordinates have `path_precision`
    decimals.
    """

    filter_speckle: int = 4
    color_precision: int = 6
    layer_difference: int = 16
    corner_threshold: int = 60
    length_threshold: float = 4.0
    splice_threshold: int = 45
    path_precision: int = 2

    def __post_init__(self) -> None:
        for name, (least, most) in _RANGES.items():
            value = _clamp(getattr(self, name), least, most)
            kind = float if name == "length_threshold" else int
            object.__setattr__(self, name, kind(value))

    def python(self) -> dict[str, Any]:
        """Return the keyword arguments of `vtracer.convert_raw_image_to_svg` and its like."""
        return {"colormode": "color", "hierarchical": "stacked", "mode": "spline", **asdict(self)}

    def command_line(self) -> dict[str, Any]:
        """Return the options of the program `vtracer`, each to be given as `--name value`."""
        given = self.python()
        return {_COMMAND_LINE.get(name, name): value for name, value in given.items()}


_RANGES: dict[str, tuple[float, float]] = {
    "filter_speckle": (0, 16),
    "color_precision": (1, 8),
    "layer_difference": (0, 255),
    "corner_threshold": (0, 180),
    "length_threshold": (3.5, 10),
    "splice_threshold": (0, 180),
    "path_precision": (0, 8),
}
_COMMAND_LINE = {"layer_difference": "gradient_step", "length_threshold": "segment_length"}


@dataclass(frozen=True, slots=True)
class PotraceSettings:
    """Settings of potrace by the names of its long options, clamped.

    Speckles of up to `turdsize` pixels are left out. `alphamax`, 0 to 1.3334, is how readily a
    corner is rounded; `opttolerance`, 0 to 5, is by how many pixels joined curves may be off.
    """

    turdsize: int = 2
    alphamax: float = 1.0
    opttolerance: float = 0.2

    def __post_init__(self) -> None:
        object.__setattr__(self, "turdsize", int(_clamp(self.turdsize, 0, 10_000)))
        object.__setattr__(self, "alphamax", float(_clamp(self.alphamax, 0, 1.3334)))
        object.__setattr__(self, "opttolerance", float(_clamp(self.opttolerance, 0, 5)))

    def command_line(self) -> dict[str, Any]:
        """Return the options of the program `potrace`, each to be given as `--name value`."""
        return asdict(self)
