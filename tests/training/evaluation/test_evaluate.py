"""The evaluation of drawn logos, through the service's own path."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from logo_classifier import HybridClassifier
from logo_classifier.errors import ModelUnavailable
from logo_classifier.values import LogoType
from logo_classifier.versions.shipped import shipped
from tests.training.drawn import FinishedRun, Row, relabelled
from training.behaviour import suite
from training.evaluation.evaluate import DATA, METHODS, command_for, evaluate, show
from training.labels.dataset import read_labels


def test_the_report_says_what_was_measured_on_what(
    report: dict[str, Any], logos: Path, finished: FinishedRun
) -> None:
    weights = hashlib.sha256((finished.bundle / "model.onnx").read_bytes()).hexdigest()

    assert report["dataset"]["split"] == "bench"
    assert report["dataset"]["pictures"] == 16
    assert report["model"]["name"] == "drawn-logos"
    assert report["model"]["version"] == "0.1.0"
    assert report["model"]["sha256"] == weights
    assert report["command"] == f"make evaluate DATA={logos} MODEL={finished.bundle} SPLIT=bench"


def test_every_method_is_measured_on_what_the_service_answers(
    report: dict[str, Any], logos: Path, finished: FinishedRun
) -> None:
    classifier = HybridClassifier(finished.bundle, enable_caching=False)
    rows = read_labels(logos, "bench")

    assert tuple(report["methods"]) == METHODS
    for method, scores in report["methods"].items():
        answers = [classifier.classify(row.path, method=method) for row in rows]
        right = sum(a["logo_type"] == row.logo_type for a, row in zip(answers, rows, strict=True))
        assert scores["accuracy"] == pytest.approx(right / 16)
        assert sum(map(sum, scores["confusion_matrix"])) == 16


def test_the_routes_add_up_to_what_auto_got_right(report: dict[str, Any]) -> None:
    routes = report["routes"].values()

    assert sum(counts["pictures"] for counts in routes) == 16
    assert sum(counts["right"] for counts in routes) / 16 == report["methods"]["auto"]["accuracy"]
    assert all(" -> " in route for route in report["routes"])


def test_without_a_network_there_is_nothing_to_evaluate(logos: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="no network to evaluate: cannot read the model"):
        evaluate(logos, "bench", tmp_path / "nothing.onnx", tmp_path)


def test_the_report_is_shown_as_tables(
    report: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    show(report)

    shown = capsys.readouterr().out
    assert "16 pictures" in shown
    for method, scores in report["methods"].items():
        assert f"{method}: accuracy {scores['accuracy']:.3f}" in shown
    for route, counts in report["routes"].items():
        assert f"{route}: {counts['pictures']} pictures, {counts['right']} right" in shown


def test_the_same_labels_have_the_same_digest_and_others_another(
    logos: Path, finished: FinishedRun, report: dict[str, Any], tmp_path: Path
) -> None:
    first = next(row.id for row in read_labels(logos, "bench") if row.logo_type is LogoType.SIMPLE)

    def as_text(row: Row) -> Row:
        return row | {"logo_type": "text", "lettering": "1"} if row["id"] == first else row

    changed = relabelled(logos, tmp_path / "changed", as_text)
    again = evaluate(changed, "bench", finished.bundle, tmp_path / "out")

    assert again["dataset"]["labels_sha256"] != report["dataset"]["labels_sha256"]
    assert again["methods"]["auto"]["accuracy"] != report["methods"]["auto"]["accuracy"]


def test_a_folder_with_one_folder_a_type_is_measured_too(
    logos: Path, finished: FinishedRun, report: dict[str, Any], tmp_path: Path
) -> None:
    for row in read_labels(logos, "bench"):
        folder = tmp_path / "mine" / row.logo_type.value
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(row.path, folder)

    scored = evaluate(tmp_path / "mine", "bench", finished.bundle, tmp_path / "out")

    assert scored["methods"]["auto"]["accuracy"] == report["methods"]["auto"]["accuracy"]
    assert scored["methods"]["auto"]["trait_f1"] == {}
    show(scored)


def test_drawn_pictures_are_measured_where_they_are_asked_for(
    logos: Path,
    finished: FinishedRun,
    report: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (kind,) = (kind for kind in suite.KINDS if kind.name == "initials")
    few = partial(suite.draw_suite, kinds=[replace(kind, logos=2)])
    monkeypatch.setattr(suite, "draw_suite", few)

    scored = evaluate(logos, "bench", finished.bundle, tmp_path, behaviour=True)
    show(scored)

    assert "behaviour" not in report
    assert scored["command"].endswith(" SPLIT=bench BEHAVIOUR=1")
    assert scored["behaviour"]["kinds"]["initials"]["pictures"] == 8
    assert "initials  text" in capsys.readouterr().out


def test_every_misclassified_picture_is_on_the_page(
    report: dict[str, Any], evaluation: Path
) -> None:
    page = (evaluation / "report.html").read_text()

    wrong = 16 - round(16 * report["methods"]["auto"]["accuracy"])
    assert f"Taken for another type: {wrong}<" in page
    assert page.count("data:image/png;base64,") == wrong


def complaint(*arguments: str | Path) -> str:
    """Return what the command says where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "training.evaluation.evaluate", *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_the_command_says_what_is_wrong_with_the_data(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()

    said = complaint("--data", tmp_path / name, "--out", tmp_path)

    assert f"cannot evaluate {tmp_path / name}" in said


def test_the_command_says_that_there_is_no_network(logos: Path, tmp_path: Path) -> None:
    said = complaint("--data", logos, "--model", tmp_path / "nothing.onnx", "--out", tmp_path)

    assert said.endswith(
        "no network to evaluate: cannot read the model: No such file or directory (nothing.onnx)\n"
    )


def test_all_files_that_are_no_pictures_are_named_and_hidden_ones_left_out(
    logos: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "mine" / "simple"
    folder.mkdir(parents=True)
    shutil.copy(logos / "images" / "simple-30.png", folder)
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    scored = evaluate(tmp_path / "mine", "bench", shipped(), tmp_path / "out")
    assert scored["dataset"]["pictures"] == 1
    (folder / "README").write_text("not a picture")
    (folder / "cut.png").write_bytes((folder / "simple-30.png").read_bytes()[:-60])

    said = r"^2 files are refused\n.*mine/simple/README: the data is not a PNG.*\n.*/cut.png: "
    with pytest.raises(ValueError, match=said):
        evaluate(tmp_path / "mine", "bench", shipped(), tmp_path / "out")


def test_the_command_on_record_leaves_out_what_make_takes_by_itself() -> None:
    assert command_for(DATA, "bench", None, variants=False) == "make evaluate SPLIT=bench"
    assert command_for(DATA, "train", shipped(), variants=True, behaviour=True) == (
        "make evaluate SPLIT=train VARIANTS=1 BEHAVIOUR=1"
    )


def test_the_command_on_record_names_other_data_and_another_model() -> None:
    model = shipped().parent / "1.5.0"

    assert command_for(Path("my photos"), "bench", model, variants=False) == (
        f"make evaluate 'DATA=my photos' MODEL={model} SPLIT=bench"
    )


def test_what_make_takes_by_itself_is_what_the_evaluation_takes_it_for() -> None:
    makefile = (DATA.parent / "Makefile").read_text().splitlines()

    assert f"DATA ?= {DATA.relative_to(DATA.parent)}" in makefile
    assert "MODEL ?= models/$(shell cat models/shipped)" in makefile
    pointer = (DATA.parent / "models" / "shipped").read_text().strip()
    assert shipped() == DATA.parent / "models" / pointer
