"""A job begins once; whoever asks for something else in its folder is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from logo_classifier.bulk.job import finish, opened_job, read_status, rows_of, unfinished
from logo_classifier.bulk.local import LocalEngine
from logo_classifier.bulk.manifest import MANIFEST
from logo_classifier.bulk.refusals import BulkError
from logo_classifier.bulk.settings import Settings
from logo_classifier.bulk.sources import Source, open_source
from tests.logo_classifier.bulk.drive import settings_of
from tests.logo_classifier.bulk.jobs import ROOT, Start, parts, wait_for

GOLDEN = ROOT / "models" / "golden"


def begin(folder: Path, source: Source, settings: Settings | None = None) -> None:
    with opened_job(folder, source, settings or settings_of(10)) as job:
        LocalEngine(job, 1, lambda progress: None).run(unfinished(job))
        finish(job)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a complete job about the golden pictures."""
    folder = tmp_path_factory.mktemp("jobs") / "job"
    begin(folder, open_source(str(GOLDEN)))
    return folder


def test_a_complete_job_says_so_with_counts_and_digests(done: Path) -> None:
    status, manifest = read_status(done), json.loads((done / MANIFEST).read_text("utf-8"))

    assert status.complete
    assert status.pictures == manifest["counts"]["pictures"] == 16
    assert manifest["settings"]["model"]["name"] == (ROOT / "models/shipped").read_text().strip()
    assert sorted(manifest["parts"]) == sorted(p.name for p in (done / "parts").iterdir())
    assert manifest["finished"] >= manifest["started"]


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (settings_of(20), "pictures_per_shard was 10 and is 20"),
        (settings_of(10, "csv"), "format was 'jsonl' and is 'csv'"),
    ],
)
def test_a_resume_with_other_settings_is_refused_with_the_cure(
    done: Path, asked: Settings, named: str
) -> None:
    with pytest.raises(BulkError, match=rf"{named}.*Ask for the same, or name a new folder"):
        begin(done, open_source(str(GOLDEN)), asked)


def test_a_resume_with_another_source_is_refused(done: Path, many: Path) -> None:
    with pytest.raises(BulkError, match=r"place was '.*golden' and is '.*many'"):
        begin(done, open_source(str(many)))


def test_a_list_that_was_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    listing = tmp_path / "list.txt"
    listing.write_text(f"{next(GOLDEN.glob('*.png'))}\n")
    begin(tmp_path / "out", open_source(str(listing)))
    listing.write_text("other.png\n")

    with pytest.raises(BulkError, match="sha256 was"):
        begin(tmp_path / "out", open_source(str(listing)))


def test_a_folder_with_anything_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")

    with pytest.raises(BulkError, match=r"holds other files, as 'thesis\.txt'"):
        begin(tmp_path, open_source(str(GOLDEN)))

    assert (tmp_path / "thesis.txt").read_text() == "precious"


def test_a_folder_without_a_job_has_no_status(tmp_path: Path) -> None:
    with pytest.raises(BulkError, match="holds no batch job"):
        read_status(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"layout": 1}', '{"layout": 99}'])
def test_a_damaged_manifest_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text)

    with pytest.raises(BulkError, match=r"damaged|another version"):
        read_status(tmp_path)


def test_a_source_without_pictures_begins_no_job(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    for _ in range(2):
        with pytest.raises(BulkError, match=r"no picture in .*; -r looks below it"):
            begin(tmp_path / "out", open_source(str(tmp_path / "empty")))


def test_two_processes_do_not_work_in_one_folder(many: Path, tmp_path: Path, start: Start) -> None:
    start(many, tmp_path / "out")
    wait_for((tmp_path / "out" / MANIFEST).exists)

    with pytest.raises(BulkError, match="another process works in"):
        begin(tmp_path / "out", open_source(str(many)))


def test_bad_files_have_a_row_each_with_the_reason(tmp_path: Path) -> None:
    logos = tmp_path / "logos"
    logos.mkdir()
    (logos / "text.png").write_text("no picture")
    (logos / "empty.png").touch()
    (logos / "folder.png").symlink_to(tmp_path)
    (logos / "good.png").write_bytes(next(GOLDEN.glob("*.png")).read_bytes())
    listing = tmp_path / "list.txt"
    names = ("text.png", "empty.png", "folder.png", "gone.png", "good.png")
    listing.write_text("".join(f"logos/{name}\n" for name in names))

    begin(tmp_path / "out", open_source(str(listing)))

    errors = {Path(row["path"]).name: row["error_type"] for row in rows_of(tmp_path / "out")}
    assert errors == {
        "text.png": "unsupported_format",
        "empty.png": "invalid_image",
        "folder.png": "invalid_input",
        "gone.png": "image_not_found",
        "good.png": None,
    }


def test_a_table_of_pictures_has_a_row_for_each_of_its_rows(tmp_path: Path) -> None:
    data = [path.read_bytes() for path in sorted(GOLDEN.glob("*.png"))]
    table = tmp_path / "logos.parquet"
    pq.write_table(pa.table({"bytes": [*data, b"none", None]}), table, row_group_size=4)

    begin(tmp_path / "out", open_source(str(table)))

    rows = list(rows_of(tmp_path / "out"))
    named = {row["path"]: row["logo_type"] for row in rows}
    assert [row["path"] for row in rows] == [f"{table}#{number}" for number in range(18)]
    assert named[f"{table}#16"] is named[f"{table}#17"] is None
    assert all(named[f"{table}#{number}"] for number in range(16))


def test_a_part_that_was_removed_is_made_again_and_the_manifest_follows(
    tmp_path: Path,
) -> None:
    out, source = tmp_path / "out", open_source(str(GOLDEN))
    begin(out, source)
    before = json.loads((out / MANIFEST).read_text("utf-8"))
    part = next(p for p in parts(out) if b'"logo_type": "text"' in p.read_bytes())
    data = part.read_bytes()
    part.write_bytes(data.replace(b'"logo_type": "text"', b'"logo_type": "simple"'))
    begin(out, source)
    changed = json.loads((out / MANIFEST).read_text("utf-8"))
    part.unlink()

    begin(out, source)

    assert part.read_bytes() == data
    assert changed["counts"] != before["counts"]
    after = json.loads((out / MANIFEST).read_text("utf-8"))
    assert (after["parts"], after["counts"]) == (before["parts"], before["counts"])
