"""What an examination finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is: `fail` gives wrong answers or none, `warn` costs speed or certainty."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """A thing that was looked at, what was found, and what to do about it unless it is ok."""

    subject: str
    level: Level
    detail: str
    cure: str = ""

    def __str__(self) -> str:
        """Return the finding on one line, with its cure on the next."""
        cure = f"\n      -> {self.cure}" if self.cure else ""
        return f"{self.level:<5} {self.subject}: {self.detail}{cure}"

    def to_dict(self) -> dict[str, str]:
        """Return the finding as JSON-ready values."""
        return {
            "subject": self.subject,
            "level": self.level.value,
            "detail": self.detail,
            "cure": self.cure,
        }
