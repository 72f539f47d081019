"""Sources are read as they stand: folders, patterns, lists, tables, and what is near or far."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from logo_classifier.bulk.refusals import BulkError
from logo_classifier.bulk.sources import names_of, open_source


@pytest.fixture
def logos(tmp_path: Path) -> Path:
    folder = tmp_path / "logos"
    (folder / "below").mkdir(parents=True)
    for name in ("a.png", "b.JPG", "notes.txt", ".hidden.png", "below/c.png"):
        (folder / name).write_bytes(b"any")
    return folder


def found(given: object, recursive: bool = False, column: str | None = None) -> list[str]:
    return sorted(names_of(open_source(os.fspath(given), recursive, column)))  # type: ignore[call-overload]


def below(folder: Path, *names: str) -> list[str]:
    return [str(folder / name) for name in names]


def test_a_folder_means_the_pictures_in_it(logos: Path) -> None:
    assert found(logos) == below(logos, "a.png", "b.JPG")
    assert found(logos, recursive=True) == below(logos, "a.png", "b.JPG", "below/c.png")


def test_a_pattern_means_the_pictures_that_fit_it(logos: Path) -> None:
    assert found(logos / "*") == below(logos, "a.png", "b.JPG")
    assert found(logos / "**" / "*.png") == below(logos, "a.png", "below/c.png")


def test_paths_are_absolute_wherever_the_job_begins(
    logos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(logos.parent)

    assert found("logos") == found(logos)


def test_a_list_has_paths_relative_to_its_folder_and_any_name(tmp_path: Path) -> None:
    listing = tmp_path / "list.txt"
    listing.write_bytes(b"\xef\xbb\xbflogos/a.png\r\n\n/abs/b.png\nhttps://h/c.png\n  \xff.png\n")

    assert found(listing) == sorted(
        [f"{tmp_path}/logos/a.png", "/abs/b.png", "https://h/c.png", f"{tmp_path}/  \udcff.png"]
    )


def test_a_csv_has_a_column_of_paths(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text('id,path,other\n1,"a,b.png",x\n2,,y\n3,c.png,z\n', "utf-8")

    assert found(table) == below(tmp_path, "a,b.png", "c.png")
    assert found(table, column="other") == below(tmp_path, "x", "y", "z")


def test_a_table_without_the_column_is_refused_with_those_it_has(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("id,picture\n1,a.png\n", "utf-8")

    with pytest.raises(BulkError, match=r"no column path or url or bytes; --column.*id, picture"):
        open_source(str(table))
    with pytest.raises(BulkError, match="no column nothing"):
        open_source(str(table), column="nothing")


@pytest.mark.parametrize(
    ("name", "why"),
    [("a.png", "is one picture"), ("gone", "no such folder"), ("notes.doc", "not known")],
)
def test_what_is_no_source_is_refused_with_what_would_be_one(
    tmp_path: Path, name: str, why: str
) -> None:
    (tmp_path / "notes.doc").write_text("x")

    with pytest.raises(BulkError, match=why):
        open_source(str(tmp_path / name))


def test_two_lists_of_one_name_are_two_sources(tmp_path: Path) -> None:
    listing = tmp_path / "list.txt"
    listing.write_text("a.png\n")
    first = open_source(str(listing))
    listing.write_text("b.png\n")

    assert open_source(str(listing)) != first


def test_the_names_of_a_large_folder_are_not_held_in_memory(tmp_path: Path) -> None:
    """The names of 20,000 files take less than 1 MB on their way: none is kept."""
    for number in range(20_000):
        (tmp_path / f"{'x' * 100}{number}.png").touch()
    code = (
        "import sys, tracemalloc\n"
        "from logo_classifier.bulk.sources import names_of, open_source\n"
        "names = names_of(open_source(sys.argv[1]))\n"
        "next(names)\n"
        "tracemalloc.start()\n"
        "print(sum(1 for _ in names), tracemalloc.get_traced_memory()[1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    count, peak = map(int, done.stdout.split())

    assert count == 19_999
    assert peak < 1_000_000
