"""Build the one classifier of a process from the settings; no HTTP."""

from __future__ import annotations

import logging
import os
import random
from functools import cache
from pathlib import Path

import cv2

from app import instruments
from app.config import Settings
from app.processors import available_processors
from logo_classifier import (
    Caching,
    HybridClassifier,
    Limits,
    ModelUnavailable,
    Registry,
    open_store,
)

_JITTER = 0.1
"""Largest share that a worker adds to its memory limit, so workers are not replaced together."""

_log = logging.getLogger(__name__)


@cache
def process_classifier(settings: Settings) -> HybridClassifier:
    """Return the classifier for these settings; it is built once."""
    try:
        return build_classifier(settings, model_folder(settings))
    except ModelUnavailable as error:
        return build_classifier(settings, None, refused=str(error))


def build_classifier(
    settings: Settings, model: Path | None, refused: str | None = None
) -> HybridClassifier:
    """Return a new classifier of the version, or the bundle, at a path.

    `refused` is a reason for which no network may serve: the rules answer alone.
    """
    cv2.setNumThreads(settings.inference_threads)
    store_url = settings.redis_url or settings.memcached_url
    classifier = HybridClassifier(
        model,
        settings.enable_caching,
        limits=picture_limits(settings),
        threads=settings.inference_threads,
        batch_threads=min(4, available_processors()),
        caching=Caching(
            max_bytes=settings.cache_mb * 1024 * 1024,
            store=open_store(store_url) if store_url else None,
            on_lookup=instruments.observe_lookup,
            on_failure=instruments.observe_store_failure,
        ),
        refused=refused,
        on_stage=instruments.observe_stage,
    )
    classifier.memory_optimizer.memory_threshold = _memory_threshold_mb(settings)
    if error := classifier.get_model_info()["error"]:
        _log.warning("the rules answer alone: %s does not serve: %s", named(settings), error)
    return classifier


def model_folder(settings: Settings) -> Path:
    """Return the path of the model that the settings ask for.

    Raises ModelUnavailable, with what there is, if the registry does not have it.
    """
    if settings.model_path:
        return settings.model_path
    registry = Registry(settings.models_dir)
    return registry.resolve(settings.model or registry.shipped())


def named(settings: Settings) -> str:
    """Return the model that the settings ask for, in words."""
    return str(settings.model_path or settings.model or "the shipped model")


def picture_limits(settings: Settings) -> Limits:
    """Return the limits of one picture by the settings."""
    return Limits(max_bytes=settings.max_upload_bytes, formats=settings.formats)


def _memory_threshold_mb(settings: Settings) -> float | None:
    if not settings.worker_memory_mb:
        return None
    jitter = random.Random(os.getpid()).random() * _JITTER  # noqa: S311 - no secret
    return settings.worker_memory_mb * (1 + jitter)
