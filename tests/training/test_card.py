"""The card says what was measured, and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.classification.registry import SHIPPED
from app.classification.types import LogoType
from training.card import percent, render

CONFIG = {"name": "drawn-logos", "version": "0.1.0", "input": {"side_px": 96}}


def scores(accuracy: float, right: float) -> dict[str, Any]:
    return {
        "accuracy": accuracy,
        "macro_f1": 0.8125,
        "precision": dict(zip(LogoType, (0.91, 0.82, 0.73, 0.64), strict=True)),
        "recall": dict(zip(LogoType, (0.15, 0.26, 0.37, 0.48), strict=True)),
        "confusion_matrix": [[71, 1, 2, 3], [4, 72, 5, 6], [7, 8, 73, 9], [10, 11, 12, 74]],
        "trait_f1": {"lettering": 0.951, "gradient": 0.872, "complex": 0.793},
        "expected_calibration_error": 0.0214,
        "expected_calibration_error_interval": [0.0113, 0.0432],
        "prediction_sets": {"coverage": 0.957, "mean_size": 1.234},
        "confident": {"threshold": 0.85, "share": 0.412, "right": right},
    }


METRICS = {
    "command": "make evaluate DATA=<dataset> SPLIT=bench",
    "dataset": {"split": "bench", "pictures": 400},
    "methods": {
        "rule_based": scores(0.811, 0.978),
        "neural_network": scores(0.922, 0.981),
        "auto": scores(0.9, 0.965),
    },
    "routes": {
        "neural -> neural_network": {"pictures": 150, "right": 131},
        "rules_confident -> rule_based": {"pictures": 250, "right": 229},
    },
}


def tables(text: str) -> list[list[str]]:
    """Return the tables of a Markdown text as lists of their lines."""
    blocks = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    return [block.splitlines() for block in blocks]


@pytest.fixture(scope="module")
def card() -> str:
    return render(CONFIG, METRICS)


def test_the_card_names_the_model_and_how_it_was_measured(card: str) -> None:
    assert card.startswith("# drawn-logos 0.1.0\n")
    assert "96 x 96 px" in card
    assert "`bench` split, 400 pictures" in card
    assert "`make evaluate DATA=<dataset> SPLIT=bench`" in card


def test_each_method_has_a_row_of_its_scores(card: str) -> None:
    end = "0.812 | 0.021 (0.011-0.043) | 95.7 % | 1.23 |"

    assert f"| rule_based | 81.1 % | {end}" in card
    assert f"| neural_network | 92.2 % | {end}" in card
    assert f"| auto | 90.0 % | {end}" in card


def test_types_routes_and_confusions_are_those_of_the_routed_answer(card: str) -> None:
    assert "| text | 82.0 % | 26.0 % |" in card
    assert "| gradient | 7 | 8 | 73 | 9 |" in card
    assert "| neural -> neural_network | 150 | 131 |" in card
    assert "lettering 0.951, gradient 0.872, complex 0.793" in card


def test_what_the_rules_claim_is_said_with_how_often_it_is_right(card: str) -> None:
    assert re.search(r"claim at least 0\.85, which is\s+41\.2 %", card)
    assert "right 97.8 % of the time" in card


def test_the_margin_is_that_of_a_share_of_so_many_pictures(card: str) -> None:
    # 1.96 * sqrt(0.9 * 0.1 / 400) = 0.0294
    assert "400 test pictures the accuracy is uncertain by about 2.9 points" in card.replace(
        "\n", " "
    )


def test_every_table_is_well_formed(card: str) -> None:
    found = tables(card)

    assert [len(lines) for lines in found] == [2 + 3, 2 + 4, 2 + 4, 2 + 2]
    for lines in found:
        assert len({line.count("|") for line in lines}) == 1
        assert re.fullmatch(r"\|(-+\|)+", lines[1])
    assert not re.search(r"[{}]", card)


def test_shares_are_written_as_percentages() -> None:
    assert [percent(share) for share in (0, 0.1234, 0.99951, 1)] == [
        "0.0 %",
        "12.3 %",
        "100.0 %",
        "100.0 %",
    ]


def test_the_command_writes_the_card_beside_the_metrics(tmp_path: Path, card: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "metrics.json").write_text(json.dumps(METRICS))

    subprocess.run([sys.executable, "-m", "training.card", "--model", str(tmp_path)], check=True)

    assert (tmp_path / "README.md").read_text() == card


def test_the_card_of_the_shipped_model_is_what_its_metrics_say() -> None:
    config = json.loads((SHIPPED / "config.json").read_text())
    metrics = json.loads((SHIPPED / "metrics.json").read_text())

    assert (SHIPPED / "README.md").read_text() == render(config, metrics)
