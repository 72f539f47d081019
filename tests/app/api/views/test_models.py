"""The list of versions tells which one serves, and no paths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from flask.testing import FlaskClient

from logo_classifier import Registry
from tests.app.api.test_contract import answer_schema, check


def test_the_registry_is_listed_with_the_version_that_serves(client: FlaskClient) -> None:
    reply = client.get("/models")

    assert reply.status_code == 200
    check(reply.json, answer_schema("/models", "get"))
    shipped = Registry().shipped()
    assert (reply.json["serving"], reply.json["refused"]) == (shipped, None)
    assert [v["name"] for v in reply.json["versions"]] == Registry().versions()
    assert [v["name"] for v in reply.json["versions"] if v["serves"]] == [shipped]
    assert all(v["scores"]["pictures"] == 346 for v in reply.json["versions"])


def test_a_refused_version_is_named_here_and_by_the_probe_which_stays_healthy(
    client: FlaskClient,
) -> None:
    extensions = client.application.extensions
    extensions["logo"] = replace(extensions["logo"], refused="logo-type/1.5.0")

    assert client.get("/models").json["refused"] == "logo-type/1.5.0"
    health = client.get("/health/ready")
    assert (health.status_code, health.json["status"]) == (200, "healthy")
    assert health.json["model"]["refused"] == "logo-type/1.5.0"
    check(health.json, answer_schema("/health/ready", "get"))


def test_no_path_of_the_file_system_is_told(client: FlaskClient) -> None:
    text = client.get("/models").text

    assert str(Registry().folder) not in text


def test_a_folder_that_is_not_there_is_a_problem_without_its_path(
    make_client: Callable[..., FlaskClient], tmp_path: Path
) -> None:
    reply = make_client(models_dir=tmp_path / "none").get("/models")

    assert (reply.status_code, reply.json["error"]) == (503, "model_unavailable")
    assert str(tmp_path) not in reply.text


def test_without_a_network_nothing_serves(
    make_failing_client: Callable[[Exception], FlaskClient],
) -> None:
    reply = make_failing_client(RuntimeError()).get("/models")

    assert reply.json["serving"] is None
    assert not any(version["serves"] for version in reply.json["versions"])
