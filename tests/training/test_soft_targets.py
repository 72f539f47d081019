"""What teachers saw is kept with the labels it belongs to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.soft_targets import SoftTargets, read_soft_targets

LABELS = "ab" * 32


@pytest.fixture
def soft_targets() -> SoftTargets:
    values = np.random.default_rng(1).random((2, 5, 7)).astype(np.float16)
    return SoftTargets(values, LABELS)


def test_what_is_written_is_read_again(soft_targets: SoftTargets, tmp_path: Path) -> None:
    soft_targets.write(tmp_path / "runs" / "soft_targets.npz")

    again = read_soft_targets(tmp_path / "runs" / "soft_targets.npz")

    assert np.array_equal(again.probabilities, soft_targets.probabilities)
    assert again.probabilities.dtype == np.float16
    assert (again.labels_sha256, again.sha256) == (LABELS, soft_targets.sha256)
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["soft_targets.npz"]


def test_other_answers_have_another_digest(soft_targets: SoftTargets) -> None:
    assert (
        SoftTargets(soft_targets.probabilities[::-1].copy(), LABELS).sha256 != soft_targets.sha256
    )


@pytest.mark.parametrize(
    ("views", "pictures", "labels"), [(2, 4, LABELS), (3, 5, LABELS), (2, 5, "cd" * 32)]
)
def test_answers_about_other_views_pictures_or_labels_are_refused(
    soft_targets: SoftTargets, views: int, pictures: int, labels: str
) -> None:
    with pytest.raises(ValueError, match=f"2 views of 5 .* not {views} of {pictures}"):
        soft_targets.check(views, pictures, labels)


def test_answers_about_these_pictures_are_not(soft_targets: SoftTargets) -> None:
    soft_targets.check(2, 5, LABELS)
