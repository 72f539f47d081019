"""Say how well answers agree with the labels that were asked for: `python -m app calibration`."""

from __future__ import annotations

import sys

from app.config import Settings
from logo_classifier import (
    BadParameter,
    FeedbackUnavailable,
    RouteMeasures,
    measure,
    open_feedback,
)


def main(settings: Settings) -> None:
    """Print the measures of each version and route; exit with the reason if there are none."""
    if not settings.feedback_url:
        sys.exit("LOGO_FEEDBACK_URL is not set: no labels are kept")
    try:
        found = measure(open_feedback(settings.feedback_url).labelled())
    except (BadParameter, FeedbackUnavailable) as error:
        sys.exit(f"the store of feedback cannot be read: {error}")
    sys.stdout.write(render(found))


def render(found: list[RouteMeasures]) -> str:
    """Return one line for each version and route."""
    if not found:
        return "no requested labels yet\n"
    return "".join(
        f"{each.model} {each.route}: {each.labels} labels, accuracy {each.accuracy:.3f}, "
        f"mean confidence {each.confidence:.3f}, ECE {each.calibration_error:.3f}, "
        f"coverage {each.coverage:.3f}\n"
        for each in found
    )
