"""The whole recipe on drawn logos: train, export, calibrate, serve, evaluate, card."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from logo_classifier import HybridClassifier
from logo_classifier.values import LogoType
from tests.training.drawn import FinishedRun
from training.labels.dataset import Example


def test_the_service_answers_with_the_network_that_was_trained(
    finished: FinishedRun, examples: list[Example]
) -> None:
    classifier = HybridClassifier(finished.bundle)

    reply = classifier.classify(examples[0].path, method="neural_network")

    assert reply["method_used"] == "neural_network"
    assert reply["model"] == {"name": "drawn-logos", "version": "0.1.0"}
    assert reply["calibration_applied"]
    assert reply["logo_type"] in list(LogoType)
    assert sum(reply["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert classifier.get_model_info()["input_side_px"] == 64


def test_the_commands_write_the_report_and_its_card(
    logos: Path, finished: FinishedRun, report: dict[str, Any], tmp_path: Path
) -> None:
    folder, metrics_file = finished.bundle, tmp_path / "metrics.json"
    where = ["--data", str(logos), "--model", str(folder), "--out", str(tmp_path)]
    card = ["training.evaluation.card", "--model", str(folder), "--metrics", str(metrics_file)]

    for arguments in (["training.evaluation.evaluate", *where], card):
        subprocess.run([sys.executable, "-m", *arguments], check=True, capture_output=True)

    metrics = json.loads(metrics_file.read_text())
    assert metrics == json.loads(json.dumps(report))
    assert metrics == json.loads((folder / "metrics.json").read_text())
    text = (folder / "README.md").read_text()
    assert text.startswith("# drawn-logos 0.1.0\n")
    assert f"| auto | {100 * metrics['methods']['auto']['accuracy']:.1f} % |" in text
    assert "<html" in (tmp_path / "report.html").read_text()
