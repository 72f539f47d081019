"""The header of a picture is parsed once, whoever looks first."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from logo_classifier import BadDimensions, HybridClassifier, InvalidImage, Limits, Picture
from logo_classifier.pictures import header as module
from logo_classifier.pictures.header import check_image, open_header
from logo_classifier.pictures.image import load_image
from tests.app.api.forms import form
from tests.logo_classifier.pipeline.pipelines import BLUE, RED, draw

BROKEN = draw()[:40]
SMALL = Limits(max_side_px=50)


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count how often Pillow opens a header and how often the parts of a file are walked."""
    counts: Counter[str] = Counter()

    def counting(name: str, real: Any) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            counts[name] += 1
            return real(*given, **named)

        return call

    monkeypatch.setattr(Image, "open", counting("headers", Image.open))
    monkeypatch.setattr(module, "check_parts", counting("walks", module.check_parts))
    return counts


def test_a_look_and_a_decoding_parse_it_once(parsed: Counter[str]) -> None:
    picture = Picture(draw())

    facts = check_image(picture)
    loaded = load_image(picture)

    assert parsed == {"headers": 1, "walks": 1}
    assert loaded.facts == facts


def test_a_batch_over_http_parses_each_picture_once(
    client: FlaskClient, parsed: Counter[str]
) -> None:
    pictures = [draw(RED), draw(BLUE), BROKEN]

    reply = client.post("/classify/batch", **form(*pictures, field="images"))

    assert reply.json["summary"]["succeeded"] == 2
    assert parsed == {"headers": 3, "walks": 3}


def test_a_refused_picture_is_refused_again_without_parsing(parsed: Counter[str]) -> None:
    picture = Picture(BROKEN)

    for _ in range(3):
        with pytest.raises(InvalidImage, match="header of the picture is damaged"):
            open_header(picture, Limits())

    assert parsed["headers"] == 1


def test_other_limits_are_judged_anew() -> None:
    picture = Picture(draw())
    with pytest.raises(BadDimensions, match="10 to 50 px"):
        check_image(picture, SMALL)

    assert check_image(picture).width == 100
    with pytest.raises(BadDimensions, match="10 to 50 px"):
        load_image(picture, SMALL)


def test_a_picture_that_was_decoded_can_be_decoded_again() -> None:
    picture = Picture(draw())

    first, second = load_image(picture), load_image(picture)

    assert (first.pixels == second.pixels).all()


def test_a_batch_holds_the_metadata_of_no_picture() -> None:
    info = PngInfo()
    for number in range(20):
        info.add_itxt(f"note {number}", "b" * 900_000, zip=True)
    file = BytesIO()
    Image.new("RGB", (64, 64), RED).save(file, "PNG", pnginfo=info)
    assert len(file.getvalue()) < 64 * 1024
    pictures = [Picture(file.getvalue()) for _ in range(8)]
    tracemalloc.start()

    pixels = [picture.count_pixels(Limits()) for picture in pictures]

    gc.collect()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert pixels == [64 * 64] * 8
    assert held < 1_000_000


def test_a_refused_picture_is_given_back_at_once() -> None:
    picture = Picture(BROKEN + bytes(1000))
    gone = weakref.ref(picture)
    gc.disable()
    try:
        with pytest.raises(InvalidImage):
            check_image(picture)
        del picture
        assert gone() is None
    finally:
        gc.enable()


def test_threads_that_share_a_picture_decode_files_of_their_own() -> None:
    picture = Picture(draw())
    check_image(picture)
    expected = load_image(draw()).pixels

    with ThreadPoolExecutor(8) as pool:
        loaded = list(pool.map(lambda _: load_image(picture), range(64)))

    assert all((image.pixels == expected).all() for image in loaded)


def test_the_library_takes_pictures_as_well_as_bytes() -> None:
    classifier = HybridClassifier(enable_caching=False)
    data = draw()

    assert (
        classifier.classify(Picture(data))["probabilities"]
        == classifier.classify(data)["probabilities"]
    )
    classifier.validate_input(Picture(data))
