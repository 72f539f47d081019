"""The feedback of one process: which replies ask for it, and where answers and labels go."""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from collections.abc import Mapping
from threading import Lock
from typing import Any

from app import instruments
from app.config import Settings
from app.feedback.pictures import Kept, PictureFolder, PictureKeeper
from app.feedback.recorder import OtherJudgement, Recorded, Recorder
from logo_classifier import (
    Accepted,
    Answer,
    FeedbackStore,
    FeedbackUnavailable,
    LogoType,
    judged_of,
    open_feedback,
)

DAY_SECONDS = 86_400

_PAUSE_SECONDS = 2.0
"""How long a store that did not open is left alone."""

_log = logging.getLogger(__name__)


class Feedback:
    """The store of feedback, and the queue before it.

    A store that fails costs no reply; it is opened again at the next use.
    """

    def __init__(self, settings: Settings) -> None:
        self._url, self._ask = settings.feedback_url, settings.feedback_ask
        # Keys make it a secret which pictures ask. A new key must not make an old client a new one.
        self._client_salt = _salt(settings.feedback_url)
        self._picture_salt = _salt(settings.feedback_url, *settings.api_keys)
        self._opening = Lock()
        self._store: FeedbackStore | None = None
        self._failure, self._open_again_at_seconds = "", 0.0
        folder = picture_folder(settings)
        self._keeper = PictureKeeper(folder, _count_picture) if folder else None
        self._recorder = Recorder(self.store, settings.feedback_days * DAY_SECONDS, _count)
        try:
            self.store()
        except FeedbackUnavailable as error:
            _log.error("no feedback is kept for now: %s", error)

    def store(self) -> FeedbackStore:
        """Return the store; raise FeedbackUnavailable if it does not open.

        One that did not open is left alone for a moment, so that nobody waits for it in a row.
        """
        with self._opening:
            if self._store is None:
                if self._failure and time.monotonic() < self._open_again_at_seconds:
                    raise FeedbackUnavailable(self._failure)
                try:
                    self._store = open_feedback(self._url)
                except FeedbackUnavailable as error:
                    self._failure = str(error)
                    self._open_again_at_seconds = time.monotonic() + _PAUSE_SECONDS
                    raise
            return self._store

    def asks(self, picture: str) -> bool:
        """Return whether replies about a picture ask for feedback; `picture` is its SHA-256.

        The same picture gives the same reply in every worker and after a restart.
        """
        digest = hmac.digest(self._picture_salt, picture.encode(), "sha256")
        return int.from_bytes(digest[:8]) % self._ask == 0

    def record(self, request_id: str, answer: Mapping[str, Any], asked: bool, data: bytes) -> None:
        """Keep the library's answer behind the reply, and its picture if that is wished."""
        picture: str = answer["image"]["sha256"]
        self._recorder.add(Answer(request_id, picture, judged_of(answer), asked, time.time()))
        if self._keeper:
            self._keeper.add(picture, answer["image"]["format"].lower(), data)

    def record_other(self, request_id: str, answer: Mapping[str, Any]) -> None:
        """Keep what the other version of a trial said of the same picture."""
        self._recorder.add(OtherJudgement(request_id, judged_of(answer)))

    def label(self, request_id: str, true_label: LogoType, client: str) -> Accepted:
        """Keep the label of a client; raise FeedbackUnavailable if it is not on the disk.

        `client` is an API key or a network address, of which only a salted digest is kept.
        """
        digest = hmac.digest(self._client_salt, client.encode(), "sha256").hex()
        return self.store().add_label(request_id, true_label, digest, time.time())

    def close(self) -> None:
        """Write what waits."""
        self._recorder.close()
        if self._keeper:
            self._keeper.close()


def picture_folder(settings: Settings) -> PictureFolder | None:
    """Return where the pictures of answers are kept, or None."""
    if not (settings.feedback_url and settings.keep_feedback_images):
        return None
    return PictureFolder(
        settings.keep_feedback_images,
        most_bytes=settings.keep_feedback_images_mb * 1024 * 1024,
        keep_seconds=settings.keep_feedback_images_days * DAY_SECONDS,
    )


def _count_picture(outcome: Kept) -> None:
    instruments.FEEDBACK_PICTURES.labels(outcome).inc()


def _salt(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode()).digest()


def _count(outcome: Recorded, answers: int) -> None:
    instruments.FEEDBACK_ANSWERS.labels(outcome).inc(answers)
