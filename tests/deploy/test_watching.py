"""Rules, alerts and dashboards speak of what the service measures, and all of it is looked at."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from logo_classifier import Answer, LogoType, open_feedback
from tests.deploy.conftest import Prometheus
from tests.e2e.conftest import Server, ServerMaker
from tests.logo_classifier.feedback.answers import JUDGED
from tests.waiting import wait_until
from training.evaluation.drift_reference import render

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "prometheus"
UNIT_TESTS = sorted((FOLDER / "tests").glob("*.test.yml"))
DASHBOARDS = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
RULES: list[dict[str, Any]] = [
    rule
    for file in sorted((FOLDER / "rules").glob("*.yml"))
    for group in yaml.safe_load(file.read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}

VARIABLES = {"$__rate_interval": "1m", "$job": ".+", "$instance": ".+"}
SILENT = {"LogoIsAbsent"}
"""Alerts whose expression has a value in their case alone."""


def panels() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in DASHBOARDS:
        board = json.loads(file.read_text("utf-8"))
        yield from ((f"{file.stem}: {panel['title']}", panel) for panel in board["panels"])


def expressions() -> dict[str, str]:
    """Return every expression, by where it stands; a comparison gives 0 or 1."""
    found = {
        rule.get("record") or rule["alert"]: rule["expr"]
        for rule in RULES
        if rule.get("alert") not in SILENT
    }
    for place, panel in panels():
        found |= {f"{place}, {each['refId']}": each["expr"] for each in panel.get("targets", ())}
    return {place: with_values(expression) for place, expression in found.items()}


def with_values(expression: str) -> str:
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    return re.sub(r" (==|!=|>=|<=|>|<) (?!bool)", r" \1 bool ", expression)


def base_name(name: str) -> str:
    return re.sub(r"_(total|bucket|sum|count)$", "", name)


def send_mixed_traffic(server: Server, golden: dict[Path, str]) -> None:
    for picture in golden:
        for method in ("auto", "rule_based", "ensemble"):
            data = {"method": method}
            server.post("/classify", files={"image": picture.read_bytes()}, data=data)
    files = [("images", (path.name, path.read_bytes())) for path in golden]
    server.post("/classify/batch", files=files)
    for bad in (b"", b"no picture", b"\x89PNG\r\n\x1a\n"):
        server.post("/classify", files={"image": bad})
    reply = server.post("/classify", files={"image": files[0][1]}).json()
    label = {"request_id": reply["request_id"], "true_label": "text"}
    server.post("/feedback", json=label)
    for path in ("/", "/nowhere", "/health", "/health/ready", "/models"):
        server.get(path)


def test_every_expression_has_data_and_every_metric_is_looked_at(
    serve: ServerMaker,
    prometheus: Prometheus,
    golden: dict[Path, str],
    redis_url: str,
    tmp_path: Path,
) -> None:
    store = f"sqlite:///{tmp_path / 'feedback.db'}"
    known = open_feedback(store)
    known.add_answers([Answer("known", "p", JUDGED, asked=True, answered_at=1.0)])
    known.add_label("known", LogoType.TEXT, "c", 2.0)
    settings = {
        "feedback_url": store,
        "keep_feedback_images": str(tmp_path / "kept"),
        "redis_url": redis_url,
        "candidate": "logo-type/1.5.0",
        "candidate_mode": "shadow",
        "candidate_share": "1",
    }
    asked = expressions()
    with serve(workers=2, **settings) as server:
        prometheus.scrape(server)

        silent = set(asked)

        def all_speak() -> bool:
            send_mixed_traffic(server, golden)
            silent.difference_update({each for each in silent if prometheus.ask(asked[each])})
            return not silent

        with suppress(AssertionError):
            wait_until(all_speak, "every expression has data")
        assert silent == set()
        exposed = {
            base_name(family.name)
            for family in text_string_to_metric_families(server.get("/metrics").text)
            if family.samples
        }

    named = {base_name(name) for name in re.findall(r"\blogo_[a-z_]+", " ".join(asked.values()))}
    assert named - {"logo_type"} == exposed  # that one is a label


def test_each_alert_is_tried_out() -> None:
    files = [yaml.safe_load(file.read_text("utf-8")) for file in UNIT_TESTS]
    tried = [each for file in files for test in file["tests"] for each in test["alert_rule_test"]]
    assert {each["alertname"] for each in tried if each["exp_alerts"]} == ALERTS.keys()

    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool, of Debian's prometheus, is not installed")
    done = subprocess.run(
        [program, "test", "rules", *UNIT_TESTS], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", list(ALERTS))
def test_an_alert_says_who_looks_and_has_an_entry_in_the_runbook(name: str) -> None:
    rule = ALERTS[name]

    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"]
    assert f"### {name}\n" in (ROOT / "docs" / "runbook.md").read_text("utf-8")


def test_the_runbook_has_no_entry_too_many() -> None:
    entries = re.findall(r"^### (Logo\w+)$", (ROOT / "docs" / "runbook.md").read_text(), re.M)

    assert set(entries) == ALERTS.keys()


def test_what_drift_is_measured_against_is_the_shipped_model() -> None:
    shipped = (ROOT / "models" / "shipped").read_text("utf-8").strip()
    metrics = json.loads((ROOT / "models" / shipped / "metrics.json").read_text("utf-8"))

    written = (FOLDER / "rules" / "drift-reference.yml").read_text("utf-8")
    assert written == render(metrics), "run `make drift-reference`"


@pytest.mark.parametrize(("place", "panel"), list(panels()), ids=lambda value: str(value)[:60])
def test_a_panel_has_what_a_reader_needs(place: str, panel: dict[str, Any]) -> None:
    if panel["type"] == "row":
        return
    assert panel["title"]
    assert panel["description"], place
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["datasource"]["uid"] == "${datasource}"
    assert {each["datasource"]["uid"] for each in panel["targets"]} == {"${datasource}"}


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)
def test_a_dashboard_is_named_once_and_its_panels_are(file: Path) -> None:
    board = json.loads(file.read_text("utf-8"))

    assert board["uid"] == file.stem
    numbers = [panel["id"] for panel in board["panels"]]
    assert len(set(numbers)) == len(numbers)
    assert {each["name"] for each in board["templating"]["list"]} == {
        "datasource",
        "job",
        "instance",
    }
