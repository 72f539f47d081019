"""Other projects' valid and broken pictures are classified or refused, and nothing else happens."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from logo_classifier import HybridClassifier
from logo_classifier.values import LogoType

OWN = Path(__file__).parent / "data" / "corpora"
GIVEN = Path(os.environ.get("CORPORA", OWN))
"""A folder with more of such suites, all of whose files are run."""

REFUSALS = {400, 413, 415, 422}


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md")


def is_broken(path: Path) -> bool:
    """Tell whether the suite that a file comes from says that it must be refused."""
    return path.name.startswith(("png__x", "bad__"))


FILES = sorted({*files_of(OWN), *files_of(GIVEN)})
BROKEN = [path for path in FILES if is_broken(path)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_picture_is_answered_with_a_type_or_a_refusal(client: FlaskClient, path: Path) -> None:
    reply = client.post(
        "/classify", data=path.read_bytes(), content_type="application/octet-stream"
    )

    assert reply.json is not None
    if reply.status_code == 200:
        assert reply.json["logo_type"] in list(LogoType)
    else:
        assert reply.status_code in REFUSALS
        assert "logo_type" not in reply.json
        assert reply.json["detail"]


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.name)
def test_what_its_suite_calls_broken_is_refused(classifier: HybridClassifier, path: Path) -> None:
    assert "error" in classifier.classify_safe(path.read_bytes())


def test_the_valid_pictures_kept_here_are_classified(classifier: HybridClassifier) -> None:
    valid = [
        path
        for path in files_of(OWN)
        if path.name.startswith(("png__", "images__")) and not is_broken(path)
    ]

    answers = {path.name: classifier.classify_safe(path) for path in valid}
    refused = {name: answer["error"] for name, answer in answers.items() if "error" in answer}

    assert len(answers) - len(refused) > 15
    assert {error["type"] for error in refused.values()} <= {"bad_dimensions"}
