"""The library installs from a wheel, into an empty environment, and classifies there."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from logo_classifier import HybridClassifier

ROOT = Path(__file__).parents[1]
LOGO = ROOT / "models" / "golden" / "windi-css.png"
SHIPPED = (ROOT / "models" / "shipped").read_text("utf-8").strip()

CLASSIFY = """
import json, sys
import logo_classifier
result = logo_classifier.HybridClassifier().classify(sys.argv[1], method="ensemble")
loaded = [name for name in ("flask", "torch", "redis", "app") if name in sys.modules]
print(json.dumps([logo_classifier.__file__, loaded, result]))
"""

USER = """
from typing import assert_type

from logo_classifier import BadParameter, HybridClassifier, Limits, LogoType, RoutingPolicy

classifier = HybridClassifier(limits=Limits(max_side_px=100), policy=RoutingPolicy(neural=0.5))
assert_type(classifier.model_loaded, bool)
try:
    answer = classifier.classify(b"", time_budget=1.0, method="rule_based")
except BadParameter as error:
    print(error.kind)
else:
    print(LogoType(answer["logo_type"]))
"""


def run(*command: object, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel as package indexes get it: built from the source distribution."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=ROOT)
    (source,) = folder.glob("*.tar.gz")
    options = ("--no-deps", "--no-build-isolation", "--wheel-dir", folder)
    run(sys.executable, "-m", "pip", "wheel", *options, source, cwd=folder)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of an environment that holds the wheel and what it needs alone."""
    folder = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(folder, with_pip=True)
    interpreter = folder / "bin" / "python"
    # The pinned versions, so that a release of today changes no result of this test.
    pins = ("--constraint", ROOT / "requirements-serve.txt")
    run(interpreter, "-m", "pip", "install", "--quiet", *pins, wheel, cwd=folder)
    return interpreter


def test_the_wheel_holds_the_library_and_what_serves_of_the_shipped_version(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    models = {name for name in names if name.startswith("logo_classifier/models/")}

    assert {name.partition("/")[0].split("-")[0] for name in names} == {"logo_classifier"}
    assert {"logo_classifier/py.typed", "logo_classifier/rules/rules.json"} <= names
    parts = ["config.json", "rules.json", "calibration.json", "policy.json", "model.onnx"]
    parts += ["golden.json", "metrics.json"]
    golden = {f"logo_classifier/models/golden/{path.name}" for path in LOGO.parent.iterdir()}
    expected = {f"logo_classifier/models/{SHIPPED}/{part}" for part in parts} | golden
    assert models == {"logo_classifier/models/shipped"} | expected


def test_an_empty_environment_classifies_as_the_checkout_does(python: Path, tmp_path: Path) -> None:
    place, loaded, result = json.loads(run(python, "-c", CLASSIFY, LOGO, cwd=tmp_path))

    here = HybridClassifier().classify(LOGO, method="ensemble")
    assert str(ROOT) not in place
    assert loaded == []
    assert result["model"] == here["model"]
    assert result["image"] == here["image"]
    assert result["logo_type"] == "gradient"
    assert result["probabilities"] == here["probabilities"]


def test_the_installed_command_classifies_reports_and_examines(
    python: Path, tmp_path: Path
) -> None:
    command = python.with_name("logo-classifier")

    row = run(command, "classify", LOGO, "--format", "%l", cwd=tmp_path)
    run(command, "report", LOGO.parent, "--out", "page.html", cwd=tmp_path)
    told = json.loads(run(command, "doctor", "--json", cwd=tmp_path))

    assert row == "gradient\n"
    assert (tmp_path / "page.html").read_text("utf-8").count("<figure>") == 16
    assert told["fit"] is True


def test_the_types_of_the_library_satisfy_a_strict_user(python: Path, tmp_path: Path) -> None:
    (tmp_path / "user.py").write_text(USER)

    options = ("--strict", "--python-executable", python, "--cache-dir", tmp_path / "cache")
    said = run(sys.executable, "-m", "mypy", *options, "user.py", cwd=tmp_path)

    assert "Success: no issues found in 1 source file" in said
