"""Show, export and clean up what is kept, at the command line."""

from __future__ import annotations

import csv
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from app.config import Settings
from app.feedback.feedback import DAY_SECONDS, picture_folder
from logo_classifier import BadParameter, FeedbackStore, LabelledAnswer, open_feedback

_COLUMNS = (
    "request_id",
    "picture",
    "logo_type",
    "answered_type",
    "confidence",
    "model",
    "requested",
    "labelled_at",
)


def status(settings: Settings) -> str:
    """Return how many labels there are for each model version, and how many agree."""
    by_model: dict[str, list[LabelledAnswer]] = defaultdict(list)
    for each in _store(settings).labelled():
        by_model[each.answer.judged.model].append(each)
    if not by_model:
        return "no labels\n"
    return "".join(f"{model}: {_counts(those)}\n" for model, those in sorted(by_model.items()))


def export(
    settings: Settings, out: Path, since: date | None, requested_only: bool, with_pictures: bool
) -> int:
    """Write the labels, oldest first, to a CSV file; return how many.

    `picture` is the SHA-256 of the picture, `logo_type` what the client reported. `since` is a day
    in UTC. `with_pictures` writes one row for each picture that is kept, with its `path` and the
    type that most clients reported; where two types have as many, the picture is left out. Such a
    file is what `make evaluate` takes. Raises BadParameter if no pictures are kept.
    """
    start = datetime.combine(since, datetime.min.time(), UTC).timestamp() if since else 0.0
    chosen: Iterable[LabelledAnswer] = (
        each for each in _store(settings).labelled(start) if each.answer.asked or not requested_only
    )
    if with_pictures:
        folder = picture_folder(settings)
        if folder is None:
            raise BadParameter("no pictures are kept: LOGO_KEEP_FEEDBACK_IMAGES is not set")
        found = ((each, folder.find(each.answer.picture)) for each in agreed(chosen))
        rows = ((*_row(each), path.resolve()) for each, path in found if path)
        return _write(out, (*_COLUMNS, "path"), rows)
    return _write(out, _COLUMNS, map(_row, chosen))


def agreed(labelled: Iterable[LabelledAnswer]) -> list[LabelledAnswer]:
    """Return for each picture the first label of the type that most clients reported.

    Of pictures with two such types there is none.
    """
    by_picture: dict[str, list[LabelledAnswer]] = defaultdict(list)
    for each in labelled:
        by_picture[each.answer.picture].append(each)
    chosen = []
    for those in by_picture.values():
        (winner, votes), *others = Counter(each.true_label for each in those).most_common()
        if not others or votes > others[0][1]:
            chosen.append(next(each for each in those if each.true_label is winner))
    return chosen


def _write(out: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        count = 0
        for count, row in enumerate(rows, 1):  # noqa: B007 - the last one is returned
            writer.writerow(row)
    return count


def cleanup(settings: Settings) -> int:
    """Forget answers without a label that are older than the settings allow; return how many.

    Kept pictures are brought within their bounds too.
    """
    if folder := picture_folder(settings):
        folder.trim()
    return _store(settings).forget(time.time() - settings.feedback_days * DAY_SECONDS)


def _store(settings: Settings) -> FeedbackStore:
    if not settings.feedback_url:
        raise BadParameter("no feedback is kept: LOGO_FEEDBACK_URL is not set")
    return open_feedback(settings.feedback_url)


def _counts(labelled: Iterable[LabelledAnswer]) -> str:
    those = list(labelled)
    asked = [each for each in those if each.answer.asked]
    right = sum(each.right for each in asked)
    return f"{len(those)} labels, {len(asked)} of them requested; {right} of these agree"


def _row(each: LabelledAnswer) -> tuple[object, ...]:
    judged = each.answer.judged
    labelled_at = datetime.fromtimestamp(each.labelled_at, UTC).isoformat(timespec="seconds")
    return (
        each.answer.request_id,
        each.answer.picture,
        each.true_label.value,
        judged.logo_type.value,
        judged.confidence,
        judged.model,
        str(each.answer.asked).lower(),
        labelled_at,
    )
