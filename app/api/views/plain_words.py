"""Say in plain words what an answer and a problem mean, for people at the page."""

from __future__ import annotations

from typing import Any, Final

from logo_classifier import LogoType

Words = dict[str, dict[str, str]]

TYPES: Final[Words] = {
    LogoType.SIMPLE.value: {
        "what": "A flat symbol of few parts. A single letter counts too.",
        "why": "It looks like a flat symbol of few parts.",
        "tracing": "Keep corners sharp and write short paths.",
        "settings": "corner_threshold 45, filter_speckle 2, path_precision 3",
        "sample": "A blue rook",
    },
    LogoType.TEXT.value: {
        "what": "Two or more letters or digits, set as type.",
        "why": "It looks like letters or digits set as type, without fades.",
        "tracing": "Keep corners sharp and write short paths.",
        "settings": "corner_threshold 45, filter_speckle 2, path_precision 3",
        "sample": "The word eventbrite",
    },
    LogoType.GRADIENT.value: {
        "what": "Colours fade smoothly over about 15 % or more of the ink.",
        "why": "Its colours look as if they fade smoothly over a good part of the drawing.",
        "tracing": "Split colours finely and keep small areas.",
        "settings": "color_precision 8, layer_difference 4, filter_speckle 2",
        "sample": "Blue waves",
    },
    LogoType.COMPLEX.value: {
        "what": "More than about 12 flat parts, a detailed drawing, texture or a photograph.",
        "why": "It looks like a drawing of many parts or fine detail.",
        "tracing": "Split colours finely and keep small areas.",
        "settings": "color_precision 8, layer_difference 4, filter_speckle 2",
        "sample": "An apple on a glass of beer",
    },
}
"""What each type is, what speaks for it, and what it means for a tracer; settings are VTracer's."""

METHODS: Final = {
    "rule_based": "Rules",
    "neural_network": "Network",
    "ensemble": "Rules and network",
}

TIERS: Final = {
    "rules_confident": "The rules were sure, so they decided alone.",
    "conditional": "The rules were fairly sure, so rules and network decided together.",
    "neural": "The rules were unsure, so the network decided.",
    "ensemble": "The rules were very unsure, so rules and network decided together.",
    "time_budget": "The network would have taken too long, so the rules decided.",
    "degraded": "The network could not answer, so the rules decided.",
    "requested": "This method was asked for by name.",
}

CURES: Final = {
    "bad_dimensions": "Resize the picture, then try again.",
    "image_too_large": "Make the picture smaller, then try again.",
    "invalid_image": "Export the picture again, then try that file.",
    "missing_image": "Choose a picture that is not empty.",
    "no_visible_logo": "Choose the picture that shows the logo.",
    "overloaded": "The service is busy. Try again in a moment.",
    "out_of_memory": "The service is busy. Try again in a moment.",
    "request_timeout": "Try again, on a faster connection or with a smaller picture.",
    "timed_out": "The service is busy. Try again in a moment.",
    "too_detailed": "Try a smaller picture, or one with less noise.",
    "too_many_requests": "You sent many pictures. Wait a little, then try again.",
    "unauthorized": "Type a valid key into the field above, then try again.",
    "unsupported_format": "Save the logo as PNG or JPEG, then try that file.",
    "unreachable": "Check your connection, then try again.",
    "other": "Try again. If it fails again, tell the operator the request number.",
}
"""What a person can do about a kind of problem; `unreachable` is the browser's own."""


def words() -> dict[str, Any]:
    """Return all words of this module, for the page's scripts."""
    return {"types": TYPES, "methods": METHODS, "tiers": TIERS, "cures": CURES}


def cure(kind: str) -> str:
    """Return what a person can do about a kind of problem."""
    return CURES.get(kind, CURES["other"])
