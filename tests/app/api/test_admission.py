"""Work is bounded in bytes, pictures and time, and what finds no room is told so at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from threading import Event, get_ident

import gevent
import pytest
from flask.testing import FlaskClient
from prometheus_client import REGISTRY

from app.api.admission import Admission, MeteredStream, Overloaded, Room
from app.config import Settings
from tests.app.api.conftest import admission_of, busy_slot, held_body

ImageMaker = Callable[..., bytes]
ClientMaker = Callable[..., FlaskClient]


def test_a_room_takes_what_fits_and_gets_it_back() -> None:
    room = Room(3, "pictures")

    with room.reserve(2):
        with pytest.raises(Overloaded, match="2 pictures are in work or waiting, of 3 allowed"):
            room.reserve(2).__enter__()
        with room.reserve(1):
            pass
    with room.reserve(3):
        pass
    assert room.held == 0


def test_an_empty_room_takes_even_what_is_larger_than_it() -> None:
    with Room(3, "pictures").reserve(4):
        pass


def test_a_reservation_grows_as_far_as_others_leave_room_and_alone_without_end() -> None:
    room = Room(10, "bytes")

    with room.reserve(4) as first, room.reserve() as second:
        second.grow(6)
        with pytest.raises(Overloaded, match="10 bytes are in work or waiting, of 10 allowed"):
            second.grow(1)
        with pytest.raises(Overloaded):
            first.grow(1)
    with room.reserve() as alone:
        alone.grow(10)
        alone.grow(10)
    assert room.held == 0


def test_a_body_counts_as_it_comes_in_and_not_as_its_length_is_declared() -> None:
    room = Room(100, "bytes")

    with room.reserve() as slow, room.reserve() as other:
        stream = MeteredStream(BytesIO(bytes(60)), slow)
        assert stream.read(10) == bytes(10)
        assert room.held == 10
        other.grow(50)
        with pytest.raises(Overloaded):
            stream.read()


def test_slots_go_to_those_that_wait_longest_and_never_to_a_newcomer() -> None:
    admission, served = Admission(Settings(inference_slots=1)), list[int]()

    def ask(number: int) -> None:
        with admission.pictures(1) as turn:
            turn.run(served.append, number)

    with admission.pictures(1) as first:
        go_on = Event()
        holder = gevent.spawn(first.run, go_on.wait, 10)
        gevent.sleep(0.01)
        waiting = []
        for number in range(8):
            waiting.append(gevent.spawn(ask, number))
            gevent.sleep(0)
        go_on.set()
        gevent.joinall([holder, *waiting], raise_error=True)

    assert served == list(range(8))


def test_whoever_gave_up_waiting_is_passed_over() -> None:
    admission, go_on = Admission(Settings(inference_slots=1, request_timeout_seconds=1)), Event()

    with admission.pictures(1) as first, admission.pictures(1) as impatient:
        holder = gevent.spawn(first.run, go_on.wait, 10)
        gevent.sleep(0.01)
        with pytest.raises(Overloaded, match="did not get their turn in 1 s"):
            impatient.run(list)
        go_on.set()
        holder.join()

    with admission.pictures(1) as turn:
        assert turn.run(list) == []


def test_work_runs_in_a_thread_of_its_own_while_others_go_on() -> None:
    admission, go_on = Admission(Settings()), Event()

    with admission.pictures(1) as turn:
        work = gevent.spawn(turn.run, lambda: (go_on.wait(10), get_ident()))
        gevent.sleep(0.01)
        assert not work.ready()  # and this greenlet was not held up
        go_on.set()
        came, thread = work.get(timeout=10)

    assert came
    assert thread != get_ident()


def test_what_work_raises_comes_out_once_and_gives_the_slot_back(
    capfd: pytest.CaptureFixture[str],
) -> None:
    admission = Admission(Settings(inference_slots=1))

    with admission.pictures(1) as turn:
        with pytest.raises(ZeroDivisionError):
            turn.run(divmod, 1, 0)
        assert turn.run(divmod, 7, 2) == (3, 1)
    assert capfd.readouterr().err == ""  # no traceback of what the client did wrong


def test_a_picture_beyond_those_that_may_wait_is_refused_at_once_and_logged(
    make_client: ClientMaker, make_image: ImageMaker, caplog: pytest.LogCaptureFixture
) -> None:
    client = make_client(max_pending=1, max_batch_files=1)

    with admission_of(client).pictures(1):
        new = make_image(size=(71, 53))
        reply = client.post("/classify", data=new, content_type="image/png")
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

    with held_body(client, 4096):
        reply = client.post("/classify", data=make_image(), content_type="image/png")

    assert (reply.status_code, reply.json["error"]) == (503, "overloaded")
    assert "4096 bytes" in reply.json["detail"]


def test_a_picture_whose_turn_does_not_come_in_time_is_refused(
    make_client: ClientMaker, make_image: ImageMaker
) -> None:
    client = make_client(inference_slots=1, request_timeout_seconds=1)

    with busy_slot(client):
        new = make_image(size=(73, 51))
        reply = client.post("/classify", data=new, content_type="image/png")

    assert (reply.status_code, reply.json["error"]) == (503, "overloaded")
    assert "turn in 1 s" in reply.json["detail"]


def test_a_batch_of_which_nothing_gets_its_turn_is_refused_as_a_whole(
    make_client: ClientMaker, make_image: ImageMaker
) -> None:
    client = make_client(inference_slots=1, request_timeout_seconds=1)
    files = [(BytesIO(make_image()), f"{i}.png") for i in range(3)]

    with busy_slot(client):
        reply = client.post("/classify/batch", data={"images": files})

    assert (reply.status_code, reply.json["error"]) == (503, "overloaded")


def test_time_runs_from_when_the_pictures_are_in() -> None:
    admission = Admission(Settings(request_timeout_seconds=1))

    with admission.pictures(1) as turn:
        time.sleep(1.1)
        with pytest.raises(Overloaded, match="did not get their turn in 1 s"):
            turn.run(list)


def test_an_answer_that_is_remembered_waits_for_no_turn(
    make_client: ClientMaker, make_image: ImageMaker
) -> None:
    client = make_client(inference_slots=1, max_pending=1, max_batch_files=1)
    known = {"data": make_image(size=(67, 59)), "content_type": "image/png"}
    first = client.post("/classify", **known)

    with busy_slot(client):
        again = client.post("/classify", **known)

    assert (first.json["cached"], again.json["cached"]) == (False, True)
    assert again.json["probabilities"] == first.json["probabilities"]


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
