"""Time the library in this process, set up as a worker is."""

from __future__ import annotations

import cv2

from app.server.malloc import set_up_malloc
from logo_classifier import HybridClassifier


def classifier_of_a_worker() -> HybridClassifier:
    """Return a warm classifier without cache; this process gets a worker's malloc and threads."""
    set_up_malloc()
    cv2.setNumThreads(1)
    classifier = HybridClassifier(enable_caching=False)
    classifier.warm_up()
    return classifier
