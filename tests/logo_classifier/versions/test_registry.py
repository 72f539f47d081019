"""A registry finds versions by name, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from logo_classifier import ModelUnavailable
from logo_classifier.versions.registry import Registry, is_version_name

ROOT = Path(__file__).parents[3]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Return a folder with two versions that are described and one folder that is not."""
    for version in ("1.9.0", "1.10.0"):
        place = tmp_path / "models" / "mine" / version
        place.mkdir(parents=True)
        shutil.copy(ROOT / "models" / "logo-type" / "1.6.0" / "config.json", place)
    (tmp_path / "models" / "mine" / "notes").mkdir()
    return tmp_path / "models"


def test_versions_are_ordered_by_number_and_need_a_description(models: Path) -> None:
    assert Registry(models).versions() == ["mine/1.9.0", "mine/1.10.0"]


def test_a_name_leads_to_its_folder(models: Path) -> None:
    assert Registry(models).resolve("mine/1.10.0") == models / "mine" / "1.10.0"


@pytest.mark.parametrize(
    "text",
    ["", "mine", "mine/", "/etc/passwd", "../mine/1.9.0", "mine/../mine", "mine/1.9.0/x", "a/..b"],
)
def test_what_is_no_name_is_refused_with_what_there_is(models: Path, text: str) -> None:
    with pytest.raises(ModelUnavailable, match=r"write name/version; there are: mine/1\.9\.0"):
        Registry(models).resolve(text)


def test_a_version_that_is_not_there_is_named_with_what_there_is(models: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"no model version mine/3\.0; there are: mine/1"):
        Registry(models).resolve("mine/3.0")


def test_a_link_that_leads_out_is_refused(models: Path, tmp_path: Path) -> None:
    (models / "mine" / "1.9.0").rename(tmp_path / "elsewhere")
    (models / "mine" / "1.9.0").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(ModelUnavailable, match="leads out of the folder of models"):
        Registry(models).resolve("mine/1.9.0")
    assert Registry(models).versions() == ["mine/1.10.0"]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="is not there"):
        Registry(tmp_path / "none")


def test_the_card_has_the_measured_scores_and_every_digest() -> None:
    registry = Registry()

    card = registry.card(registry.shipped())

    assert (card.split, card.pictures, card.error) == ("bench", 346, None)
    assert card.accuracy is not None
    assert 0.9 < card.accuracy < 1
    assert {"model.onnx", "golden.json"} <= card.sha256.keys()


def test_a_damaged_description_is_listed_as_such(models: Path) -> None:
    (models / "mine" / "1.9.0" / "config.json").write_text("[")

    assert Registry(models).card("mine/1.9.0").error == "its description is damaged"


def test_the_form_of_a_name_is_checked_without_a_folder() -> None:
    assert is_version_name("logo-type/1.6.0")
    assert not is_version_name("logo-type/..")
