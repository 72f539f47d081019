"""Time the library in this process, set up as a worker is."""

from __future__ import annotations

import cv2

from app.classification import HybridClassifier
from app.server import set_up_malloc


def classifier_of_a_worker() -> HybridClassifier:
    """Return a warm classifier without cache; this process gets a worker's malloc and threads."""
    set_up_malloc()
    cv2.setNumThreads(1)
    classifier = HybridClassifier(enable_caching=False)
    classifier.warm_up()
    return classifier
