"""Prints tell apart what answers and features depend on, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import grimp
import pytest

from logo_classifier.caching import fingerprint as module
from logo_classifier.caching.fingerprint import (
    BEHIND_FEATURES,
    PACKAGE,
    fingerprint_features,
    fingerprint_results,
)
from logo_classifier.decision.calibration import MethodCalibration
from logo_classifier.decision.routing import RoutingPolicy
from logo_classifier.network.bundle import ModelBundle, load_bundle
from logo_classifier.pictures.source import Limits
from logo_classifier.values import Method
from tests.logo_classifier.network.networks import write_bundle

SOURCES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
RULES = "rules/rules.json"
MAKERS = (
    "logo_classifier.pictures.image",
    "logo_classifier.rules.features",
    "logo_classifier.rules.trees",
    "logo_classifier.decision.calibration",
    "logo_classifier.caching.codec",
)
"""The modules that make features and the rules' verdict, and write them down."""


@pytest.fixture
def bundle(tmp_path: Path) -> ModelBundle:
    return load_bundle(write_bundle(tmp_path / "one"))


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a copy of the library's sources which the prints are taken of."""
    copy = shutil.copytree(PACKAGE, tmp_path / "package")
    monkeypatch.setattr(module, "PACKAGE", copy)
    module._code.cache_clear()
    yield copy
    module._code.cache_clear()


def is_behind_features(name: str) -> bool:
    return any(name == place or name.startswith(f"{place}/") for place in BEHIND_FEATURES)


def changed(package: Path, name: str) -> tuple[bool, bool]:
    """Change a file; tell whether the prints of features and of results change."""
    before = fingerprint_features("rules"), fingerprint_results("rules")
    with (package / name).open("a") as file:
        file.write("\n")
    module._code.cache_clear()
    after = fingerprint_features("rules"), fingerprint_results("rules")
    return before[0] != after[0], before[1] != after[1]


@pytest.mark.parametrize("take", [fingerprint_features, fingerprint_results])
def test_a_print_is_short_and_stays_the_same(take: Callable[..., str]) -> None:
    fingerprint = take("rules", RoutingPolicy(), None)

    assert fingerprint == take("rules", RoutingPolicy(), None)
    assert len(fingerprint) == 32
    assert int(fingerprint, 16) >= 0


def test_the_same_model_in_another_folder_has_the_same_print(
    bundle: ModelBundle, tmp_path: Path
) -> None:
    copy = load_bundle(shutil.copytree(tmp_path / "one", tmp_path / "two"))

    assert copy.weights != bundle.weights
    assert fingerprint_results(copy) == fingerprint_results(bundle)


def test_weights_rules_calibration_policy_and_input_are_told_apart(bundle: ModelBundle) -> None:
    others = [
        replace(bundle, sha256="0" * 64),
        replace(bundle, rules={"version": "1"}),
        replace(bundle, calibration={Method.ENSEMBLE: MethodCalibration(temperature=2.0)}),
        replace(bundle, calibration={Method.ENSEMBLE: MethodCalibration(temperature=2.1)}),
        replace(bundle, policy=RoutingPolicy(rule_weight=0.3)),
        replace(bundle, side_px=64),
        replace(bundle, types=bundle.types[::-1]),
        replace(bundle, version="0.2.0"),
    ]

    assert len({fingerprint_results(each) for each in [bundle, *others]}) == 1 + len(others)


def test_policies_and_limits_are_told_apart() -> None:
    parts = [RoutingPolicy(), RoutingPolicy(neural=0.46), Limits(), Limits(max_side_px=99), None]

    assert len({fingerprint_results(part) for part in parts}) == len(parts)
    assert len({fingerprint_features(part) for part in parts}) == len(parts)


def test_the_sources_are_those_of_every_room() -> None:
    rooms = {name.partition("/")[0] for name in SOURCES if "/" in name}

    assert {"caching", "decision", "network", "pictures", "pipeline", "rules", "versions"} <= rooms


@pytest.mark.parametrize("name", [*SOURCES, RULES])
def test_every_file_of_every_room_is_behind_results(package: Path, name: str) -> None:
    features, results = changed(package, name)

    assert results
    assert features == is_behind_features(name)


def test_a_new_module_and_a_move_have_another_print(package: Path) -> None:
    before = fingerprint_results("rules")
    (package / "pictures" / "new.py").write_text("")
    module._code.cache_clear()
    with_new = fingerprint_results("rules")
    (package / "pictures" / "new.py").rename(package / "rules" / "new.py")
    module._code.cache_clear()

    assert len({before, with_new, fingerprint_results("rules")}) == 3


def test_a_stores_client_leaves_stored_features_valid(package: Path) -> None:
    assert changed(package, "caching/stores.py") == (False, True)


def test_all_that_features_are_made_with_is_behind_their_print() -> None:
    graph = grimp.build_graph("logo_classifier")
    behind = {place.replace("/", ".").removesuffix(".py") for place in BEHIND_FEATURES}
    needed = {name for maker in MAKERS for name in graph.find_upstream_modules(maker)} | {*MAKERS}

    missing = {
        name.removeprefix("logo_classifier.")
        for name in needed
        if not any(f"{name}.".startswith(f"logo_classifier.{place}.") for place in behind)
    }

    assert missing == set()


def test_another_decoder_or_runtime_has_another_print(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fingerprint_features("rules"), fingerprint_results("rules")
    monkeypatch.setattr(module, "version", lambda library: f"{library} of tomorrow")
    module._code.cache_clear()

    assert fingerprint_features("rules") != before[0]
    assert fingerprint_results("rules") != before[1]


def test_a_library_that_is_installed_under_another_name_ends_nothing(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(library: str) -> str:
        raise PackageNotFoundError(library)

    monkeypatch.setattr(module, "version", missing)
    module._code.cache_clear()

    assert len(fingerprint_features("rules")) == 32


def test_the_steps_that_put_features_together_are_behind_them() -> None:
    assert {"pipeline/sequence.py", "versions/loaded.py"} <= set(BEHIND_FEATURES)


def test_what_has_no_fixed_text_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no fingerprint"):
        fingerprint_results(object())
