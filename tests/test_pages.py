"""What the pages tell a reader to do works as it stands."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from app.api import create_app
from app.config import PREFIX, Settings
from app.instruments import REQUESTS
from logo_classifier.network.bundle import load_bundle
from logo_classifier.versions.shipped import shipped
from tests.app.api.forms import form

ROOT = Path(__file__).parents[1]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "models").rglob("*.md")),
    ROOT / "benchmarks" / "README.md",
    ROOT / "examples" / "README.md",
    ROOT / "data" / "README.md",
    ROOT / "data" / "GUIDE.md",
    ROOT / "tests" / "data" / "README.md",
]
TEXTS = {str(page.relative_to(ROOT)): page.read_text("utf-8") for page in PAGES}
README = TEXTS["README.md"]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
LOGS = ("docs/lab-log", "docs/models/", "docs/decisions/", "models/CHANGELOG.md", "CHANGELOG.md")
"""Pages of the past may name what is gone."""

TODAY = {name: text for name, text in TEXTS.items() if not name.startswith(LOGS)}
CURL_LINES = [line for line in README.splitlines() if line.startswith("curl ")]

each_page = pytest.mark.parametrize("name", TEXTS)
each_page_of_today = pytest.mark.parametrize("name", TODAY)


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def run_python(block: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", block]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


def test_readme_is_short() -> None:
    assert len(README.splitlines()) <= 150


def test_there_is_one_python_block() -> None:
    assert len(blocks("python")) == 1


def test_the_python_block_runs_as_it_stands() -> None:
    done = run_python(blocks("python")[0])

    assert (done.returncode, done.stderr) == (0, "")
    first, last = done.stdout.splitlines()
    assert first.split()[0] in ("simple", "text", "gradient", "complex")
    assert "not a PNG, JPEG, BMP or GIF" in last


GUIDES = ("docs/python.md", "docs/tracing.md")


@pytest.mark.parametrize("block", [b for name in GUIDES for b in blocks("python", TEXTS[name])])
def test_each_block_of_the_guides_to_python_runs_as_it_stands(block: str) -> None:
    done = run_python(block)

    assert (done.returncode, done.stderr) == (0, "")


def test_the_pages_name_the_main_targets() -> None:
    named = re.findall(r"`?make ([a-z][\w-]*)", README + TEXTS["CONTRIBUTING.md"])

    assert {"run", "test", "check", "install", "dataset", "train", "evaluate"} <= set(named)


@each_page_of_today
def test_a_target_that_a_page_names_is_in_the_makefile(name: str) -> None:
    named = set(re.findall(r"(?:^|`)make ([a-z][\w-]*)", TODAY[name], re.M))

    assert {target for target in named if not re.search(rf"^{target}:", MAKEFILE, re.M)} == set()


@each_page_of_today
def test_a_module_that_a_page_names_is_there(name: str) -> None:
    text = TODAY[name]
    paths = re.findall(r"`((?:app|logo_classifier|training|benchmarks|tests)/[\w/.-]+)`", text)
    modules = re.findall(r"python -m ((?:app|logo_classifier|training|tests)[\w.]*)", text)

    assert [path for path in paths if not (ROOT / path).exists()] == []
    places = [ROOT / module.replace(".", "/") for module in modules]
    assert [p for p in places if not (p.is_dir() or p.with_suffix(".py").is_file())] == []


@each_page
def test_a_link_inside_the_repository_leads_somewhere(name: str) -> None:
    here = (ROOT / name).parent
    text = re.sub(r"```.*?```", "", TEXTS[name], flags=re.S)
    broken = []
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
        place, _, anchor = link.partition("#")
        target = here / place if place else ROOT / name
        if not target.exists() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            broken.append(link)

    assert broken == []


@each_page_of_today
def test_a_variable_that_a_page_names_is_a_setting(name: str) -> None:
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]\b", TODAY[name]))

    assert {n.removeprefix(PREFIX).lower() for n in named} <= {o.name for o in fields(Settings)}


@pytest.mark.parametrize("line", CURL_LINES)
def test_a_curl_line_sends_pictures_that_exist(line: str) -> None:
    pictures = re.findall(r"@(\S+)", line)

    assert pictures
    assert [path for path in pictures if not (ROOT / path).is_file()] == []


def test_the_reply_that_the_page_shows_is_what_the_first_picture_gets() -> None:
    shown = json.loads(blocks("json")[0])
    picture = ROOT / re.findall(r"=@(\S+)", CURL_LINES[0])[0]

    reply = create_app(Settings()).test_client().post("/classify", **form(picture.read_bytes()))

    given = dict(reply.json or {})
    changing = {"processing_time", "timestamp", "request_id"}
    assert shown.keys() == given.keys() > changing
    approximate = ("confidence", "raw_confidence", "probabilities", "traits")
    for name in approximate:  # another processor rounds another way
        assert shown.pop(name) == pytest.approx(given.pop(name), abs=1e-3)
    assert shown | dict.fromkeys(changing) == given | dict.fromkeys(changing)


def test_the_page_shows_how_to_send_one_picture_and_many() -> None:
    called = {address for line in CURL_LINES for address in re.findall(r":8000(/[\w/]+)", line)}

    assert called == {"/classify", "/classify/batch"}


def test_the_page_names_the_variables_of_a_first_start() -> None:
    assert all(f"LOGO_{name}" in README for name in ("HOST", "PORT", "WORKERS"))


def test_the_guide_for_operators_names_every_metric_and_no_other() -> None:
    assert REQUESTS  # importing the instruments registers them
    own = {family.name for family in REGISTRY.collect() if family.name.startswith("logo_")}
    text = TEXTS["docs/operations.md"]
    rows = re.findall(r"^\| (`logo_[^|]*)\|", text, re.M)
    named = {name for row in rows for name in re.findall(r"`(logo_\w+)`", row)}

    assert own == {metric.removesuffix("_total") for metric in named}


def test_every_model_that_the_page_names_is_the_shipped_one() -> None:
    folders = re.findall(r"models/logo-type/(\d+\.\d+\.\d+)", README)
    answers = re.findall(r'"name": "logo-type", "version": "([^"]+)"', README)

    assert answers
    assert {*folders, *answers} == {shipped().name}


def test_the_image_takes_the_version_that_the_pointer_names(tmp_path: Path) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", "")
    (step,) = re.findall(r"^RUN (shipped=.*)$", dockerfile, re.M)
    shutil.copytree(ROOT / "models", tmp_path / "all-models")

    subprocess.run(["sh", "-euc", step], cwd=tmp_path, check=True)

    name = "/".join(shipped().parts[-2:])
    assert (tmp_path / "models" / "shipped").read_text("utf-8").strip() == name
    assert load_bundle(tmp_path / "models" / name) == replace(
        load_bundle(shipped()), weights=tmp_path / "models" / name / "model.onnx"
    )


@pytest.mark.parametrize("target", re.findall(r"^([a-z-]+):.*##", MAKEFILE, re.M))
def test_what_a_target_runs_is_there(target: str) -> None:
    done = subprocess.run(
        ["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False
    )

    modules = re.findall(r"python -m ([\w.]+)", done.stdout)
    files = re.findall(r"(?:pytest|python) ([\w./-]+\.py)", done.stdout)
    places = [ROOT / module.replace(".", "/") for module in modules if module != "venv"]
    assert done.returncode == 0
    assert [p for p in places if not (p.is_dir() or p.with_suffix(".py").is_file())] == []
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_its_scores_are_those_that_were_measured() -> None:
    metrics = json.loads((shipped() / "metrics.json").read_text("utf-8"))
    expected = [
        f"{100 * scores['accuracy']:.1f} % | {scores['macro_f1']:.3f} "
        f"| {scores['expected_calibration_error']:.3f}"
        for scores in metrics["methods"].values()
    ]

    assert [row for row in expected if row not in README] == []


def test_the_log_of_models_shows_all_versions_as_they_were_measured() -> None:
    table = TEXTS["models/CHANGELOG.md"]
    kept = ("docs/models/*", "models/logo-type/*")
    measured = [file for place in kept for file in ROOT.glob(f"{place}/metrics.json")]
    assert len(measured) == 7
    for path in measured:
        scores = json.loads(path.read_text("utf-8"))["methods"]
        for method in ("neural_network", "auto"):
            assert f"{100 * scores[method]['accuracy']:.1f} %" in table
            assert f"{scores[method]['macro_f1']:.3f}" in table
