"""Look at a model version: its digests, its answers for the golden pictures, and its speed here."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from logo_classifier.diagnosis.finding import Finding, Level
from logo_classifier.errors import ClassifierError
from logo_classifier.hybrid import HybridClassifier
from logo_classifier.values import AUTO, Method
from logo_classifier.verification import verify
from logo_classifier.versions.golden import read_pictures
from logo_classifier.versions.registry import Registry

_CURE = "install it anew, or name another version: `logo-classifier models list` shows them"


def examine_model(path: Path) -> Iterator[Finding]:
    """Yield whether a bundle is what its digests say and answers as recorded, and how fast."""
    name = "/".join(path.absolute().parts[-2:])
    classifier = HybridClassifier(path, enable_caching=False)
    found = verify(path, classifier)
    if found.problems:
        more = f" and {len(found.problems) - 1} more" if len(found.problems) > 1 else ""
        yield Finding("model", Level.FAIL, f"{name}: {found.problems[0]}{more}", _CURE)
    elif not found.recorded:
        detail = f"{name} loads, but has no recorded answers to compare with"
        yield Finding("model", Level.WARN, detail, "evaluate it: `logo-classifier evaluate DATA`")
    else:
        detail = f"{name}: digests fit, {found.recorded} golden pictures are answered as recorded"
        yield Finding("model", Level.OK, detail)
    yield _speed(classifier)


def _speed(classifier: HybridClassifier) -> Finding:
    """Return the median time of a golden picture, as the router answers and by the network."""
    try:
        pictures = list(read_pictures(Registry().golden_pictures()).values())
        classifier.warm_up()
        by_method = {
            method: 1000 * statistics.median(_seconds(classifier, pictures, method))
            for method in (AUTO, *([Method.NEURAL_NETWORK] if classifier.model_loaded else []))
        }
    except (ClassifierError, OSError) as error:
        return Finding("speed", Level.FAIL, f"no golden picture is answered: {error}", _CURE)
    told = f"{by_method[AUTO]:.1f} ms a picture on one thread (median of {len(pictures)})"
    if Method.NEURAL_NETWORK in by_method:
        told += f", {by_method[Method.NEURAL_NETWORK]:.1f} ms where the network alone answers"
    return Finding("speed", Level.OK, told)


def _seconds(classifier: HybridClassifier, pictures: list[bytes], method: str) -> Iterator[float]:
    for picture in pictures:
        begun = time.perf_counter()
        classifier.classify(picture, method=method)
        yield time.perf_counter() - begun
