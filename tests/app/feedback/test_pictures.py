"""Pictures of answers are kept within bounds, behind the replies."""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter
from pathlib import Path

import pytest

from app.feedback.pictures import MOST_WAITING_BYTES, Kept, PictureFolder, PictureKeeper

DAY_SECONDS = 86_400


def name(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> PictureFolder:
    return PictureFolder(tmp_path / "kept", most_bytes=1000, keep_seconds=DAY_SECONDS)


def names(folder: PictureFolder) -> set[str]:
    return {path.stem for path in folder.folder.iterdir()}


def age(path: Path | None, seconds: float) -> None:
    assert path is not None
    when = time.time() - seconds
    os.utime(path, (when, when))


def test_a_picture_is_found_by_its_digest_with_its_bytes(folder: PictureFolder) -> None:
    assert folder.find(name(1)) is None
    assert folder.put(name(1), "png", b"one") is Kept.KEPT
    assert folder.put(name(1), "png", b"one") is Kept.KNOWN

    found = folder.find(name(1))
    assert found is not None
    assert (found.name, found.read_bytes()) == (f"{name(1)}.png", b"one")
    assert folder.folder.stat().st_mode & 0o777 == 0o700


def test_the_oldest_go_when_there_are_too_many_bytes(folder: PictureFolder) -> None:
    for number in range(5):
        folder.put(name(number), "png", b"x" * 300)
        age(folder.find(name(number)), 100 - number)

    assert folder.trim() == 900
    assert names(folder) == {name(2), name(3), name(4)}


def test_an_answer_makes_a_picture_young_again(folder: PictureFolder) -> None:
    for number in range(4):
        folder.put(name(number), "png", b"x" * 300)
        age(folder.find(name(number)), 100 - number)
    folder.put(name(0), "png", b"x" * 300)

    folder.trim()

    assert names(folder) == {name(0), name(2), name(3)}


def test_what_is_too_old_goes(folder: PictureFolder) -> None:
    folder.put(name(1), "png", b"one")
    folder.put(name(2), "png", b"two")
    age(folder.find(name(1)), 2 * DAY_SECONDS)

    folder.trim()

    assert names(folder) == {name(2)}


def test_files_of_others_are_let_be(folder: PictureFolder) -> None:
    folder.put(name(1), "png", b"one")
    other = folder.folder / "holiday.png"
    other.write_bytes(b"x" * 5000)
    age(other, 5 * DAY_SECONDS)

    folder.trim()

    assert other.exists()
    assert folder.find(name(1))


def test_pictures_are_written_and_the_bound_holds(folder: PictureFolder) -> None:
    outcomes: Counter[Kept] = Counter()
    keeper = PictureKeeper(folder, lambda outcome: outcomes.update([outcome]))
    for number in range(50):
        keeper.add(name(number), "png", b"x" * 100)
    keeper.add(name(49), "png", b"x" * 100)
    keeper.close()

    assert outcomes == {Kept.KEPT: 50, Kept.KNOWN: 1}
    assert len(names(folder)) == 10


def test_more_than_may_wait_is_dropped(folder: PictureFolder) -> None:
    outcomes: Counter[Kept] = Counter()
    keeper = PictureKeeper(folder, lambda outcome: outcomes.update([outcome]))
    keeper.add(name(1), "png", b"x" * (MOST_WAITING_BYTES + 1))
    keeper.close()

    assert outcomes == {Kept.DROPPED: 1}


def test_a_folder_that_cannot_be_written_costs_the_pictures_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    folder = PictureFolder(tmp_path / "file", most_bytes=1000, keep_seconds=DAY_SECONDS)
    outcomes: Counter[Kept] = Counter()
    keeper = PictureKeeper(folder, lambda outcome: outcomes.update([outcome]))
    keeper.add(name(1), "png", b"one")
    keeper.add(name(2), "png", b"two")
    keeper.close()

    assert outcomes == {Kept.FAILED: 2}
    assert len(caplog.records) == 1
