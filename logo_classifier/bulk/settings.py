"""What decides about the rows of a job; a resume must ask for the same."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from logo_classifier.bulk.models import Model

PICTURES_PER_SHARD = 1000
"""At most so many, on average: a shard is what a crash can cost a worker."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Who answers, and in which form; `format` is parquet, jsonl or csv.

    `formats` are the formats of pictures that are read.
    """

    model: Model
    method: str
    format: str
    formats: tuple[str, ...]
    pictures_per_shard: int = PICTURES_PER_SHARD

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values; where the model lies is no part of what it is."""
        model = {"name": self.model.name, "print": self.model.print}
        return {**asdict(self), "model": model, "formats": list(self.formats)}
