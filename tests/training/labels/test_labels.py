"""The committed labels hold together, and labels of other forms are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from logo_classifier.values import LogoType
from training.labels.dataset import Example, flag_targets, read_examples, read_labels, type_of

COMMITTED = Path(__file__).parents[3] / "data"


def test_the_committed_labels_say_of_every_picture_the_type_of_its_flags() -> None:
    rows = read_labels(COMMITTED)

    assert len(rows) > 8_000
    assert len({row.id for row in rows}) == len(rows)
    for row in rows:
        assert row.flags is not None
        assert row.logo_type is type_of(*row.flags), row.id


def test_no_brand_of_the_committed_extra_pictures_is_on_the_bench() -> None:
    rows = read_labels(COMMITTED)
    # The other source names its pictures by tickers, which other brands' first words repeat.
    bench = {row.brand for row in rows if row.split == "bench" and row.source == "vlz"}

    assert len(bench) > 100
    assert not bench & {row.brand for row in rows if row.split == "extra"}


def test_folders_named_by_type_are_read_as_labels(tmp_path: Path) -> None:
    for name in ("text/one.png", "complex/two.gif", "text/three.bmp"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "notes.md").write_text("not a picture")

    rows = read_examples(tmp_path, "bench")

    assert [(row.path.name, row.logo_type.value) for row in rows] == [
        ("two.gif", "complex"),
        ("one.png", "text"),
        ("three.bmp", "text"),
    ]
    assert all(row.flags is None for row in rows)


def test_a_csv_of_paths_is_read_as_labels(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("path,logo_type\nlogos/a.png,gradient\n")

    (row,) = read_examples(file, "bench")

    assert (row.path, row.logo_type) == (tmp_path / "logos/a.png", LogoType.GRADIENT)


def test_hidden_files_and_folders_are_no_pictures(tmp_path: Path) -> None:
    for name in ("text/one.png", "text/.DS_Store", ".cache/two.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")

    assert [row.path.name for row in read_examples(tmp_path, "bench")] == ["one.png"]


def test_a_csv_of_paths_without_types_is_refused_by_the_missing_column(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("path,kind\nlogos/a.png,gradient\n")

    with pytest.raises(ValueError, match=r"mine\.csv has no column logo_type$"):
        read_examples(file, "bench")


def test_a_csv_as_spreadsheets_save_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("path,logo_type\nlogos/a.png,gradient\n", encoding="utf-8-sig")

    assert [row.logo_type for row in read_examples(file, "bench")] == [LogoType.GRADIENT]


@pytest.mark.parametrize(("row", "told"), [("b.png,banner", "'banner'"), ("b.png", "None")])
def test_a_row_without_one_of_the_types_is_refused_by_its_line(
    tmp_path: Path, row: str, told: str
) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(f"path,logo_type\na.png,text\n{row}\n")

    with pytest.raises(ValueError, match=rf"^line 3 of .*mine\.csv: {told} is none of simple, "):
        read_examples(file, "bench")


def test_a_folder_of_another_name_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "banner").mkdir()
    (tmp_path / "banner" / "one.png").write_bytes(b"")

    with pytest.raises(ValueError, match="banner"):
        read_examples(tmp_path, "bench")


def test_data_without_any_picture_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no labelled picture in .* \(split test\)"):
        read_examples(COMMITTED, "test")


def test_pictures_whose_flags_nobody_judged_have_no_flag_targets(tmp_path: Path) -> None:
    unjudged = Example("one", tmp_path, LogoType.TEXT, None, "", "", "one")

    with pytest.raises(ValueError, match="no flags"):
        flag_targets([unjudged])
