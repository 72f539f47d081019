"""One line says which version serves."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from logo_classifier import HybridClassifier, ModelUnavailable
from logo_classifier.network.bundle import load_bundle
from logo_classifier.rules import trees
from logo_classifier.versions import shipped as module
from logo_classifier.versions.shipped import shipped

ROOT = Path(__file__).parents[3]
VERSIONS = sorted(path.parent for path in (ROOT / "models").glob("*/*/config.json"))
PARTS = {"model.onnx", "rules.json", "calibration.json", "policy.json", "golden.json"}

each_version = pytest.mark.parametrize("folder", VERSIONS, ids=lambda folder: folder.name)


def test_the_pointer_is_one_line_that_names_a_folder() -> None:
    (line,) = (ROOT / "models" / "shipped").read_text("utf-8").splitlines()

    assert shipped() == ROOT / "models" / line
    assert shipped() in VERSIONS


def test_it_serves_where_no_other_model_is_named() -> None:
    info = HybridClassifier().get_model_info()

    assert f"{info['name']}/{info['version']}" == "/".join(shipped().parts[-2:])
    assert info["rules_version"] == info["version"]
    assert info["calibrated"]


def test_the_librarys_copy_of_the_rules_is_that_of_the_shipped_version() -> None:
    copy = Path(trees.__file__).with_name("rules.json")

    assert copy.read_bytes() == (shipped() / "rules.json").read_bytes()


def test_the_tree_holds_the_two_newest_versions_and_the_newest_serves() -> None:
    def number(folder: Path) -> tuple[int, ...]:
        return tuple(map(int, folder.name.split(".")))

    older = sorted((ROOT / "docs" / "models").iterdir(), key=number)
    shipped_kind = [folder for folder in VERSIONS if folder.parent.name == "logo-type"]
    before, newest = sorted(shipped_kind, key=number)
    assert newest == shipped()
    assert number(before) > number(older[-1])


@each_version
def test_a_version_names_each_of_its_parts_by_digest(folder: Path) -> None:
    named = json.loads((folder / "config.json").read_text("utf-8"))["sha256"]

    assert named == {
        part: hashlib.sha256((folder / part).read_bytes()).hexdigest() for part in PARTS
    }


@each_version
def test_a_version_has_rules_of_its_own_and_says_so(folder: Path) -> None:
    bundle, info = load_bundle(folder), HybridClassifier(folder).get_model_info()

    assert bundle.rules is not None
    assert bundle.policy is not None
    assert info["rules_version"] == info["version"] == folder.name
    assert info["calibrated"]


@pytest.mark.parametrize(
    ("pointer", "said"),
    [
        (None, "no model is shipped"),
        (b"\xff\xfe", "cannot be read"),
        (b"", "cannot read the model"),
        (b"logo-type/9.9.9\n", "cannot read the model"),
        (b"logo-type/1.4.0\nlogo-type/1.5.0\n", "cannot read the model"),
    ],
)
def test_without_a_good_pointer_the_rules_serve_and_it_is_said_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pointer: bytes | None, said: str
) -> None:
    monkeypatch.setattr(module, "_PLACES", (tmp_path,))
    if pointer is not None:
        (tmp_path / "shipped").write_bytes(pointer)

    classifier = HybridClassifier()

    assert said in classifier.get_model_info()["error"]
    result = classifier.classify(ROOT / "models" / "golden" / "windi-css.png")
    assert result["logo_type"] == "gradient"
    assert (result["method_used"], result["model"]["version"]) == ("rule_based", None)


def test_no_pointer_is_an_error_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PLACES", (tmp_path,))

    with pytest.raises(ModelUnavailable, match="no model is shipped"):
        shipped()
