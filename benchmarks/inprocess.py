"""The library in this process, with the setup of a worker."""

from __future__ import annotations

import cv2

from app.server.malloc import set_up_malloc
from logo_classifier import HybridClassifier, Limits


def classifier_of_a_worker(limits: Limits | None = None) -> HybridClassifier:
    """Return a warm classifier without caches; set up malloc and threads like a worker."""
    set_up_malloc()
    cv2.setNumThreads(1)
    classifier = HybridClassifier(enable_caching=False, limits=limits)
    classifier.warm_up()
    return classifier
