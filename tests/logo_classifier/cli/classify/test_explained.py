"""`classify --explain` tells why, in each form of its rows."""

from __future__ import annotations

import csv
import io
import json

from logo_classifier import HybridClassifier
from tests.logo_classifier.cli.test_program import ROOT, run
from tests.terminals import at_a_terminal

MOON = ROOT / "models" / "golden" / "moon.png"


def test_json_gets_the_explanation_that_the_library_gives(classifier: HybridClassifier) -> None:
    done = run("classify", str(MOON), "--explain", "--jsonl")

    row = json.loads(done.stdout)
    expected = classifier.classify(MOON, include_explanation=True)["explanation"]
    assert row["explanation"]["summary"] == expected["summary"]
    assert row["explanation"].keys() == expected.keys()


def test_a_row_tells_why_where_that_is_asked() -> None:
    explained = run("classify", str(MOON), "gone.png", "--explain", "--csv")
    plain = run("classify", str(MOON), "--csv")

    moon, gone = csv.DictReader(io.StringIO(explained.stdout))
    assert moon["explanation"].startswith("The answer is gradient: ")
    assert gone["explanation"] == ""
    assert "explanation" not in plain.stdout


def test_a_terminal_shows_the_summary_below_the_row() -> None:
    status, shown = at_a_terminal("classify", str(MOON), "--explain")

    assert status == 0
    assert "The answer is gradient: smooth fades" in shown
