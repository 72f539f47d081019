"""Collect what a report says while answers come; memory is bounded by the pictures shown."""

from __future__ import annotations

import heapq
import os
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image, features

from logo_classifier import InvalidInput, Limits
from logo_classifier.cli.answering import Answered
from logo_classifier.pictures.image import load_image

BINS = 20
"""Bins of the plot of confidences, 0 to 1."""

THUMBNAIL_PX = 128


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture of the report; `picture` is a data URI, None where it cannot be read any more."""

    name: str
    logo_type: str
    confidence: float
    others: tuple[str, ...]
    picture: str | None


@dataclass(slots=True)
class Findings:
    """Counts of the pictures of a folder, and the `most` least sure of them with thumbnails.

    `confidences` has the number of pictures of each type in each bin of the confidence.
    """

    folder: str
    threshold: float
    most: int
    counts: Counter[str] = field(default_factory=Counter)
    unsure: Counter[str] = field(default_factory=Counter)
    confidences: dict[str, list[int]] = field(
        default_factory=lambda: defaultdict(lambda: [0] * BINS)
    )
    failed: list[tuple[str, str]] = field(default_factory=list)
    _least_sure: list[tuple[float, int, Shown]] = field(default_factory=list)

    @property
    def pictures(self) -> int:
        """Return the number of pictures, failed ones included."""
        return self.counts.total() + len(self.failed)

    @property
    def shown(self) -> list[Shown]:
        """Return the pictures to show, the least sure first."""
        return [shown for _, _, shown in sorted(self._least_sure, reverse=True)]

    def add(self, answers: Iterable[Answered], limits: Limits) -> None:
        """Count answers, and make thumbnails of the least sure; `limits` are those of answering."""
        for order, answered in enumerate(answers):
            if answered.error:
                self.failed.append((self._relative(answered.name), answered.error["message"]))
            else:
                self._count(answered, order, limits)

    def _count(self, answered: Answered, order: int, limits: Limits) -> None:
        kind, confidence = answered.answer["logo_type"], answered.answer["confidence"]
        self.counts[kind] += 1
        self.unsure[kind] += confidence < self.threshold
        self.confidences[kind][min(int(confidence * BINS), BINS - 1)] += 1
        # A heap has its smallest on top: negative numbers put the surest there, and the latest.
        mark = (-confidence, -order)
        full = len(self._least_sure) >= self.most
        if self.most and not (full and mark < self._least_sure[0][:2]):
            others = tuple(each for each in answered.answer["prediction_set"] if each != kind)
            picture = thumbnail(answered.name, limits)
            name = self._relative(answered.name)
            entry = (*mark, Shown(name, kind, confidence, others, picture))
            (heapq.heappushpop if full else heapq.heappush)(self._least_sure, entry)

    def _relative(self, path: str) -> str:
        """Return a name that says nothing of where the folder stands; addresses stay."""
        if "://" in path:
            return path
        return os.path.relpath(path, self.folder)


def thumbnail(path: str, limits: Limits) -> str | None:
    """Return a small copy of a picture as the classifier sees it, as a data URI.

    It is WebP, which takes a quarter of the bytes, where this build of Pillow writes it; else PNG.
    """
    try:
        picture = Image.fromarray(load_image(path, limits).pixels)
    except InvalidInput:  # it was there a moment ago
        return None
    picture.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
    file = BytesIO()
    kind = "webp" if features.check("webp") else "png"
    picture.save(file, kind)
    return f"data:image/{kind};base64,{b64encode(file.getvalue()).decode()}"
