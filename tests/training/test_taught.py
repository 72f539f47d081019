"""What teachers saw is kept with the labels it belongs to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.taught import Taught, read_taught

LABELS = "ab" * 32


@pytest.fixture
def taught() -> Taught:
    values = np.random.default_rng(1).random((2, 5, 7)).astype(np.float16)
    return Taught(values, LABELS)


def test_what_is_written_is_read_again(taught: Taught, tmp_path: Path) -> None:
    taught.write(tmp_path / "runs" / "taught.npz")

    again = read_taught(tmp_path / "runs" / "taught.npz")

    assert np.array_equal(again.probabilities, taught.probabilities)
    assert again.probabilities.dtype == np.float16
    assert (again.labels_sha256, again.sha256) == (LABELS, taught.sha256)
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["taught.npz"]


def test_other_answers_have_another_digest(taught: Taught) -> None:
    assert Taught(taught.probabilities[::-1].copy(), LABELS).sha256 != taught.sha256


@pytest.mark.parametrize(("pictures", "labels"), [(4, LABELS), (5, "cd" * 32)])
def test_answers_about_other_pictures_or_labels_are_refused(
    taught: Taught, pictures: int, labels: str
) -> None:
    with pytest.raises(ValueError, match=f"5 pictures of labels abababab, not {pictures}"):
        taught.check(pictures, labels)


def test_answers_about_these_pictures_are_not(taught: Taught) -> None:
    taught.check(5, LABELS)
