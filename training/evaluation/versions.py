"""Measure all published versions of the model on the same pictures, and compare them in pairs.

    python -m training.evaluation.versions --data data --out runs/versions

writes `versions.md`, a table for each set of pictures, and `versions.json`, all their scores.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scipy.stats import binomtest

from training.evaluation.history import METHODS, ask, code_of, order, published
from training.evaluation.scores import Result, measure
from training.evaluation.table import table
from training.labels.dataset import HELD_OUT, Example, labels_digest, read_examples

BENCH = "bench"
TWINS = "bench_twins.csv"
"""Which pictures of `bench` had a twin in the labels, and in those of which version last."""

Replies = Mapping[str, Mapping[str, Result]]
"""Answers of one version by method, then by the id of the picture."""


def read_sets(data: Path) -> dict[str, list[Example]]:
    """Return the sets of pictures to measure on, by name.

    They are `bench`, the parts of it without known twins of what versions learnt from, and the
    held-out pictures.
    """
    bench = read_examples(data, BENCH)
    sets = {BENCH: bench}
    last = read_twins(data)
    for version in sorted(set(last.values()), key=order, reverse=True):
        name = f"{BENCH} without twins in the labels of {version} or later"
        sets[name] = [e for e in bench if e.id not in last or order(last[e.id]) < order(version)]
    return {**sets, HELD_OUT: read_examples(data, HELD_OUT)}


def read_twins(data: Path) -> dict[str, str]:
    """Return the last version whose labels had a twin, by the id of the picture of `bench`.

    A dataset without a list of twins has none.
    """
    file = data / TWINS
    if not file.is_file():
        return {}
    with open(file, newline="", encoding="utf-8") as lines:
        return {row["id"]: row["labelled_until"] for row in csv.DictReader(lines)}


def compare(data: Path, versions: Sequence[str], out: Path, exact: bool = True) -> dict[str, Any]:
    """Ask versions for the type of every picture; write and return their scores, oldest first.

    `exact` is that of `ask`. Raises ValueError for labels of no use and for a version that is not
    here, ChildProcessError for one that cannot answer, FileNotFoundError for missing pictures.
    """
    sets = read_sets(data)
    oldest_first = sorted(set(versions), key=order)
    code = {version: code_of(version) for version in oldest_first}
    pictures = {example.id: example.path for part in sets.values() for example in part}
    if missing := [path for path in pictures.values() if not path.is_file()]:
        raise FileNotFoundError(
            f"{len(missing)} of {len(pictures)} pictures are missing: make dataset"
        )
    replies = {version: _ask_all(version, pictures, exact) for version in oldest_first}
    scored = {
        "code": code,
        "exact": exact,
        "sets": {name: score(examples, replies) for name, examples in sets.items()},
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / "versions.json").write_text(json.dumps(scored, indent=2) + "\n")
    (out / "versions.md").write_text(table(scored), encoding="utf-8")
    return scored


def _ask_all(version: str, pictures: Mapping[str, Path], exact: bool) -> Replies:
    answers = ask(version, list(pictures.values()), exact)
    return {method: dict(zip(pictures, answers[method], strict=True)) for method in METHODS}


def score(examples: Sequence[Example], replies: Mapping[str, Replies]) -> dict[str, Any]:
    """Return the scores of versions on the same pictures, and the newest one's pairs with others.

    `replies` are by version, oldest first.
    """
    given = {
        version: {method: [by_id[e.id] for e in examples] for method, by_id in own.items()}
        for version, own in replies.items()
    }
    *older, newest = given
    return {
        "pictures": len(examples),
        "labels_sha256": labels_digest(examples),
        "versions": {
            version: {method: measure(examples, results) for method, results in own.items()}
            for version, own in given.items()
        },
        "pairs": {
            version: {
                method: pair(examples, given[newest][method], given[version][method])
                for method in METHODS
            }
            for version in older
        },
    }


def pair(
    examples: Sequence[Example], newest: Sequence[Result], older: Sequence[Result]
) -> dict[str, Any]:
    """Return how many pictures only one of two versions gets right, and the exact p of McNemar.

    p is two-sided: the chance of a split as uneven as this, if either were as likely to be right.
    """
    gained = lost = 0
    for example, new, old in zip(examples, newest, older, strict=True):
        now, before = (reply["logo_type"] == example.logo_type.value for reply in (new, old))
        gained += now and not before
        lost += before and not now
    p = binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
    return {"newest_alone": gained, "older_alone": lost, "p": float(p)}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of labels.csv and images/")
    parser.add_argument("--out", type=Path, required=True, help="folder for the two results")
    parser.add_argument("--versions", nargs="+", default=published(), help="default: all")
    parser.add_argument(
        "--as-served", action="store_true", help="8-bit sums may overflow, as in the service"
    )
    arguments = parser.parse_args()
    try:
        scored = compare(
            arguments.data, arguments.versions, arguments.out, exact=not arguments.as_served
        )
    except (ChildProcessError, OSError, ValueError) as error:
        raise SystemExit(f"cannot compare versions: {error}") from error
    print(table(scored))


if __name__ == "__main__":
    main()
