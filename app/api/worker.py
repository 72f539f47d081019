"""The one classifier of a process, shared by the start-up hook and the application."""

from __future__ import annotations

from functools import cache

import cv2

from app.classification import HybridClassifier
from app.classification.source import Limits
from app.config import Settings


@cache
def process_classifier(settings: Settings) -> HybridClassifier:
    """Build the classifier at the first call; equal settings get the same one again."""
    cv2.setNumThreads(settings.inference_threads)
    return HybridClassifier(
        settings.model_path,
        settings.enable_caching,
        limits=Limits(max_bytes=settings.max_upload_bytes),
        threads=settings.inference_threads,
    )
