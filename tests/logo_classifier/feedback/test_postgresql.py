"""Answers and labels in a PostgreSQL that stops, fills up and holds what is not ours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest

from logo_classifier import Accepted, FeedbackUnavailable, LogoType, open_feedback
from tests.databases import Cluster, run_postgresql
from tests.logo_classifier.feedback.answers import ROOT, answer
from tests.servers import free_port


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Return a PostgreSQL that a test may stop."""
    with run_postgresql() as own:
        yield own


def test_a_server_that_comes_back_is_used_again(cluster: Cluster) -> None:
    store = open_feedback(cluster.new_database())
    store.add_answers([answer()])
    cluster.stop()
    with pytest.raises(FeedbackUnavailable, match="the store of feedback fails"):
        store.add_label("a", LogoType.TEXT, "c", 1.0)
    cluster.start()

    store.add_answers([answer()])  # the crash may have taken it
    assert store.add_label("a", LogoType.TEXT, "c", 1.0) is Accepted.NEW


def test_a_crash_of_the_server_takes_no_accepted_label(cluster: Cluster) -> None:
    url = cluster.new_database()
    store = open_feedback(url)
    store.add_answers([answer(f"r{number}", f"p{number}") for number in range(20)])
    for number in range(20):
        store.add_label(f"r{number}", LogoType.TEXT, "c", 1.0)
    cluster.stop()
    cluster.start()

    assert len(list(open_feedback(url).labelled())) == 20


def test_a_full_disk_is_told_and_loses_no_accepted_label(cluster: Cluster) -> None:
    url = cluster.new_database()
    cluster.stop()
    cluster.start(file_kib=4096)
    store, accepted = open_feedback(url), 0

    def fill() -> None:
        nonlocal accepted
        for number in range(1000):
            names = [f"{number}-{each}" for each in range(200)]
            store.add_answers([answer(name, name) for name in names])
            accepted += store.add_label(names[0], LogoType.TEXT, "c", 1.0) is Accepted.NEW

    with pytest.raises(FeedbackUnavailable, match="could not extend file"):
        fill()
    cluster.stop()
    cluster.start()

    assert accepted
    assert len(list(open_feedback(url).labelled())) == accepted


def test_a_fork_opens_connections_of_its_own(cluster: Cluster) -> None:
    code = (
        "import os, sys\n"
        "from logo_classifier import open_feedback\n"
        "from tests.logo_classifier.feedback.answers import answer\n"
        "store = open_feedback(sys.argv[1])\n"
        "child = os.fork()\n"
        "for number in range(50):\n"
        "    store.add_answers([answer(f'{child}-{number}')])\n"
        "if not child: os._exit(0)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
    )
    url = cluster.new_database()
    subprocess.run([sys.executable, "-c", code, url], cwd=ROOT, check=True)

    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM logo_answers").fetchone() == (100,)


def test_tables_of_another_release_are_refused(cluster: Cluster) -> None:
    url = cluster.new_database()
    open_feedback(url)
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE logo_schema SET version = 99")

    with pytest.raises(FeedbackUnavailable, match="schema 99"):
        open_feedback(url)


def test_a_damaged_row_is_told(cluster: Cluster) -> None:
    url = cluster.new_database()
    store = open_feedback(url)
    store.add_answers([answer()])
    store.add_label("a", LogoType.TEXT, "c", 1.0)
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE logo_answers SET judged = '{}'")

    with pytest.raises(FeedbackUnavailable, match="damaged"):
        list(store.labelled())


def test_no_server_is_told_without_the_password() -> None:
    url = f"postgresql://logo:s3cret@127.0.0.1:{free_port()}/feedback"

    with pytest.raises(FeedbackUnavailable, match="refused") as told:
        open_feedback(url)

    assert "s3cret" not in str(told.value)
