"""A small set of drawn logos, and one run of the whole recipe on it that many tests look at."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from logo_classifier.pictures.image import LoadedImage
from tests.training.drawn import SQUARE, SVG, FinishedRun, write_fonts, write_logos
from training import calibrate, rules
from training.behaviour import suite
from training.evaluation import evaluate
from training.labels import packages
from training.labels.dataset import TRAINING_SPLITS, Example, folds_of, load_all, read_labels
from training.labels.fetch import fetch_fonts
from training.labels.folds import fill_folds
from training.labels.outlines import outline_all
from training.network import export, train
from training.network.recipe import Recipe


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """Keep PyTorch to one thread: pictures as small as these gain nothing from more."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    """Return a recipe of two epochs that takes seconds."""
    return Recipe(
        stages=((32, 1), (64, 1)),
        batch_size=12,
        warmup_share=0.2,
        average_decay=0.5,
        statistics_batches=4,
        start_share=0.0,
    )


@pytest.fixture(scope="session")
def rules_recipe() -> rules.Recipe:
    """Return a recipe for rules that takes a second."""
    return rules.Recipe(rounds=20, drawn=40)


@pytest.fixture(scope="session")
def logos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the drawn logos."""
    folder = tmp_path_factory.mktemp("logos")
    write_logos(folder)
    examples = read_labels(folder, *TRAINING_SPLITS)
    fill_folds(folder, examples, outline_all(examples))
    write_fonts(folder / "packages")
    write_fonts(folder / "packages", suite.FONTS)
    return folder


@pytest.fixture(scope="session")
def fonts(logos: Path) -> list[Path]:
    return fetch_fonts(logos / "packages")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name under which labels would know a real local repository."""
    folder = tmp_path / "host" / "owner" / "logos"
    (folder / "art").mkdir(parents=True)
    Image.new("RGB", (500, 250), "red").save(folder / "art" / "red.png")
    (folder / "art" / "tall.svg").write_text(SVG.format(10, 20, SQUARE))
    git = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "config", "uploadpack.allowFilter", "true"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "art"], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    monkeypatch.setattr(packages, "GIT_HOST", f"file://{tmp_path / 'host'}/")
    return f"owner/logos@{commit.stdout.strip()}:art"


@pytest.fixture(scope="session")
def examples(logos: Path) -> list[Example]:
    return read_labels(logos, "train")


@pytest.fixture(scope="session")
def images(examples: list[Example]) -> list[LoadedImage]:
    return load_all(examples)


@pytest.fixture(scope="session")
def folds(examples: list[Example]) -> NDArray[np.int64]:
    return folds_of(examples)


@pytest.fixture(scope="session")
def material(logos: Path) -> train.Material:
    return train.prepare(logos)


@pytest.fixture(scope="session")
def finished(
    logos: Path,
    material: train.Material,
    recipe: Recipe,
    rules_recipe: rules.Recipe,
    tmp_path_factory: pytest.TempPathFactory,
) -> FinishedRun:
    """Return what rules, train, export and calibrate made of the drawn logos."""
    root = tmp_path_factory.mktemp("recipe")
    folder, bundle = root / "run", root / "models" / "drawn-logos" / "0.1.0"
    train.train(material, folder, recipe)
    rules.write(rules.fit(logos, rules_recipe), bundle)
    fidelity = export.export(logos, folder, bundle)
    calibrate.write(*calibrate.calibrate(logos, bundle, rules_recipe), bundle)
    return FinishedRun(folder, bundle, fidelity)


@pytest.fixture(scope="session")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the evaluation of the finished run writes into."""
    return tmp_path_factory.mktemp("evaluation")


@pytest.fixture(scope="session")
def report(logos: Path, finished: FinishedRun, evaluation: Path) -> dict[str, Any]:
    return evaluate.evaluate(logos, "bench", finished.bundle, evaluation)
