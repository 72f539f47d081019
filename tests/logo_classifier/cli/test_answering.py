"""Answers stream in order, and few pictures are in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from logo_classifier import HybridClassifier
from logo_classifier.cli.answering import load_classifier, stream_answers
from logo_classifier.cli.sources import Named
from tests.conftest import ImageMaker


def test_answers_come_in_the_order_of_the_pictures(
    classifier: HybridClassifier, golden: dict[Path, str]
) -> None:
    paths = [*map(str, golden), "gone.png", *map(str, golden)]

    answers = list(stream_answers(classifier, map(Named, paths)))

    assert [answered.name for answered in answers] == paths
    assert [a.answer["logo_type"] for a in answers if not a.error] == [*golden.values()] * 2
    assert [a.error["type"] for a in answers if a.error] == ["image_not_found"]


def test_pictures_are_asked_for_as_answers_are_taken(
    classifier: HybridClassifier, make_image: ImageMaker
) -> None:
    taken = 0

    def endless() -> Iterator[Named]:
        nonlocal taken
        while True:
            taken += 1
            yield Named("disc", make_image())

    answers = stream_answers(classifier, endless())
    for _ in range(50):
        next(answers)
    answers.close()  # type: ignore[attr-defined]

    assert 50 <= taken <= 50 + 16 + 1


def test_the_command_line_reads_webp(make_image: ImageMaker) -> None:
    (answered,) = stream_answers(load_classifier(None), [Named("x", make_image("WEBP"))])

    assert answered.answer["image"]["format"] == "WEBP"
