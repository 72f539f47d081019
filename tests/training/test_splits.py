"""Which pictures are learnt from, and which judge."""

from __future__ import annotations

from pathlib import Path

from tests.training.drawn import FinishedRun
from training.calibrate import calibrate
from training.dataset import Example
from training.train import prepare


def test_pictures_of_the_extra_split_are_learnt_from_and_judge_nothing(
    logos: Path, finished: FinishedRun, examples: list[Example], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for part in ("images", "packages"):
        (data / part).symlink_to(logos / part)
    labels = (logos / "labels.csv").read_text()
    moved = [row for index, row in enumerate(examples) if index % 2]
    for row in moved:
        line = next(line for line in labels.splitlines() if line.startswith(f"{row.id},"))
        labels = labels.replace(line, line.replace(",train,", ",extra,"))
    (data / "labels.csv").write_text(labels)

    material, all_of_train = prepare(data), prepare(logos)

    assert len(material.labelled.cutouts) == len(all_of_train.labelled.cutouts)
    watched = {row.id for row in material.watched}
    assert watched < {row.id for row in all_of_train.watched}
    assert not watched & {row.id for row in moved}
    undisputed = sum(not row.disputed for row in material.watched)
    assert calibrate(data, finished.bundle)["pictures"] == undisputed
