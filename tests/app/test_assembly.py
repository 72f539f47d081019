"""A process has one classifier."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import pytest
from PIL import Image
from prometheus_client import REGISTRY
from redis import Redis

from app.api import create_app
from app.api.service import Service
from app.assembly import process_classifier
from app.config import Settings
from logo_classifier import HybridClassifier
from logo_classifier.errors import ImageTooLarge
from tests.servers import free_port
from tests.waiting import wait_until_stored

ImageMaker = Callable[..., bytes]


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_equal_settings_share_one_classifier(tmp_path: Path) -> None:
    settings = Settings(model_path=tmp_path)

    assert process_classifier(settings) is process_classifier(Settings(model_path=tmp_path))


def test_an_application_takes_the_classifier_of_its_process(tmp_path: Path) -> None:
    settings = Settings(model_path=tmp_path)

    service: Service = create_app(settings).extensions["logo"]

    assert service.classifier is process_classifier(settings)


def test_a_folder_without_a_network_still_gives_a_classifier_and_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert process_classifier(Settings(model_path=tmp_path)).model_loaded is False
    assert f"the rules answer alone: {tmp_path} does not serve: cannot read" in caplog.text


@pytest.mark.parametrize(("setting", "low", "high"), [(100, 100, 110), (2048, 2048, 2253)])
def test_the_memory_of_a_worker_is_bounded_by_its_setting_and_up_to_a_tenth(
    tmp_path: Path, setting: int, low: float, high: float
) -> None:
    classifier = process_classifier(Settings(model_path=tmp_path, worker_memory_mb=setting))

    assert low <= classifier.get_memory_usage()["threshold_mb"] <= high


def test_a_worker_without_a_memory_limit_has_no_threshold(tmp_path: Path) -> None:
    classifier = process_classifier(Settings(model_path=tmp_path, worker_memory_mb=0))

    assert classifier.get_memory_usage()["threshold_mb"] is None


@pytest.mark.parametrize("scheme", ["redis", "memcached"])
def test_workers_share_answers_through_the_store_that_is_set(
    request: pytest.FixtureRequest, tmp_path: Path, make_image: ImageMaker, scheme: str
) -> None:
    url = {f"{scheme}_url": request.getfixturevalue(f"{scheme}_url")}
    one, other = (process_classifier(Settings(model_path=tmp_path, port=p, **url)) for p in (1, 2))
    before = count("logo_cache_lookups_total", cache="results", outcome="shared")

    first = one.classify(make_image(size=(90, 41)), method="rule_based")
    wait_until_stored(one)
    second = other.classify(make_image(size=(90, 41)), method="rule_based")

    assert one is not other
    assert (first["cached"], second["cached"]) == (False, True)
    assert count("logo_cache_lookups_total", cache="results", outcome="shared") == before + 1


def test_a_store_that_is_away_is_counted_and_costs_no_answer(
    tmp_path: Path, make_image: ImageMaker
) -> None:
    settings = Settings(model_path=tmp_path, redis_url=f"redis://127.0.0.1:{free_port()}")
    before = count("logo_cache_store_failures_total", reason="unreachable")

    assert "logo_type" in process_classifier(settings).classify(make_image(), method="rule_based")
    assert count("logo_cache_store_failures_total", reason="unreachable") == before + 1


def test_garbage_in_the_store_is_counted(
    tmp_path: Path, make_image: ImageMaker, redis_url: str
) -> None:
    settings = [Settings(model_path=tmp_path, redis_url=redis_url, port=port) for port in (3, 4)]
    picture = make_image(size=(91, 41))
    first = process_classifier(settings[0])
    first.classify(picture, method="rule_based")
    wait_until_stored(first)
    with Redis.from_url(redis_url) as client:
        for key in client.keys("logo:*"):
            client.set(key, b"garbage")
    before = count("logo_cache_store_failures_total", reason="unreadable")

    process_classifier(settings[1]).classify(picture, method="rule_based")

    assert count("logo_cache_store_failures_total", reason="unreadable") == before + 2


def test_the_memory_of_the_caches_is_that_of_the_settings(
    tmp_path: Path, make_image: ImageMaker
) -> None:
    classifier = process_classifier(Settings(model_path=tmp_path, cache_mb=1))
    classifier.classify_batch(
        (make_image(size=(20 + number, 40)) for number in range(120)), method="rule_based"
    )

    caches = classifier.get_performance_stats()["caches"]
    assert 2**18 < caches["results"]["bytes"] + caches["features"]["bytes"] <= 2**20


def test_limits_and_caching_are_those_of_the_settings(
    tmp_path: Path, make_image: ImageMaker
) -> None:
    settings = Settings(model_path=tmp_path, enable_caching=False, max_upload_bytes=1024)

    made = process_classifier(settings)

    with pytest.raises(ImageTooLarge, match="1024 bytes"):
        made.classify(bytes(1025))
    assert [made.classify(make_image())["cached"] for _ in range(2)] == [False, False]


def test_threads_of_a_classification_are_those_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}

    def note(*parts: object, **named: object) -> HybridClassifier:
        given.update(named)
        return HybridClassifier(*parts, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("app.assembly.HybridClassifier", note)

    process_classifier(Settings(model_path=tmp_path, inference_threads=2))

    assert (given["threads"], cv2.getNumThreads()) == (2, 2)


def test_the_formats_are_those_of_the_settings() -> None:
    file = BytesIO()
    Image.effect_mandelbrot((64, 64), (-2, -1, 1, 1), 60).save(file, "WEBP")
    client = create_app(Settings(formats=("PNG", "WEBP"))).test_client()

    taken = client.post("/classify", data=file.getvalue(), content_type="image/webp")

    assert taken.json["image"]["format"] == "WEBP"
    refused = client.post("/classify", data=b"GIF89a", content_type="image/gif")
    assert (refused.status_code, refused.json["error"]) == (415, "unsupported_format")
