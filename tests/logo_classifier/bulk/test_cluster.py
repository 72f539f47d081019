"""Two nodes of Ray on this machine answer a job while an actor and a node are killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from logo_classifier.bulk.cluster import RayEngine
from logo_classifier.bulk.job import finish, opened_job, read_status, rows_of, unfinished
from logo_classifier.bulk.local import LocalEngine
from logo_classifier.bulk.refusals import BulkError
from logo_classifier.bulk.sources import open_source
from tests.logo_classifier.bulk.drive import settings_of
from tests.logo_classifier.bulk.jobs import PER_SHARD, ROOT, parts, wait_for

pytest.importorskip("ray")

MODULE = "tests.logo_classifier.bulk.drive_ray"


@pytest.fixture
def job_of_two_nodes(many: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", MODULE, str(many), str(tmp_path / "out"), str(PER_SHARD), "6"]
    process = subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    yield process
    if process.poll() is None:  # the processes of Ray end when their parent has
        process.kill()
        process.communicate()


def actors_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    found = psutil.Process(process.pid).children(recursive=True)
    return [child for child in found if "_ShardActor" in " ".join(words(child))]


def words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_a_job_that_loses_an_actor_and_a_node_has_the_rows_of_one_that_lost_nothing(
    job_of_two_nodes: subprocess.Popen[str], many: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    wait_for(lambda: len(parts(out)) >= 2, seconds=300)
    actors = actors_of(job_of_two_nodes)
    actors[0].kill()

    said, complaints = job_of_two_nodes.communicate(timeout=600)

    with opened_job(tmp_path / "near", open_source(str(many)), settings_of(PER_SHARD)) as job:
        LocalEngine(job, 2, lambda progress: None).run(unfinished(job))
        finish(job)
    assert len(actors) == 2
    assert "a node was lost" in said
    assert job_of_two_nodes.returncode == 0, complaints
    assert read_status(out).complete
    assert list(rows_of(out)) == list(rows_of(tmp_path / "near"))
    assert {p.name: p.read_bytes() for p in parts(out)} == {
        p.name: p.read_bytes() for p in parts(tmp_path / "near")
    }


@pytest.mark.parametrize("address", ["127.0.0.1:9", "ray://127.0.0.1:9", "nobody:no"])
def test_a_cluster_that_is_not_there_is_told(many: Path, tmp_path: Path, address: str) -> None:
    with (
        opened_job(tmp_path / "out", open_source(str(many)), settings_of(PER_SHARD)) as job,
        pytest.raises(BulkError, match="cannot be reached"),
    ):
        RayEngine(job, 1, lambda progress: None, address).run(unfinished(job))
