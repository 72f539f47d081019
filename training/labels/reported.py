"""Add pictures whose types clients reported to a dataset, for fitting alone.

    python -m training.labels.reported labels.csv --data data

takes what `python -m app feedback export --with-pictures` wrote. The pictures get the split
`extra`, so that nothing is measured on them. A type tells the three flags of simple and text; of
gradient and complex it tells some, and the shipped network's traits tell the others. Afterwards
`make folds` gives them folds, and names those that look like a picture of `bench`: take them out.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from pathlib import Path

from tqdm import tqdm

from logo_classifier import HybridClassifier, InvalidInput, LogoType
from training.labels.dataset import Example, read_examples

ORIGIN = "reported"

_TOLD = {
    LogoType.SIMPLE: {"lettering": False, "gradient": False, "complex": False},
    LogoType.TEXT: {"lettering": True, "gradient": False, "complex": False},
    LogoType.GRADIENT: {"gradient": True, "complex": False},
    LogoType.COMPLEX: {"complex": True},
}
"""The flags that follow from a type (type_of)."""


def add_reported(reported: Path, data: Path, classifier: HybridClassifier) -> tuple[int, list[str]]:
    """Add the pictures of a CSV (path, logo_type) to `labels.csv` and `images/` of a dataset.

    Returns how many are new, and what is wrong with pictures that are left out. A picture keeps its
    bytes, so its file may be no PNG whatever its name; it is read by content. Raises ValueError for
    labels of no use.
    """
    file = data / "labels.csv"
    with open(file, newline="", encoding="utf-8-sig") as lines:
        reader = csv.DictReader(lines)
        columns, known = list(reader.fieldnames or ()), {row["id"] for row in reader}
    rows: list[dict[str, str]] = []
    refused: list[str] = []
    for example in tqdm(read_examples(reported, ""), desc="add", unit="img"):
        content = example.path.read_bytes()
        name = f"{ORIGIN}-{hashlib.sha256(content).hexdigest()[:10]}"
        if name in known:
            continue
        try:
            answer = classifier.classify(content, method="neural_network")
        except InvalidInput as error:
            refused.append(f"{example.path}: {error}")
            continue
        known.add(name)
        rows.append(_row(name, example, answer["traits"]))
        (data / "images" / f"{name}.png").write_bytes(content)
    with open(file, "a", newline="", encoding="utf-8") as lines:
        csv.DictWriter(lines, columns, restval="", lineterminator="\n").writerows(rows)
    return len(rows), refused


def _row(name: str, example: Example, traits: dict[str, float]) -> dict[str, str]:
    likely = {trait: share >= 0.5 for trait, share in traits.items()}
    flags = {**likely, **_TOLD[example.logo_type]}
    return {
        "id": name,
        "logo_type": example.logo_type.value,
        **{flag: str(int(holds)) for flag, holds in flags.items()},
        "agreed": "1",
        "split": "extra",
        "origin": ORIGIN,
        "name": example.path.name,
    }


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("reported", type=Path, help="CSV with the columns path and logo_type")
    parser.add_argument("--data", type=Path, required=True, help="folder of labels.csv and images/")
    chosen = parser.parse_args()
    added, refused = add_reported(chosen.reported, chosen.data, HybridClassifier())
    for each in refused:
        print(f"left out: {each}")
    print(f"{added} pictures are added as extra: now `make folds`")


if __name__ == "__main__":
    main()
