"""Pictures that clients reported join a dataset, and the rules are fitted on them."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from logo_classifier import HybridClassifier
from training.labels.dataset import read_labels
from training.labels.reported import add_reported

GOLDEN = Path(__file__).parents[3] / "models" / "golden"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data" / "images").mkdir(parents=True)
    header = (
        "id,logo_type,lettering,gradient,complex,agreed,split,origin,package,name,licence,fold\n"
    )
    (tmp_path / "data" / "labels.csv").write_text(header + "old-1,text,1,0,0,1,train,,,a.png,,0\n")
    return tmp_path / "data"


def reported(folder: Path, **types: str) -> Path:
    for name in types:
        shutil.copy(GOLDEN / f"{name}.png", folder)
    with (folder / "reported.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["request_id", "logo_type", "path"])
        writer.writerows(("r", logo_type, f"{name}.png") for name, logo_type in types.items())
    return folder / "reported.csv"


def test_reported_pictures_are_for_fitting_alone_and_have_flags_that_give_their_type(
    tmp_path: Path, data: Path, classifier: HybridClassifier
) -> None:
    labels = reported(tmp_path, moon="gradient", snyk="complex", turret="text", zendesk="simple")

    assert add_reported(labels, data, classifier) == (4, [])
    assert add_reported(labels, data, classifier) == (0, [])

    examples = read_labels(data, "extra")
    assert [each.logo_type.value for each in examples] == ["gradient", "complex", "text", "simple"]
    flags = [each.flags for each in examples]
    assert flags[2:] == [(True, False, False), (False, False, False)]
    assert flags[0] is not None
    assert flags[0][1:] == (True, False)
    assert flags[1] is not None
    assert flags[1][2]
    assert all(each.path.is_file() and each.fold is None for each in examples)


def test_a_picture_that_cannot_be_read_is_named(
    tmp_path: Path, data: Path, classifier: HybridClassifier
) -> None:
    labels = reported(tmp_path, moon="gradient")
    (tmp_path / "moon.png").write_bytes(b"no picture")

    added, (refusal,) = add_reported(labels, data, classifier)

    assert added == 0
    assert refusal.startswith(f"{tmp_path / 'moon.png'}: ")
    assert not list((data / "images").iterdir())
