"""What the page about batch jobs shows runs as it is printed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.logo_classifier.bulk.jobs import ROOT

PAGE = (ROOT / "docs" / "batch-jobs.md").read_text("utf-8")
SHOWN = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.M | re.S)
    for line in block.splitlines()
    if line.startswith("logo-classifier batch ") and "s3://" not in line and "--engine" not in line
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the sources that the page names, three pictures each."""
    place = tmp_path_factory.mktemp("place")
    (place / "logos").mkdir()
    pictures = sorted((ROOT / "models" / "golden").glob("*.png"))[:3]
    names = [f"logos/{picture.name}" for picture in pictures]
    for picture, name in zip(pictures, names, strict=True):
        (place / name).write_bytes(picture.read_bytes())
    (place / "paths.txt").write_text("\n".join(names))
    (place / "table.csv").write_text("\n".join(["path", *names]))
    data = [picture.read_bytes() for picture in pictures]
    pq.write_table(pa.table({"image": data}), place / "table.parquet")
    return place


def test_its_commands_run_in_their_order(place: Path) -> None:
    assert len(SHOWN) >= 8
    for line in SHOWN:
        command = [sys.executable, "-m", "logo_classifier", *shlex.split(line)[1:]]
        done = subprocess.run(
            command,
            cwd=place,
            env={"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )

        assert (done.returncode, line) == (0, line), done.stderr
    assert len(list(place.glob("answers*/parts/part-000000.*"))) == 6
    assert (place / "answers.html").is_file()

    (block,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S)
    read = subprocess.run(
        [sys.executable, "-c", block], cwd=place, capture_output=True, text=True, check=True
    )
    assert read.stdout.startswith("3 ")
