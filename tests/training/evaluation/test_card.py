"""The card says what was measured, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from logo_classifier.values import LogoType
from logo_classifier.versions.shipped import shipped
from training.evaluation.card import percent, render, write

CONFIG = {
    "name": "drawn-logos",
    "version": "0.1.0",
    "weights": "model.onnx",
    "sha256": {"model.onnx": "5e1f"},
    "input": {"side_px": 96},
}
CALIBRATION = {"pictures": 123}


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
        "classwise_calibration_error": 0.0315,
        "brier_score": 0.1234,
        "negative_log_likelihood": 0.2345,
        "reliability": [{"pictures": 9, "confidence": 0.6, "accuracy": 0.5}],
        "prediction_sets": {
            "coverage": 0.957,
            "mean_size": 1.234,
            "coverage_by_type": dict(zip(LogoType, (0.94, 0.95, 0.96, 0.97), strict=True)),
        },
        "confident": {"threshold": 0.85, "share": 0.412, "right": right},
    }


METRICS = {
    "command": "make evaluate DATA=<dataset> SPLIT=bench",
    "dataset": {"split": "bench", "pictures": 400},
    "model": {"name": "drawn-logos", "version": "0.1.0", "sha256": "5e1f"},
    "methods": {
        "rule_based": scores(0.811, 0.978),
        "neural_network": scores(0.922, 0.981),
        "auto": scores(0.9, 0.965),
    },
    "sources": {"cars": {"pictures": 300, "accuracy": 0.887}},
    "robustness": {
        "64 px": {
            "pictures": 399,
            "accuracy": 0.876,
            "unchanged_accuracy": 0.898,
            "same_type": 0.945,
        }
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
    return render(CONFIG, METRICS, CALIBRATION)


def test_the_card_names_the_model_and_how_it_was_measured(card: str) -> None:
    assert card.startswith("# drawn-logos 0.1.0\n")
    assert "96 x 96 px" in card
    assert "`bench` split, 400 pictures" in card
    assert "`make evaluate DATA=<dataset> SPLIT=bench`" in card


def test_each_method_has_a_row_of_its_scores(card: str) -> None:
    end = "0.812 | 0.021 (0.011-0.043) | 0.032 | 0.123 | 0.234 |"

    assert f"| rule_based | 81.1 % | {end}" in card
    assert f"| neural_network | 92.2 % | {end}" in card
    assert f"| auto | 90.0 % | {end}" in card


def test_types_routes_sources_and_variants_are_those_of_the_routed_answer(card: str) -> None:
    assert "| text | 82.0 % | 26.0 % | 95.0 % |" in card
    assert "cover 95.7 % at a mean size of 1.23" in card
    assert "| neural -> neural_network | 150 | 131 |" in card
    assert "| cars | 300 | 88.7 % |" in card
    assert "| 64 px | 399 | 87.6 % | 89.8 % | 94.5 % |" in card
    assert "| neural_network | 0.951 | 0.872 | 0.793 |" in card


def test_the_card_says_how_many_pictures_it_was_calibrated_on(card: str) -> None:
    assert "123 pictures of `train` in that fold" in card


def test_a_model_that_was_not_measured_on_variants_has_no_table_of_them() -> None:
    metrics = {key: value for key, value in METRICS.items() if key != "robustness"}

    assert "variant" not in render(CONFIG, metrics, CALIBRATION)


BEHAVIOUR = {
    "pictures": 60,
    "kinds": {
        "word fades along": {
            "truth": "gradient",
            "pictures": 40,
            "right": 0.275,
            "honest": 0.042,
            "sure_but_wrong": 0.583,
            "confidence": 0.902,
        },
        "initials": {
            "truth": "text",
            "pictures": 20,
            "right": 0.974,
            "honest": 0.096,
            "sure_but_wrong": 0.019,
            "confidence": 0.941,
            "same_type": 0.949,
        },
    },
    "rules_claim": {"threshold": 0.85, "pictures": 31, "right": 0.983},
}


def test_a_model_that_was_measured_on_drawn_pictures_has_a_table_of_them(card: str) -> None:
    drawn = render(CONFIG, METRICS | {"behaviour": BEHAVIOUR}, CALIBRATION)

    assert "Drawn pictures" not in card
    assert "60 pictures whose type is known" in drawn
    assert "| word fades along | gradient | 40 | 27.5 % | 4.2 % | 58.3 % | 0.902 |" in drawn
    assert "Of initials, 94.9 % get one type in all formats." in drawn
    assert "at least 0.85, which is 31 pictures, they are right 98.3 % of the time" in drawn
    assert [len(lines) - 2 for lines in tables(drawn)] == [3, 4, 3, 1, 2, 1, 2]
    assert not re.search(r"[{}]", drawn)
    assert "\n\n\n" not in drawn


def test_what_the_rules_claim_is_said_with_how_often_it_is_right(card: str) -> None:
    said = card.replace("\n", " ")
    assert "claim at least 0.85, which is 41.2 % of the pictures, they are right 97.8 %" in said


def test_the_margin_is_that_of_a_share_of_so_many_pictures(card: str) -> None:
    # 1.96 * sqrt(0.9 * 0.1 / 400) = 0.0294
    assert "400 test pictures the accuracy is uncertain by about 2.9 points" in card.replace(
        "\n", " "
    )


def test_every_table_is_well_formed(card: str) -> None:
    found = tables(card)

    assert [len(lines) - 2 for lines in found] == [3, 4, 3, 1, 2, 1]
    for lines in found:
        assert len({line.count("|") for line in lines}) == 1
        assert re.fullmatch(r"\|(-+\|)+", lines[1])
    assert not re.search(r"[{}]", card)
    assert "\n\n\n" not in card


def test_shares_are_written_as_percentages() -> None:
    assert [percent(share) for share in (0, 0.1234, 0.99951, 1)] == [
        "0.0 %",
        "12.3 %",
        "100.0 %",
        "100.0 %",
    ]


def test_the_bundle_gets_its_metrics_plots_and_card(tmp_path: Path, card: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "calibration.json").write_text(json.dumps(CALIBRATION))

    write(tmp_path, METRICS)

    assert (tmp_path / "README.md").read_text() == card
    assert json.loads((tmp_path / "metrics.json").read_text()) == METRICS
    for picture in re.findall(r"!\[[^]]+\]\(([^)]+)\)", card):
        assert (tmp_path / picture).read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        (METRICS | {"model": {"name": "drawn-logos", "version": "0.0.9", "sha256": "0d"}}, "0.0.9"),
        (METRICS | {"dataset": {"split": "held-out", "pictures": 400}}, "held-out"),
    ],
)
def test_metrics_of_another_model_or_of_other_pictures_make_no_card(
    tmp_path: Path, metrics: dict[str, Any], said: str
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "calibration.json").write_text(json.dumps(CALIBRATION))

    with pytest.raises(ValueError, match=said):
        write(tmp_path, metrics)

    assert not (tmp_path / "README.md").exists()


def test_the_card_and_plots_of_the_shipped_model_are_what_its_metrics_say(tmp_path: Path) -> None:
    for name in ("config.json", "calibration.json"):
        (tmp_path / name).write_bytes((shipped() / name).read_bytes())

    write(tmp_path, json.loads((shipped() / "metrics.json").read_text()))

    for name in ("README.md", "calibration.svg", "confusion.svg"):
        assert (tmp_path / name).read_bytes() == (shipped() / name).read_bytes()
