"""Files are whole or not there, whoever is killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from logo_classifier.bulk.folders import sweep, whole_file

KILLED = """
import os, signal, sys
from pathlib import Path
from logo_classifier.bulk.folders import whole_file
with whole_file(Path(sys.argv[1])) as draft:
    draft.write_text("half of")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_writer_that_is_killed_leaves_no_file_of_this_name(tmp_path: Path) -> None:
    place = tmp_path / "part"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(place)], check=False)

    assert killed.returncode == -9
    assert not place.exists()
    assert len(list(tmp_path.iterdir())) == 1
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_writer_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    place = tmp_path / "part"
    place.write_text("before")

    with pytest.raises(UnicodeEncodeError), whole_file(place) as draft:
        draft.write_text("half of \udcff", "utf-8")

    assert place.read_text() == "before"
    assert list(tmp_path.iterdir()) == [place]


def test_what_was_written_appears_at_the_end(tmp_path: Path) -> None:
    place = tmp_path / "part"

    with whole_file(place) as draft:
        draft.write_text("all")
        assert not place.exists()

    assert place.read_text() == "all"
