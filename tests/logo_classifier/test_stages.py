"""A listener learns what the work on a picture was spent on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar

import pytest

from logo_classifier import Caching, HybridClassifier, InvalidInput, Stage, open_store
from logo_classifier.stages import timed

WORK = {Stage.DECODE, Stage.FEATURES, Stage.RULES, Stage.NETWORK}

ImageMaker = Callable[..., bytes]
owner: ContextVar[str] = ContextVar("owner", default="nobody")


def test_each_stage_of_a_picture_is_told_once_with_its_time(make_image: ImageMaker) -> None:
    told: list[tuple[Stage, float]] = []
    classifier = HybridClassifier(enable_caching=False, on_stage=lambda *each: told.append(each))
    classifier.warm_up()

    answer = classifier.classify(make_image(), method="ensemble")

    assert Counter(stage for stage, _ in told) == Counter(WORK)
    assert all(seconds > 0 for _, seconds in told)
    assert sum(seconds for _, seconds in told) <= answer["processing_time"]


def test_a_remembered_answer_has_no_stage(make_image: ImageMaker) -> None:
    told: list[Stage] = []
    classifier = HybridClassifier(on_stage=lambda stage, _: told.append(stage))
    classifier.classify(make_image())
    told.clear()

    classifier.classify(make_image())

    assert told == []


def test_pictures_of_a_batch_are_told_in_the_context_of_the_call(make_image: ImageMaker) -> None:
    told: list[tuple[str, Stage]] = []
    classifier = HybridClassifier(
        enable_caching=False,
        batch_threads=3,
        on_stage=lambda stage, _: told.append((owner.get(), stage)),
    )
    pictures = [make_image(size=(60 + number, 50)) for number in range(7)]
    token = owner.set("the caller")
    try:
        classifier.classify_batch(pictures, method="ensemble")
    finally:
        owner.reset(token)

    assert Counter(told) == {("the caller", stage): 7 for stage in WORK}


def test_the_time_of_a_picture_that_does_not_decode_is_told_too() -> None:
    told: list[Stage] = []
    classifier = HybridClassifier(on_stage=lambda stage, _: told.append(stage))

    with pytest.raises(InvalidInput):
        classifier.classify(b"no picture")

    assert told == [Stage.DECODE]


def test_the_shared_store_is_a_stage(redis_url: str, make_image: ImageMaker) -> None:
    told: list[Stage] = []
    classifier = HybridClassifier(
        caching=Caching(store=open_store(redis_url)), on_stage=lambda stage, _: told.append(stage)
    )

    classifier.classify(make_image(size=(77, 51)))

    assert told.count(Stage.STORE) == 2  # the answer and the features


def test_checks_of_a_version_tell_nothing(make_image: ImageMaker) -> None:
    told: list[Stage] = []
    classifier = HybridClassifier(on_stage=lambda stage, _: told.append(stage))

    classifier.without_caches().classify(make_image())

    assert told == []


def test_nothing_is_timed_for_nobody() -> None:
    assert timed(Stage.RULES, None) is timed(Stage.DECODE, None)
