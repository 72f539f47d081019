"""The page of mistakes shows the worst first."""

from __future__ import annotations

import json
from pathlib import Path

from logo_classifier.values import LogoType
from logo_classifier.versions.shipped import shipped
from training.evaluation import report
from training.labels.dataset import Example

GOLDEN = Path(__file__).parents[3] / "models" / "golden"


def example(name: str) -> Example:
    flags = (False, False, False)
    return Example(name, GOLDEN / f"{name}.png", LogoType.SIMPLE, flags, "bench", "drawn", name)


def test_the_most_confident_mistakes_come_first(tmp_path: Path) -> None:
    examples = [example(name) for name in ("moon", "turret", "zendesk")]
    results = [
        {"logo_type": kind, "confidence": confidence, "method_used": "rule_based"}
        for kind, confidence in (("text", 0.6), ("simple", 0.99), ("text", 0.9))
    ]
    scores = json.loads((shipped() / "metrics.json").read_text("utf-8"))

    report.write(tmp_path / "report.html", scores, examples, results)

    page = (tmp_path / "report.html").read_text("utf-8")
    assert -1 < page.index("zendesk") < page.index("moon")
    assert "turret" not in page
