"""What README.md and CONTRIBUTING.md tell a reader to do works as it stands."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from app.api import create_app
from app.api.views.metrics import REGISTRY
from app.config import PREFIX, Settings
from logo_classifier.versions.shipped import shipped
from tests.app.api.forms import form

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")

CURL_LINES = [line for line in README.splitlines() if line.startswith("curl ")]
NAMED_TARGETS = sorted(set(re.findall(r"(?:^|`)make ([a-z][\w-]*)", README + CONTRIBUTING, re.M)))
NAMED_VARIABLES = sorted(set(re.findall(rf"{PREFIX}[A-Z_]+", README)))
LINKS = sorted(set(re.findall(r"\]\((?!https?:|#)([^)#]+)", README + CONTRIBUTING)))
METRICS = sorted(set(re.findall(r"logo_\w+_(?:total|seconds|progress|pending)", README)))


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)


def test_there_is_one_python_block() -> None:
    assert len(blocks("python")) == 1


def test_the_python_block_runs_as_it_stands() -> None:
    done = subprocess.run(
        [sys.executable, "-c", blocks("python")[0]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    first, last = done.stdout.splitlines()
    assert first.split()[0] in ("simple", "text", "gradient", "complex")
    assert "not a PNG, JPEG, BMP or GIF" in last


def test_the_pages_name_the_main_targets() -> None:
    assert {"run", "test", "check", "install", "dataset", "train", "evaluate"} <= set(NAMED_TARGETS)


@pytest.mark.parametrize("target", NAMED_TARGETS)
def test_a_target_that_a_page_names_is_in_the_makefile(target: str) -> None:
    assert re.search(rf"^{target}:", MAKEFILE, re.M)


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


@pytest.mark.parametrize("variable", NAMED_VARIABLES)
def test_a_variable_that_the_page_names_is_a_setting(variable: str) -> None:
    assert variable.removeprefix(PREFIX).lower() in {option.name for option in fields(Settings)}


def test_the_page_names_the_variables_of_a_first_start() -> None:
    assert {"LOGO_HOST", "LOGO_PORT", "LOGO_WORKERS"} <= set(NAMED_VARIABLES)


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_that_the_page_names_is_exported(metric: str) -> None:
    exported = {family.name for family in REGISTRY.collect()}

    assert metric.removesuffix("_total") in exported


def test_the_page_names_every_metric_of_the_service() -> None:
    own = {family.name for family in REGISTRY.collect() if family.name.startswith("logo_")}

    assert own == {metric.removesuffix("_total") for metric in METRICS}


@pytest.mark.parametrize("link", LINKS)
def test_a_link_inside_the_repository_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


def test_every_model_that_the_page_names_is_the_shipped_one() -> None:
    folders = re.findall(r"models/logo-type/(\d+\.\d+\.\d+)", README)
    answers = re.findall(r'"name": "logo-type", "version": "([^"]+)"', README)

    assert answers
    assert {*folders, *answers} == {shipped().name}


def test_the_image_holds_the_shipped_model_alone() -> None:
    copied = re.findall(r"^COPY (models\S*)", (ROOT / "Dockerfile").read_text("utf-8"), re.M)

    assert [ROOT / folder for folder in copied] == [shipped()]


def test_its_scores_are_those_that_were_measured() -> None:
    metrics = json.loads((shipped() / "metrics.json").read_text("utf-8"))
    expected = [
        f"{100 * scores['accuracy']:.1f} % | {scores['macro_f1']:.3f} "
        f"| {scores['expected_calibration_error']:.3f}"
        for scores in metrics["methods"].values()
    ]

    assert [row for row in expected if row not in README] == []
