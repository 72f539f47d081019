"""Jobs run in real processes, which are killed in the middle."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import psutil
import pytest

from logo_classifier.bulk.job import read_status, rows_of
from logo_classifier.bulk.local import LocalEngine
from logo_classifier.bulk.refusals import BulkError
from logo_classifier.bulk.shards import Job
from logo_classifier.bulk.sources import open_source
from tests.logo_classifier.bulk.drive import settings_of
from tests.logo_classifier.bulk.jobs import (
    Start,
    gone,
    names_in,
    parts,
    wait_for,
    workers_of,
)


def paths_in(folder: Path) -> list[str]:
    return sorted(row["path"] for row in rows_of(folder))


def test_a_job_whose_master_is_killed_goes_on_without_losing_or_repeating_a_row(
    many: Path, tmp_path: Path, start: Start
) -> None:
    out = tmp_path / "out"
    master = start(many, out)
    wait_for(lambda: len(parts(out)) >= 3)
    workers = [worker.pid for worker in workers_of(master)]

    master.kill()
    master.wait()
    wait_for(lambda: all(map(gone, workers)))
    before = {part: part.stat().st_mtime_ns for part in parts(out)}
    done = start(many, out)
    done.communicate()

    assert workers
    assert len(before) < read_status(out).manifest.plan.shards
    assert done.returncode == 0
    assert {part: part.stat().st_mtime_ns for part in before} == before
    assert paths_in(out) == names_in(many)
    assert list((out / "parts").glob(".*")) == []


def test_a_worker_that_is_killed_is_replaced_and_its_shard_is_answered(
    many: Path, tmp_path: Path, start: Start
) -> None:
    out = tmp_path / "out"
    master = start(many, out)
    for finished in (1, 3):
        wait_for(lambda least=finished: len(parts(out)) >= least)
        workers_of(master)[0].kill()

    _, said = master.communicate()

    assert (master.returncode, said) == (0, "")
    assert paths_in(out) == names_in(many)
    assert read_status(out).counts["failed"] == 0


def test_a_picture_at_which_two_workers_die_gets_an_error_row(
    many: Path, tmp_path: Path, start: Start
) -> None:
    deadly = tmp_path / "deadly.png"
    os.mkfifo(deadly)  # whoever opens it waits, so that it can be killed there
    good = names_in(many)[:5]
    listing = tmp_path / "list.txt"
    listing.write_text("\n".join([*good, str(deadly)]), "utf-8")
    master = start(listing, tmp_path / "out", workers=1)

    for _ in range(2):
        with ExitStack() as stack:
            wait_for(partial(somebody_reads, deadly, stack))
            (worker,) = workers_of(master)
            worker.kill()
            # Its files are closed when its last thread has ended, and then the master takes note.
            wait_for(lambda dead=worker.pid: not psutil.pid_exists(dead))
    _, said = master.communicate()

    rows = {row["path"]: row for row in rows_of(tmp_path / "out")}
    assert (master.returncode, said) == (0, "")
    assert rows[str(deadly)]["error_type"] == "worker_died"
    assert sorted(path for path, row in rows.items() if row["error"] is None) == good


def somebody_reads(pipe: Path, stack: ExitStack) -> bool:
    """Return whether a process waits for what this pipe gives, and keep it waiting."""
    try:
        handle = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:  # ENXIO: nobody has opened it for reading
        return False
    stack.callback(os.close, handle)
    return True


def test_a_job_that_is_told_to_stop_ends_its_workers(
    many: Path, tmp_path: Path, start: Start
) -> None:
    master = start(many, tmp_path / "out")
    wait_for(lambda: len(parts(tmp_path / "out")) >= 1)
    workers = [worker.pid for worker in workers_of(master)]

    os.killpg(master.pid, signal.SIGINT)  # a terminal sends it to all of them
    _, said = master.communicate()

    assert workers
    assert all(map(gone, workers))
    assert "KeyboardInterrupt" in said
    assert said.count("Traceback") == 1
    assert parts(tmp_path / "out")


def test_a_model_that_does_not_load_ends_the_job_and_says_why(many: Path, tmp_path: Path) -> None:
    settings = settings_of(10)
    job = Job(tmp_path / "nowhere", open_source(str(many)), settings)

    with pytest.raises(BulkError, match="No such file"):
        LocalEngine(job, 1, lambda progress: None).run([0])
