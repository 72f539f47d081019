"""A network that stays the same, with our decoding and normalisation, for the peers."""

from __future__ import annotations

from collections.abc import Sequence

import cv2

from logo_classifier.network.bundle import load_bundle
from logo_classifier.network.neural import NeuralClassifier
from logo_classifier.pictures.image import load_image
from logo_classifier.versions.shipped import shipped

FIXED_VERSION = "1.5.0"
"""The version behind the peers, so that a cheaper network of ours is a gain and not a draw."""

Answer = dict[str, str | float]


def open_network() -> NeuralClassifier:
    """Load the network of the fixed version; it and OpenCV use one thread each."""
    cv2.setNumThreads(1)
    return NeuralClassifier(load_bundle(shipped().parent / FIXED_VERSION), threads=1)


def classify(network: NeuralClassifier, pictures: Sequence[bytes]) -> list[Answer]:
    """Return type and confidence of each picture from one call of the network."""
    images = [load_image(data) for data in pictures]
    return [
        {"logo_type": verdict.logo_type.value, "confidence": verdict.confidence}
        for verdict in network.predict(images)
    ]
