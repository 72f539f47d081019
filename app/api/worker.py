"""The one classifier of a process, shared by the start-up hook and the application."""

from __future__ import annotations

import logging
from functools import cache

import cv2

from app.api import metrics
from app.classification import HybridClassifier
from app.classification.caching import Caching
from app.classification.shared import Store
from app.classification.source import Limits
from app.classification.stores import MemcachedStore, RedisStore
from app.config import Settings

_log = logging.getLogger(__name__)


@cache
def process_classifier(settings: Settings) -> HybridClassifier:
    """Build the classifier at the first call; equal settings get the same one again."""
    cv2.setNumThreads(settings.inference_threads)
    classifier = HybridClassifier(
        settings.model_path,
        settings.enable_caching,
        limits=Limits(max_bytes=settings.max_upload_bytes),
        threads=settings.inference_threads,
        caching=Caching(
            max_bytes=settings.cache_mb * 1024 * 1024,
            store=_shared_store(settings),
            on_lookup=metrics.observe_lookup,
            on_failure=metrics.observe_store_failure,
        ),
    )
    # `post_request` of gunicorn.conf.py holds the worker to its own limit.
    classifier.memory_optimizer.memory_threshold = None
    if error := classifier.get_model_info()["error"]:
        _log.warning("the rules answer alone: %s", error)
    return classifier


def _shared_store(settings: Settings) -> Store | None:
    """Return the store of the settings, which nothing is asked of yet."""
    if settings.redis_url:
        return RedisStore(settings.redis_url)
    return MemcachedStore(settings.memcached_url) if settings.memcached_url else None
