"""What each feature measures, in plain words."""

from __future__ import annotations

_FADES = {
    3: "a deviation of more than 3 levels",
    5: "a deviation of more than 5 levels",
    8: "a deviation of more than 8 levels",
    15: "a deviation of more than 15 levels",
    30: "a deviation of more than 30 levels",
}
_SIZES_PX = (8, 30, 100, 300)

_ROWS = {
    "shape_count": "number of {shapes} (64 or more are 1)",
    "candidate_count": "number of {shapes} with the size of a letter (64 or more are 1)",
    "row_count": "shapes in the most letter-like row of {shapes} (16 or more are 1)",
    "row_width": "width of the most letter-like row of {shapes}, by that of the picture",
    "row_height": "median height in the most letter-like row of {shapes}, by that of the picture",
    "row_fill": "share of its box that a shape fills in the most letter-like row of {shapes}",
    "row_height_variation": "variation of the heights in the most letter-like row of {shapes}",
    "row_closeness": "share of narrow gaps in the most letter-like row of {shapes}",
    "row_gap_variation": "variation of the gaps in the most letter-like row of {shapes}",
    "row_share": "share of all {shapes} that the most letter-like row takes, by area",
    "row_aspect": "median width by height in the most letter-like row of {shapes}, halved",
}
_SHAPES = {
    "": "connected shapes of ink",
    "area_": "smooth areas",
    "inner_": "shapes inside the ink in other colours than its main one",
}

MEANINGS: dict[str, str] = {
    "wideness": "width by height of the drawing (8 or more is 1)",
    "tallness": "height by width of the drawing (4 or more is 1)",
    "ink_share": "share of the picture that differs from its backdrop",
    "source_side": "longest side of the trimmed picture (192 px or more is 1)",
    "edge_density": "share of the picture that is edge",
    "ink_edge_density": "edge pixels by pixels of ink",
    "busy_cell_share": "share of the 8 x 8 cells of the picture that are busy with edges",
    "busiest_cell": "share of edge in the busiest of 8 x 8 cells",
    "median_cell": "share of edge in the middle one of 8 x 8 cells",
    "corner_density": "number of corners (400 or more are 1)",
    "gradient_strength": "mean step from pixel to pixel (64 levels or more are 1)",
    "coarse_edge_density": "share of the picture that is edge at half its size",
    "unique_colors": "number of colours (512 or more are 1)",
    "entropy": "how evenly the levels of grey are used, in bits of 8",
    "notable_color_count": "colours with over 0.1 % of the picture (128 or more are 1)",
    "major_color_count": "colours with over 1 % of the picture (24 or more are 1)",
    "color_entropy": "how evenly the colours are used, in bits of 12",
    "ink_color_count": "colours with over 1 % of the smooth ink (32 or more are 1)",
    "top_color_share": "share of the commonest colour of the ink",
    "top_two_color_share": "share of the two commonest colours of the ink",
    "top_four_color_share": "share of the four commonest colours of the ink",
    "ink_color_entropy": "how evenly the colours of the ink are used, in bits of 12",
    "saturation": "how colourful the ink is",
    "smooth_share": "share of the ink in areas without a visible step",
    "tone_deviation": "mean deviation of tone inside the areas of ink (32 levels or more are 1)",
    "largest_tone_deviation": "largest deviation of tone in a large area of ink (64 levels are 1)",
    "backdrop_deviation": "largest deviation of tone in a large area of backdrop (32 levels are 1)",
    "part_fade_range": "change of colour across the picture that a plane through the areas spans",
    "part_fade_explained": "how well a plane through their colours describes the areas",
    "part_color_range": "largest difference of colour between areas of ink",
    "interior_share": "share of the ink that is away from edges",
    "soft_share": "share of the ink that changes by 3 to 16 levels from pixel to pixel",
    "faint_share": "share of the ink that changes by 1 to 10 levels from pixel to pixel",
    "deep_interior_share": "share of the ink that is far from edges",
    "gentle_share": "share of the ink that changes by 3 to 59 levels over eight pixels",
    "gentle_interior_share": "share of the ink far from edges that changes gently",
    "marked_share": "share of the ink that changes by 8 to 59 levels over eight pixels",
    "stroke_depth": "mean distance of ink to its edge (16 px or more are 1)",
    "largest_depth": "largest distance of ink to its edge (64 px or more are 1)",
    "thin_share": "share of the ink within 1.5 px of its edge",
    "stroke_variation": "variation of the thickness of strokes",
    "inner_share": "share of the ink that has another colour than its main one",
    "complexity": "mean of edge density, unique colours, entropy and corner density",
    **{
        f"fade_share_{n}": f"share of the smooth ink in areas with {text}"
        for n, text in _FADES.items()
    },
    **{
        f"fade_ink_share_{n}": f"share of all ink in areas with {text}"
        for n, text in _FADES.items()
    },
    **{
        f"area_count_{n}": f"smooth areas of ink of {n} px or more (40 or more are 1)"
        for n in _SIZES_PX
    },
    **{
        f"hole_count_{n}": f"areas of backdrop of {n} px or more (40 or more are 1)"
        for n in _SIZES_PX
    },
    **{
        prefix + name: text.format(shapes=shapes)
        for prefix, shapes in _SHAPES.items()
        for name, text in _ROWS.items()
    },
}
"""By the name of the feature. Levels are 0-255; all sizes are of the measured picture."""
