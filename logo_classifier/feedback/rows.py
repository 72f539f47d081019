"""Judgements as JSON in a store's rows, and labelled answers from rows."""

from __future__ import annotations

from typing import Any

import msgspec

from logo_classifier.errors import FeedbackUnavailable
from logo_classifier.feedback.records import Judged, LabelledAnswer


def to_json(judged: Judged) -> str:
    """Return a judgement as JSON text."""
    return msgspec.json.encode(judged).decode()


def labelled_answer(row: dict[str, Any]) -> LabelledAnswer:
    """Return the labelled answer of a row; `judged` and `other` are JSON text, `other` or None.

    Raises FeedbackUnavailable for a row that no release has written.
    """
    other = row["other"]
    try:
        return msgspec.convert(
            {
                "answer": {
                    "request_id": row["request_id"],
                    "picture": row["picture"],
                    "judged": msgspec.json.decode(row["judged"]),
                    "asked": bool(row["asked"]),
                    "answered_at": row["answered_at"],
                    "other": msgspec.json.decode(other) if other else None,
                },
                "true_label": row["true_label"],
                "client": row["client"],
                "labelled_at": row["labelled_at"],
            },
            LabelledAnswer,
        )
    except (msgspec.MsgspecError, ValueError, TypeError) as error:
        raise FeedbackUnavailable(f"the store of feedback is damaged: {error}") from error
