"""A batch is answered in order, and one bad file spoils nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client import REGISTRY

from app.api.views.classify import BATCH_PIECE
from logo_classifier import Limits, Picture
from tests.app.api.conftest import FailingClassifier
from tests.app.api.forms import form

ClientMaker = Callable[..., FlaskClient]
ImageMaker = Callable[..., bytes]


def test_a_batch_keeps_the_order_and_one_bad_file_spoils_nothing(
    client: FlaskClient, make_image: ImageMaker
) -> None:
    pictures = [make_image(size=(40, 40)), b"not a picture", make_image(size=(90, 30)), b""]

    reply = client.post("/classify/batch", **form(*pictures, field="images"))

    assert reply.status_code == 200
    first, bad, third, empty = reply.json["results"]
    assert [item["filename"] for item in reply.json["results"]] == [
        "logo0.png",
        "logo1.png",
        "logo2.png",
        "logo3.png",
    ]
    assert (first["image"]["width"], third["image"]["width"]) == (40, 90)
    assert (bad["error"]["error"], bad["error"]["status"]) == ("unsupported_format", 415)
    assert (empty["error"]["error"], empty["error"]["status"]) == ("invalid_image", 422)


def test_a_batch_is_summed_up(client: FlaskClient, make_image: ImageMaker) -> None:
    pictures = [make_image(), make_image(), b"not a picture"]

    reply = client.post("/classify/batch", **form(*pictures, field="images")).json

    summary = reply["summary"]
    assert (summary["total"], summary["succeeded"], summary["failed"]) == (3, 2, 1)
    assert summary["by_type"].keys() == {"simple", "text", "gradient", "complex"}
    assert summary["by_type"][reply["results"][0]["logo_type"]] == 2
    assert summary["processing_time"] > 0
    assert reply["request_id"]


def test_a_batch_of_bad_files_only_is_still_answered(client: FlaskClient) -> None:
    reply = client.post("/classify/batch", **form(b"bad", b"worse", field="images"))

    assert reply.status_code == 200
    assert reply.json["summary"]["failed"] == 2


def test_the_file_name_of_a_client_is_data_and_nothing_else(
    client: FlaskClient, make_image: ImageMaker
) -> None:
    name = "../../etc/passwd\u202e<script>.png"

    reply = client.post(
        "/classify/batch",
        data={"images": [(BytesIO(make_image()), name)]},
        content_type="multipart/form-data",
    )

    assert reply.json["results"][0]["filename"] == name


def test_a_batch_in_which_the_classifier_fails_is_a_failure_of_the_whole(
    make_failing_client: Callable[[Exception], FlaskClient], make_image: ImageMaker
) -> None:
    client = make_failing_client(RuntimeError("inner secret"))

    reply = client.post("/classify/batch", **form(make_image(), field="images"))

    assert reply.status_code == 500
    assert reply.json["error"] == "internal_server_error"


def test_a_batch_with_too_many_pixels_is_refused_with_the_limit(
    make_client: ClientMaker, make_image: ImageMaker
) -> None:
    client = make_client(max_batch_pixels=20_000)
    files = [(BytesIO(make_image(size=(100, 100))), f"{i}.png") for i in range(3)]

    reply = client.post("/classify/batch", data={"images": files})

    assert (reply.status_code, reply.json["error"]) == (413, "batch_too_large")
    assert "30000 pixels together; a batch takes at most 20000" in reply.json["detail"]


def test_a_batch_of_several_pieces_is_answered_in_order(
    make_client: ClientMaker, make_image: ImageMaker
) -> None:
    names = [f"{i}.png" for i in range(BATCH_PIECE + 2)]

    reply = make_client().post(
        "/classify/batch", data={"images": [(BytesIO(make_image()), name) for name in names]}
    )

    assert [item["filename"] for item in reply.json["results"]] == names
    assert reply.json["summary"]["succeeded"] == len(names)


def test_the_headers_of_a_batch_are_read_in_a_slot(
    make_client: ClientMaker, make_image: ImageMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots_in_use = []

    def noting(picture: Picture, limits: Limits) -> int:
        slots_in_use.append(REGISTRY.get_sample_value("logo_classifications_in_progress"))
        return count_pixels(picture, limits)

    count_pixels = Picture.count_pixels
    monkeypatch.setattr(Picture, "count_pixels", noting)
    reply = make_client().post("/classify/batch", **form(make_image(), field="images"))

    assert reply.json["summary"]["succeeded"] == 1
    assert slots_in_use == [1]


def test_why_a_picture_of_a_batch_failed_inside_is_logged_and_not_told(
    make_client: ClientMaker, caplog: pytest.LogCaptureFixture, make_image: ImageMaker
) -> None:
    reply = make_client(NoNetwork()).post("/classify/batch", **form(make_image(), field="images"))

    assert reply.json["results"][0]["error"]["error"] == "model_unavailable"
    assert "/inner/path" not in reply.text
    assert f"request {reply.json['request_id']}: model_unavailable: /inner/path" in caplog.text


class NoNetwork(FailingClassifier):
    """Answer every picture of a batch with a failure of the network."""

    def __init__(self) -> None:
        super().__init__(RuntimeError())

    def classify_batch(
        self, sources: Sequence[Picture], *_: object, **__: object
    ) -> list[dict[str, Any]]:
        error = {"type": "model_unavailable", "message": "/inner/path is damaged"}
        return [{"error": error} for _ in sources]
