"""An address names a store of feedback."""

from __future__ import annotations

from pathlib import Path

import pytest

from logo_classifier.errors import BadParameter
from logo_classifier.feedback.opening import open_feedback
from logo_classifier.feedback.records import Accepted
from logo_classifier.values import LogoType


def test_an_address_opens_its_file(tmp_path: Path) -> None:
    store = open_feedback(f"sqlite:///{tmp_path}/feedback.db")

    assert store.add_label("a", LogoType.TEXT, "c", 1.0) is Accepted.UNKNOWN
    assert (tmp_path / "feedback.db").is_file()


@pytest.mark.parametrize("url", ["mysql://name:secret@host/db", "sqlite:///", "secret"])
def test_another_address_is_refused(url: str) -> None:
    with pytest.raises(BadParameter, match=r"sqlite:///feedback\.db"):
        open_feedback(url)


def test_a_refused_address_keeps_its_password() -> None:
    with pytest.raises(BadParameter) as refused:
        open_feedback("mysql://name:secret@host/db")

    assert "secret" not in str(refused.value)
