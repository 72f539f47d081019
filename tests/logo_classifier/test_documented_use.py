"""The documented use, written as an outsider would write it."""

from __future__ import annotations

import contextlib
import doctest
import json
import os
import shutil
from itertools import cycle, islice
from pathlib import Path

import pytest

import logo_classifier
from logo_classifier import HybridClassifier

TYPES = {"simple", "text", "gradient", "complex"}
METHODS = {"rule_based", "neural_network", "ensemble"}
ROOT = Path(__file__).parents[2]


@pytest.fixture
def logos(golden: dict[Path, str]) -> list[str]:
    return [str(path) for path in golden]


def test_one_logo_by_its_path(classifier: HybridClassifier, logos: list[str]) -> None:
    result = classifier.classify(logos[0])

    assert result["logo_type"] in TYPES
    assert 0 < result["confidence"] <= 1
    assert result["method_used"] in METHODS
    assert result["reasoning"]
    assert result["processing_time"] > 0
    assert sum(result["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert result["logo_type"] in result["prediction_set"]


def test_one_logo_within_a_second(classifier: HybridClassifier, logos: list[str]) -> None:
    result = classifier.classify(logos[1], time_budget=1.0)

    assert result["logo_type"] in TYPES


def test_a_safe_call(classifier: HybridClassifier, logos: list[str]) -> None:
    result = classifier.classify_safe(logos[2])
    missing = classifier.classify_safe("nonexistent.png")

    assert "error" not in result
    assert missing["error"]["type"] == "image_not_found"
    assert missing.get("logo_type") is None


def test_a_few_logos_at_once(classifier: HybridClassifier, logos: list[str]) -> None:
    results = classifier.classify_batch(logos[:3])

    for path, result in zip(logos[:3], results, strict=True):
        assert result["logo_type"] == classifier.classify(path)["logo_type"]


def test_input_is_checked_beforehand(classifier: HybridClassifier, tmp_path: Path) -> None:
    refused = []
    page = tmp_path / "page.png"
    page.write_text("<html></html>", "utf-8")
    for path in ("nonexistent.png", str(page), str(tmp_path)):
        try:
            classifier.validate_input(path)
        except ValueError as error:
            refused.append(str(error))

    assert len(refused) == 3
    assert all(refused)


def test_falling_back(classifier: HybridClassifier, logos: list[str]) -> None:
    assert classifier.classify_with_fallbacks(logos[3])["logo_type"] in TYPES
    assert "error" in classifier.classify_with_fallbacks("nonexistent.png")


def test_memory_is_watched_and_freed(logos: list[str]) -> None:
    classifier = HybridClassifier()
    classifier.memory_optimizer.memory_threshold = 150

    first = classifier.classify(logos[0])
    usage = classifier.get_memory_usage()
    classifier.cleanup_memory()

    assert usage["rss_mb"] > 0
    assert usage["model_loaded"] is True
    assert usage["threshold_mb"] == 150
    assert classifier.get_memory_usage()["cached_results"] == 0
    assert classifier.classify(logos[0])["logo_type"] == first["logo_type"]


def test_the_share_of_cache_hits(logos: list[str]) -> None:
    classifier = HybridClassifier()
    classifier.classify(logos[0])
    classifier.classify(logos[0], method="rule_based")

    stats = classifier.get_performance_stats()
    hit_rate = stats.get("feature_cache_hits", 0) / stats.get("total_classifications", 1)

    assert hit_rate == 0.5
    assert sum(stats["feature_extraction_time"]) > 0


def test_a_folder_of_logos_becomes_one_json_file(
    classifier: HybridClassifier, logos: list[str], tmp_path: Path
) -> None:
    folder, batch_size = tmp_path / "logos", 20
    folder.mkdir()
    for index, source in enumerate(islice(cycle(logos), 45)):
        shutil.copy(source, folder / f"{index:02}.png")
    (folder / "45.png").write_bytes(b"not a picture")

    files = sorted(name for name in os.listdir(folder) if name.endswith(".png"))
    results = []
    for start in range(0, len(files), batch_size):
        batch = [os.path.join(folder, name) for name in files[start : start + batch_size]]
        results.extend(classifier.classify_batch(batch))
    report = tmp_path / "results.json"
    with report.open("w", encoding="utf-8") as file:
        json.dump(dict(zip(files, results, strict=True)), file, indent=2)

    read = json.loads(report.read_text("utf-8"))
    assert list(read) == files
    assert read.pop("45.png")["error"]["type"] == "unsupported_format"
    assert {result["logo_type"] for result in read.values()} == TYPES


def test_the_example_in_the_package_s_docstring_is_true() -> None:
    with contextlib.chdir(ROOT):
        done = doctest.testmod(logo_classifier)

    assert (done.attempted, done.failed) == (2, 0)
