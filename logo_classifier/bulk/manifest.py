"""The manifest of a job: what was asked, of which model, of how many pictures, and what came."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from logo_classifier.bulk.folders import whole_file
from logo_classifier.bulk.plan import Plan
from logo_classifier.bulk.refusals import BulkError
from logo_classifier.bulk.settings import Settings
from logo_classifier.bulk.sources import Source

MANIFEST = "manifest.json"

_LAYOUT = 1
"""The layout of a job's folder; another layout is refused."""


@dataclass(slots=True)
class Manifest:
    """What stands in `manifest.json`; times are ISO 8601 in UTC.

    `finished`, `counts` and `parts` are empty until the job is complete; `parts` maps names of
    parts to their SHA-256.
    """

    settings: dict[str, Any]
    source: dict[str, Any]
    plan: Plan
    started: str
    finished: str | None = None
    counts: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)

    def write(self, job: Path) -> None:
        """Write the manifest whole or not at all."""
        text = json.dumps({"layout": _LAYOUT, **asdict(self)}, indent=1)
        with whole_file(job / MANIFEST) as draft:
            draft.write_text(text + "\n", "utf-8")

    @classmethod
    def read(cls, job: Path) -> Manifest | None:
        """Return the manifest of a job, None if it has none; raise BulkError for a damaged one."""
        try:
            values = json.loads((job / MANIFEST).read_text("utf-8"))
            if values.pop("layout") != _LAYOUT:
                raise BulkError(f"{job} was written by another version of this program")
            return cls(**values | {"plan": Plan(**values["plan"])})
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BulkError(f"{job / MANIFEST} is damaged: {error!r}; name a new folder") from error

    def check_same(self, job: Path, settings: Settings, source: Source) -> None:
        """Raise BulkError, with what differs and the cure, if this asks for other rows."""
        asked = {"settings": settings.to_dict(), "source": asdict(source)}
        begun = {"settings": self.settings, "source": self.source}
        differing = [
            f"{name} was {begun[part].get(name)!r} and is {value!r}"
            for part, values in asked.items()
            for name, value in values.items()
            if begun[part].get(name) != value
        ]
        if differing:
            raise BulkError(
                f"{job} holds a job with other settings: {'; '.join(differing)}. Ask for the same, "
                "or name a new folder with --out"
            )
