"""Stages belong to the request in whose context they end."""

from __future__ import annotations

from contextvars import copy_context
from threading import Thread

from app.traces import stages


def test_stages_are_added_to_the_request_in_work_with_their_end() -> None:
    ended = stages.begin()

    assert stages.note("read", 0.25)

    (only,) = ended
    assert (only.stage, only.seconds) == ("read", 0.25)
    stages.end()


def test_a_thread_with_a_copy_of_the_context_adds_to_its_request() -> None:
    ended = stages.begin()
    copied, bare = copy_context(), list[bool]()
    for work in (lambda: copied.run(stages.note, "decode", 0.1), lambda: bare.append(_note())):
        thread = Thread(target=work)
        thread.start()
        thread.join()
    stages.end()

    assert [each.stage for each in ended] == ["decode"]
    assert bare == [False]


def test_what_follows_a_request_is_no_part_of_it() -> None:
    ended = stages.begin()
    stages.end()

    assert not _note()
    assert ended == []


def _note() -> bool:
    return stages.note("rules", 0.1)
