"""The commands about versions run as processes of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from logo_classifier import Registry
from tests.logo_classifier.cli.test_program import ROOT, run


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Return a copy of the registry that a test may change."""
    return Path(shutil.copytree(ROOT / "models", tmp_path / "models"))


def test_versions_are_listed_for_other_programs_with_tabs() -> None:
    done = run("models", "list")

    head, *rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, "")
    assert head[:2] == ["version", "shipped"]
    assert [row[0] for row in rows] == Registry().versions()
    assert [row[0] for row in rows if row[1] == "*"] == [Registry().shipped()]


def test_a_version_is_shown_with_its_digests() -> None:
    done = run("models", "show", "logo-type/1.5.0")

    assert done.returncode == 0
    assert "SHA-256 of golden.json\t" in done.stdout


def test_a_version_that_is_not_there_is_an_error_of_use_that_names_what_there_is() -> None:
    done = run("models", "verify", "logo-type/9.9.9")

    assert (done.returncode, done.stdout) == (2, "")
    assert "there are: logo-type/1.5.0, logo-type/1.6.0" in done.stderr


def test_a_good_version_verifies_and_a_damaged_one_does_not(models: Path) -> None:
    good = run("models", "--models-dir", str(models), "verify", "logo-type/1.6.0")
    (models / "logo-type" / "1.6.0" / "rules.json").write_text("{}")
    bad = run("models", "--models-dir", str(models), "verify", "logo-type/1.6.0")

    said = "logo-type/1.6.0 verifies: 16 golden pictures are answered as recorded\n"
    assert (good.returncode, good.stdout, good.stderr) == (0, said, "")
    assert bad.returncode == 1
    assert "rules.json is not what config.json names by its SHA-256" in bad.stderr


def test_two_versions_are_compared_on_a_csv(golden: dict[Path, str], tmp_path: Path) -> None:
    lines = [f"{path},{kind}" for path, kind in golden.items()]
    (tmp_path / "labels.csv").write_text("\n".join(["path,logo_type", *lines]), "utf-8")
    both = ("logo-type/1.5.0", "logo-type/1.6.0")

    done = run("models", "compare", *both, "--data", str(tmp_path / "labels.csv"))

    assert (done.returncode, done.stderr) == (0, "")
    assert "same type from both\t16 of 16" in done.stdout
    assert "These pictures cannot tell: 0 of 16 pictures are discordant" in done.stdout


def test_labels_of_no_use_are_an_error_of_use(tmp_path: Path) -> None:
    both = ("logo-type/1.5.0", "logo-type/1.6.0")

    done = run("models", "compare", *both, "--data", str(tmp_path))

    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no labelled picture in" in done.stderr
