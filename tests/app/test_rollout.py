"""A version serves once it was verified; until then the last verified one does."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.config import Settings
from app.rollout import asked_for, require, settle
from logo_classifier import ModelUnavailable
from training.sealing import seal

ROOT = Path(__file__).parents[2]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Return a copy of the registry that a test may change."""
    return Path(shutil.copytree(ROOT / "models", tmp_path / "models"))


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    """Return the folder in which workers remember what they verified."""
    (tmp_path / "memory").mkdir()
    return tmp_path / "memory"


def damage(models: Path, version: str) -> None:
    with (models / "logo-type" / version / "rules.json").open("a") as rules:
        rules.write(" ")


def record_otherwise(models: Path, version: str) -> None:
    bundle = models / "logo-type" / version
    text = (bundle / "golden.json").read_text("utf-8")
    (bundle / "golden.json").write_text(text.replace('"simple"', '"text"', 1), "utf-8")
    seal(bundle)


def serving(settings: Settings, memory: Path) -> tuple[str | None, str | None]:
    """Return the version that a worker of these settings serves, and the refused one."""
    settled = settle(settings, memory)
    version: str | None = settled.classifier.get_model_info()["version"]
    return version, settled.refused


@pytest.mark.parametrize("spoil", [damage, record_otherwise])
def test_a_bad_version_leaves_the_last_verified_one_serving(
    models: Path, memory: Path, spoil: object
) -> None:
    assert callable(spoil)
    good = Settings(models_dir=models, model="logo-type/1.6.0")
    assert serving(good, memory) == ("1.6.0", None)
    spoil(models, "1.5.0")

    bad = Settings(models_dir=models, model="logo-type/1.5.0")

    assert serving(bad, memory) == ("1.6.0", "logo-type/1.5.0")


def test_a_version_that_is_not_there_leaves_the_last_one_too(models: Path, memory: Path) -> None:
    settle(Settings(models_dir=models), memory)

    missing = Settings(models_dir=models, model="logo-type/9.9.9")

    assert serving(missing, memory) == ("1.6.0", "logo-type/9.9.9")


@pytest.mark.parametrize("spoil", [damage, record_otherwise])
def test_at_a_first_start_the_rules_answer_alone_for_a_bad_version(
    models: Path, memory: Path, spoil: object
) -> None:
    assert callable(spoil)
    spoil(models, "1.6.0")

    assert serving(Settings(models_dir=models), memory) == (None, "logo-type/1.6.0")


def test_a_last_version_that_was_changed_since_does_not_serve(models: Path, memory: Path) -> None:
    settle(Settings(models_dir=models), memory)
    record_otherwise(models, "1.6.0")

    bad = Settings(models_dir=models, model="logo-type/9.9.8")

    assert serving(bad, memory) == (None, "logo-type/9.9.8")


def test_what_is_asked_for_is_named_without_a_path(tmp_path: Path) -> None:
    assert asked_for(Settings(model_path=tmp_path)) == "LOGO_MODEL_PATH"
    assert asked_for(Settings(model="logo-type/1.5.0")) == "logo-type/1.5.0"
    assert asked_for(Settings(models_dir=tmp_path)) == "the shipped model"


def test_a_requirement_says_what_is_wrong(models: Path) -> None:
    damage(models, "1.6.0")

    with pytest.raises(ModelUnavailable, match=r"rules\.json is not what config\.json names"):
        require(Settings(models_dir=models))
