"""Write what a model was measured on as recording rules of Prometheus, for the alerts on drift.

    python -m training.evaluation.drift_reference --model models/logo-type/1.6.0 --out FILE.yml

takes `metrics.json` of the model: shares of the answered types, the share of confident answers,
accuracy and the number of pictures.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from logo_classifier.values import AUTO, LogoType

_HEAD = """\
# Written by `make drift-reference` from metrics.json of {model}, split {split}. Not by hand.
"""


def render(metrics: dict[str, Any]) -> str:
    """Return the file of rules for the scores of a model."""
    scores, pictures = metrics["methods"][AUTO], metrics["dataset"]["pictures"]
    answered = np.array(scores["confusion_matrix"]).sum(axis=0)
    rules = [
        _constant("logo:type:reference", count / pictures, logo_type=kind.value)
        for kind, count in zip(LogoType, answered.tolist(), strict=True)
    ]
    rules += [
        _constant("logo:confident:reference", scores["confident"]["share"]),
        _constant("logo:accuracy:reference", scores["accuracy"]),
        _constant("logo:pictures:reference", pictures),
    ]
    model = "{name}/{version}".format(**metrics["model"])
    head = _HEAD.format(model=model, split=metrics["dataset"]["split"])
    group = {"name": "logo-drift-reference", "interval": "1m", "rules": rules}
    return head + yaml.safe_dump({"groups": [group]}, sort_keys=False)


def _constant(record: str, value: float, **labels: str) -> dict[str, Any]:
    rule: dict[str, Any] = {"record": record, "expr": f"vector({round(value, 4)})"}
    return {**rule, "labels": labels} if labels else rule


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    metrics = json.loads((chosen.model / "metrics.json").read_text("utf-8"))
    chosen.out.write_text(render(metrics), "utf-8")


if __name__ == "__main__":
    main()
