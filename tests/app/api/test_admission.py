"""Work is bounded in bytes, pictures and time, and what finds no room is told so at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from threading import Event, Thread

import pytest
from flask.testing import FlaskClient
from prometheus_client import REGISTRY

from app.api.admission import Admission, Overloaded, Room, Slots
from app.config import Settings
from tests.app.api.conftest import admission_of

ImageMaker = Callable[..., bytes]
ClientMaker = Callable[..., FlaskClient]


def test_a_room_takes_what_fits_and_gets_it_back() -> None:
    room = Room(3, "pictures")

    with room.hold(2):
        with pytest.raises(Overloaded, match="2 pictures are in work or waiting, of 3 allowed"):
            room.hold(2).__enter__()
        with room.hold(1):
            pass
    with room.hold(3):
        pass


def test_an_empty_room_takes_even_what_is_larger_than_it() -> None:
    with Room(3, "pictures").hold(4):
        pass


def test_whoever_waits_for_an_empty_room_goes_on_as_soon_as_it_is_one() -> None:
    room, emptied = Room(10, "bytes"), Event()

    def wait() -> None:
        room.wait_until_empty(60)
        emptied.set()

    thread = Thread(target=wait)
    with room.hold(2), room.hold(3):
        thread.start()
        assert not emptied.wait(0.05)
    assert emptied.wait(10)
    thread.join()


def test_a_wait_for_an_empty_room_ends_when_its_time_is_over() -> None:
    room = Room(10, "bytes")
    with room.hold(2):
        room.wait_until_empty(0.01)
        assert room.held == 2


def test_new_requests_are_deferred_the_longer_the_more_is_in_work_and_not_at_all_when_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(Room, "wait_until_empty", lambda _room, seconds: waits.append(seconds))
    admission = Admission(Settings(max_pending=40))

    admission.defer(0.001, 0.008)
    for pictures in (1, 3, 15, 40):
        with admission.pictures(pictures):
            admission.defer(0.001, 0.008)

    assert waits == pytest.approx([0.001, 0.003, 0.008])


def test_slots_go_to_those_that_wait_longest_and_never_to_a_newcomer() -> None:
    slots, served, tried = Slots(1), list[int](), Event()
    assert slots.acquire(0)

    def wait(number: int) -> None:
        assert slots.acquire(10)
        served.append(number)
        tried.wait(10)
        slots.release()

    waiting = [Thread(target=wait, args=(number,)) for number in range(8)]
    for number, thread in enumerate(waiting):
        thread.start()
        while len(slots._waiting) <= number:
            time.sleep(0.001)
    slots.release()
    overtook = slots.acquire(0)
    tried.set()
    for thread in waiting:
        thread.join()

    assert not overtook
    assert served == list(range(8))


def test_whoever_gave_up_waiting_is_passed_over() -> None:
    slots = Slots(1)
    assert slots.acquire(0)
    assert not slots.acquire(0.01)

    slots.release()

    assert slots.acquire(0)
    assert not slots.acquire(0)


def test_a_picture_beyond_those_that_may_wait_is_refused_at_once_and_logged(
    make_client: ClientMaker, make_image: ImageMaker, caplog: pytest.LogCaptureFixture
) -> None:
    client = make_client(max_pending=1, max_batch_files=1)

    with admission_of(client).pictures(1):
        reply = client.post("/classify", data=make_image(), content_type="image/png")
        probe = client.get("/health")

    assert (reply.status_code, reply.json["error"]) == (503, "overloaded")
    assert reply.headers["Retry-After"] == "1"
    assert "1 pictures are in work or waiting, of 1 allowed" in reply.json["detail"]
    assert probe.status_code == 200
    assert f"request {reply.json['request_id']}: overloaded: 1 pictures" in caplog.text


def test_a_body_that_memory_has_no_room_for_is_refused_with_the_limit(
    make_client: ClientMaker, make_image: ImageMaker
) -> None:
    settings = {"max_upload_bytes": 4096, "max_batch_bytes": 4096, "max_pending_bytes": 4096}
    client = make_client(**settings)

    with admission_of(client).body(4096):
        reply = client.post("/classify", data=make_image(), content_type="image/png")

    assert (reply.status_code, reply.json["error"]) == (503, "overloaded")
    assert "4096 bytes" in reply.json["detail"]


def test_a_picture_whose_turn_does_not_come_in_time_is_refused(
    make_client: ClientMaker, make_image: ImageMaker
) -> None:
    client = make_client(inference_slots=1, request_timeout_seconds=1)

    with admission_of(client).pictures(1) as other, other.slot():
        reply = client.post("/classify", data=make_image(), content_type="image/png")

    assert (reply.status_code, reply.json["error"]) == (503, "overloaded")
    assert "turn in 1 s" in reply.json["detail"]


def test_a_batch_of_which_nothing_gets_its_turn_is_refused_as_a_whole(
    make_client: ClientMaker, make_image: ImageMaker
) -> None:
    client = make_client(inference_slots=1, request_timeout_seconds=1)
    files = [(BytesIO(make_image()), f"{i}.png") for i in range(3)]

    with admission_of(client).pictures(1) as other, other.slot():
        reply = client.post("/classify/batch", data={"images": files})

    assert (reply.status_code, reply.json["error"]) == (503, "overloaded")


def test_a_waiting_request_goes_on_when_a_slot_comes_free() -> None:
    admission = Admission(Settings(inference_slots=1))
    got_slot = Event()

    def wait_for_slot() -> None:
        with admission.pictures(1) as turn, turn.slot():
            got_slot.set()

    with admission.pictures(1) as first:
        with first.slot():
            waiting = Thread(target=wait_for_slot)
            waiting.start()
            assert not got_slot.wait(0.1)
        assert got_slot.wait(10)
    waiting.join()


def test_time_runs_from_when_the_pictures_are_in() -> None:
    admission = Admission(Settings(request_timeout_seconds=1))

    with admission.pictures(1) as turn:
        time.sleep(1.1)
        with pytest.raises(Overloaded, match="did not get their turn in 1 s"):
            turn.slot().__enter__()


def test_pending_pictures_are_counted() -> None:
    admission = Admission(Settings())

    with admission.pictures(5):
        during = REGISTRY.get_sample_value("logo_pictures_pending")

    assert during == 5
    assert REGISTRY.get_sample_value("logo_pictures_pending") == 0


def test_failed_requests_give_everything_back(
    make_client: ClientMaker, make_image: ImageMaker
) -> None:
    client = make_client(
        inference_slots=1, max_pending=1, max_batch_files=1, request_timeout_seconds=1
    )

    for _ in range(3):
        client.post("/classify", data=b"x", content_type="image/png")
    reply = client.post("/classify", data=make_image(), content_type="image/png")

    assert reply.status_code == 200
