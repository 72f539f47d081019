"""Open the store of feedback that an address names."""

from __future__ import annotations

from pathlib import Path

from logo_classifier.errors import BadParameter
from logo_classifier.feedback.records import FeedbackStore
from logo_classifier.feedback.sqlite import SqliteFeedback

_SQLITE = "sqlite:///"


def open_feedback(url: str) -> FeedbackStore:
    """Open `sqlite:///feedback.db`, or `sqlite:////var/lib/feedback.db` for an absolute path.

    Raises BadParameter for another address, FeedbackUnavailable for a file that cannot be used.
    """
    path = url.removeprefix(_SQLITE)
    if not url.startswith(_SQLITE) or not path:
        scheme = url.partition(":")[0][:20]  # the rest may hold a password
        raise BadParameter(
            f"a store of feedback has an address like sqlite:///feedback.db, not {scheme}:…"
        )
    return SqliteFeedback(Path(path))
