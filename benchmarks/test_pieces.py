"""Microbenchmarks: time each step of one classification separately, on a 384 px logo.

    make bench-pieces

`--benchmark-save=NAME` stores a run, `--benchmark-compare` compares the next run with it.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from werkzeug.formparser import FormDataParser

from app.api.intake.forms import FORM, MemoryFormParser
from app.server.malloc import set_up_malloc
from benchmarks.pictures import BOUNDARY, write_forms
from logo_classifier import HybridClassifier
from logo_classifier.network.bundle import load_bundle
from logo_classifier.network.neural import NeuralClassifier
from logo_classifier.pictures.image import LoadedImage, fit_square, load_image
from logo_classifier.rules.features import extract_features
from logo_classifier.rules.trees import classify_by_rules
from logo_classifier.versions.loaded import load_version
from logo_classifier.versions.shipped import shipped

LOGO = Path(__file__).parents[1] / "models" / "golden" / "windi-css.png"


@pytest.fixture(scope="module", autouse=True)
def as_in_a_worker() -> None:
    """Set up this process like a worker: one thread for OpenCV, and its malloc settings."""
    set_up_malloc()
    cv2.setNumThreads(1)


@pytest.fixture(scope="module")
def data() -> bytes:
    """Return the bytes of the file."""
    return LOGO.read_bytes()


@pytest.fixture(scope="module")
def image(data: bytes) -> LoadedImage:
    """Return the normalised picture."""
    return load_image(data)


@pytest.fixture(scope="module")
def network() -> NeuralClassifier:
    """Return the shipped network."""
    return NeuralClassifier(load_bundle(shipped()))


def _in_memory(*_: object, **__: object) -> BytesIO:
    # For both parsers: files on disk would make the comparison unfair to Werkzeug.
    return BytesIO()


@pytest.mark.parametrize("parser", [MemoryFormParser, FormDataParser])
def test_read_form(
    benchmark: BenchmarkFixture, parser: type[FormDataParser], data: bytes, tmp_path: Path
) -> None:
    """Read a form of one picture with the parser of the service and with Werkzeug's."""
    (tmp_path / "logo.png").write_bytes(data)
    (form,) = write_forms(tmp_path / "forms", [tmp_path / "logo.png"], 1)
    body = form.read_bytes()

    def read() -> object:
        fresh = parser(stream_factory=_in_memory)
        return fresh.parse(BytesIO(body), FORM, len(body), {"boundary": BOUNDARY})

    benchmark(read)


def test_load_image(benchmark: BenchmarkFixture, data: bytes) -> None:
    """Decode and normalise."""
    benchmark(load_image, data)


def test_extract_features(benchmark: BenchmarkFixture, image: LoadedImage) -> None:
    """Extract the features that the shipped rules ask for."""
    benchmark(extract_features, image, load_version(None).plan)


def test_classify_by_rules(benchmark: BenchmarkFixture, image: LoadedImage) -> None:
    """Classify known features by rules."""
    version = load_version(None)
    benchmark(classify_by_rules, extract_features(image, version.plan), version.rules)


def test_fit_square(
    benchmark: BenchmarkFixture, image: LoadedImage, network: NeuralClassifier
) -> None:
    """Prepare the network's input."""
    benchmark(fit_square, image, network.bundle.side_px)


def test_network_forward(
    benchmark: BenchmarkFixture, image: LoadedImage, network: NeuralClassifier
) -> None:
    """Run the network on one square."""
    benchmark(network.logits_of, np.stack([fit_square(image, network.bundle.side_px)]))


def test_classify(benchmark: BenchmarkFixture, data: bytes) -> None:
    """Classify with rules and network."""
    classifier = HybridClassifier(enable_caching=False)
    benchmark(classifier.classify, data, method="ensemble")


def test_classify_cached(benchmark: BenchmarkFixture, data: bytes) -> None:
    """Classify a cached picture."""
    classifier = HybridClassifier()
    classifier.classify(data)
    benchmark(classifier.classify, data)
