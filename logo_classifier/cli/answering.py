"""Load a classifier for a command, and let its threads answer a stream of pictures in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import click
import cv2

from logo_classifier import (
    BadParameter,
    ClassifierError,
    HybridClassifier,
    Limits,
    ModelUnavailable,
    Registry,
    is_version_name,
)
from logo_classifier.cli.sources import Named
from logo_classifier.pictures.limits import BROWSER_FORMATS, MORE_FORMATS

_MOST_THREADS = 4
"""As many as share a batch in the library: they take turns at Python's lock."""

_WAITING_EACH = 4
"""Pictures that may wait for each thread: memory stays bounded however many come."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A picture with its answer; one without an answer has `{"error": {"type", "message"}}`."""

    name: str
    answer: dict[str, Any]

    @property
    def error(self) -> dict[str, str] | None:
        """Return why there is no answer, or None."""
        found: dict[str, str] | None = self.answer.get("error")
        return found


def load_classifier(model: str | None) -> HybridClassifier:
    """Return a classifier of a version's name, or of a path; None means the shipped version.

    It reads all formats that this build of Pillow reads. Raises UsageError for a model that does
    not load. Where the shipped network does not, the rules answer and a message says so.
    """
    path = find_model(model)
    cv2.setNumThreads(1)  # the pictures are what is shared among processors
    classifier = HybridClassifier(path, enable_caching=False, limits=widest_limits())
    if why := classifier.get_model_info()["error"]:
        if model:
            raise click.UsageError(f"{model} does not load: {why}")
        click.echo(f"the network does not load, the rules answer alone: {why}", err=True)
    return classifier


def find_model(model: str | None) -> Path | None:
    """Return the path of a version's name or of a bundle; raise UsageError if none is there."""
    if model is None:
        return None
    if Path(model).exists():
        return Path(model)
    if not is_version_name(model):
        raise click.UsageError(f"no model at {model!r}; `models list` shows the versions")
    try:
        return Registry().resolve(model)
    except ModelUnavailable as error:
        raise click.UsageError(str(error)) from error


def stream_answers(
    classifier: HybridClassifier,
    pictures: Iterable[Named],
    *,
    method: str = "auto",
    time_budget: float | None = None,
    explain: bool = False,
) -> Iterator[Answered]:
    """Yield the answers in the order of the pictures, as soon as they are there.

    `explain` adds `explanation` to each.
    As many threads as this process may use processors, at most 4, work ahead by a few pictures.
    """
    threads = min(_MOST_THREADS, _processors())
    remaining = iter(pictures)
    pool = ThreadPoolExecutor(threads)

    def answer(picture: Named) -> Answered:
        return Answered(picture.name, _ask(classifier, picture, method, time_budget, explain))

    try:
        ahead: deque[Future[Answered]] = deque(
            pool.submit(answer, picture) for picture in islice(remaining, threads * _WAITING_EACH)
        )
        while ahead:
            yield ahead.popleft().result()
            ahead.extend(pool.submit(answer, picture) for picture in islice(remaining, 1))
    finally:
        pool.shutdown(cancel_futures=True)


def _ask(
    classifier: HybridClassifier,
    picture: Named,
    method: str,
    time_budget: float | None,
    explain: bool,
) -> dict[str, Any]:
    try:
        return classifier.classify(picture.source, time_budget, method, include_explanation=explain)
    except ClassifierError as error:
        return {"error": {"type": error.kind, "message": str(error)}}


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def widest_limits() -> Limits:
    """Return the limits with all formats that this build of Pillow reads."""
    formats = list(BROWSER_FORMATS)
    for name in MORE_FORMATS:
        try:
            formats += Limits(formats=(name,)).formats
        except BadParameter:  # this build of Pillow lacks its codec
            continue
    return Limits(formats=tuple(formats))
