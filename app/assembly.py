"""Build the one classifier of a process from the settings; no HTTP."""

from __future__ import annotations

import logging
import os
import random
from functools import cache

import cv2

from app import instruments
from app.config import Settings
from app.processors import available_processors
from logo_classifier import Caching, HybridClassifier, Limits, open_store

_JITTER = 0.1
"""Largest share that a worker adds to its memory limit, so workers are not replaced together."""

_log = logging.getLogger(__name__)


@cache
def process_classifier(settings: Settings) -> HybridClassifier:
    """Return the classifier for these settings; it is built once."""
    cv2.setNumThreads(settings.inference_threads)
    store_url = settings.redis_url or settings.memcached_url
    classifier = HybridClassifier(
        settings.model_path,
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
    )
    classifier.memory_optimizer.memory_threshold = _memory_threshold_mb(settings)
    if error := classifier.get_model_info()["error"]:
        model = settings.model_path or "the shipped model"
        _log.warning("the rules answer alone: %s does not serve: %s", model, error)
    return classifier


def picture_limits(settings: Settings) -> Limits:
    """Return the limits of one picture by the settings."""
    return Limits(max_bytes=settings.max_upload_bytes, formats=settings.formats)


def _memory_threshold_mb(settings: Settings) -> float | None:
    if not settings.worker_memory_mb:
        return None
    jitter = random.Random(os.getpid()).random() * _JITTER  # noqa: S311 - no secret
    return settings.worker_memory_mb * (1 + jitter)
