"""`models compare`: two versions on the same labelled pictures."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import numpy as np

from logo_classifier import ClassifierError, HybridClassifier, LogoType, Registry
from logo_classifier.cli.labelled import read_labelled
from logo_classifier.cli.models.pairs import compare_pair
from logo_classifier.cli.models.versions import folder_of
from logo_classifier.cli.tables import print_table
from logo_classifier.decision.calibration import expected_calibration_error

Labelled = list[tuple[Path, LogoType]]


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of a version, and the median time of one in milliseconds."""

    version: str
    types: list[str]
    confidences: list[float]
    milliseconds: float


@click.command("compare")
@click.argument("first")
@click.argument("second")
@click.option(
    "--data",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="A folder with a sub-folder a type, or a CSV file with the columns path and logo_type.",
)
@click.pass_obj
def command(registry: Registry, first: str, second: str, data: Path) -> None:
    """Compare FIRST and SECOND on labelled pictures that neither has learnt."""
    if find_spec("scipy") is None:
        raise click.UsageError("the test needs SciPy: pip install 'logo-classifier[compare]'")
    folders = {version: folder_of(registry, version) for version in (first, second)}
    try:
        labelled = read_labelled(data)
        answers = ask(folders, labelled)
    except (ValueError, OSError, ClassifierError) as error:
        raise click.UsageError(str(error)) from error
    one, other = answers[0], answers[-1]
    _print_scores(labelled, one, other)
    _print_confusion(labelled, one, other)
    _print_pair(labelled, one, other)


def ask(folders: dict[str, Path], labelled: Labelled) -> list[Answers]:
    """Return the answers of each version; they take turns, so that a busy machine slows both."""
    loaded = {name: HybridClassifier(path, enable_caching=False) for name, path in folders.items()}
    for name, classifier in loaded.items():
        if error := classifier.get_model_info()["error"]:
            raise ValueError(f"{name} does not load: {error}")
        classifier.warm_up()
    given: dict[str, list[dict[str, Any]]] = {name: [] for name in loaded}
    seconds: dict[str, list[float]] = {name: [] for name in loaded}
    for path, _ in labelled:
        picture = path.read_bytes()
        for name, classifier in loaded.items():
            begun = time.perf_counter()
            try:
                given[name].append(classifier.classify(picture))
            except ClassifierError as error:
                raise ValueError(f"{path}: {error}") from error
            seconds[name].append(time.perf_counter() - begun)
    return [
        Answers(
            name,
            [reply["logo_type"] for reply in replies],
            [reply["confidence"] for reply in replies],
            1000 * statistics.median(seconds[name]),
        )
        for name, replies in given.items()
    ]


def _right(labelled: Labelled, answers: Answers) -> list[bool]:
    return [said == kind for said, (_, kind) in zip(answers.types, labelled, strict=True)]


def _print_scores(labelled: Labelled, *both: Answers) -> None:
    rows = []
    for answers in both:
        right = np.array(_right(labelled, answers))
        error = expected_calibration_error(np.array(answers.confidences), right)
        shares = (f"{right.mean():.4f}", f"{error:.4f}", f"{answers.milliseconds:.1f}")
        rows.append([answers.version, str(len(labelled)), *shares])
    print_table(("version", "pictures", "accuracy", "ECE", "ms a picture"), rows)


def _print_confusion(labelled: Labelled, *both: Answers) -> None:
    rows = []
    for answers in both:
        pairs = Counter(zip((kind for _, kind in labelled), answers.types, strict=True))
        rows += [
            [answers.version, kind.value, *(str(pairs[kind, said]) for said in LogoType)]
            for kind in LogoType
        ]
    click.echo()
    print_table(("version", "is", *(f"said {kind}" for kind in LogoType)), rows)


def _print_pair(labelled: Labelled, one: Answers, other: Answers) -> None:
    pairs = zip(_right(labelled, one), _right(labelled, other), strict=True)
    counts = Counter(pairs)
    pair = compare_pair(len(labelled), counts[True, False], counts[False, True])
    same = sum(a == b for a, b in zip(one.types, other.types, strict=True))
    difference = (pair.second_alone - pair.first_alone) / pair.pictures
    rows = [
        ["same type from both", f"{same} of {pair.pictures}"],
        [f"only {one.version} is right", str(pair.first_alone)],
        [f"only {other.version} is right", str(pair.second_alone)],
        ["difference in accuracy", f"{difference:+.4f}"],
        ["95 % interval", f"{pair.low:+.4f} to {pair.high:+.4f}"],
        ["p of McNemar's exact test", f"{pair.p:.4f}"],
    ]
    click.echo()
    print_table(("both", "value"), rows)
    click.echo()
    click.echo(pair.verdict(one.version, other.version))
