"""Answer for one version of the model, with the code of the checkout that this runs in.

    python -P training/evaluation/answering.py < request.json

The request names `model`, `paths`, `methods` and whether sums are `exact`; each line of the output
answers one path, by method. This runs in checkouts of any age: it knows nothing but their public
class, and that they make the options of ONNX Runtime by its name.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

HOMES = ("logo_classifier", "app.classification")
"""Where the public class stands, in today's checkouts and in those until 1.5.0."""

_KEPT = ("logo_type", "confidence", "probabilities", "prediction_set", "traits", "method_used")


def sum_exactly() -> None:
    """Let networks sum products of 8-bit integers without overflow, on any processor.

    Processors with AVX2 but without VNNI overflow otherwise, which changes up to one type in 90.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read on import
    runtime: Any = importlib.import_module("onnxruntime")
    usual = runtime.SessionOptions

    def exact() -> Any:
        options = usual()
        options.add_session_config_entry("session.x64quantprecision", "1")
        return options

    runtime.SessionOptions = exact


def load(checkout: Path, model: str) -> Any:
    """Return the classifier of a checkout with a model; exit if its network does not load."""
    sys.path.insert(0, str(checkout))
    home = next(name for name in HOMES if (checkout / name.replace(".", "/")).is_dir())
    classifier = importlib.import_module(home).HybridClassifier(model, enable_caching=False)
    if not classifier.model_loaded:
        sys.exit(f"no network: {classifier.get_model_info()['error']}")
    return classifier


def main() -> None:
    """Answer the request of the standard input."""
    request = json.load(sys.stdin)
    if request["exact"]:
        sum_exactly()
    classifier = load(Path.cwd(), request["model"])
    for path in request["paths"]:
        replies = {name: classifier.classify(path, method=name) for name in request["methods"]}
        kept = {name: {key: reply[key] for key in _KEPT} for name, reply in replies.items()}
        print(json.dumps(kept), flush=True)


if __name__ == "__main__":
    main()
