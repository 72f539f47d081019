"""The manifests pass Kubernetes' own schemas, and the rules that this project has for them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.config import Settings

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"
ROOMS = ["base", *sorted(f"overlays/{path.name}" for path in (FOLDER / "overlays").iterdir())]
FILES = sorted(path for path in FOLDER.rglob("*.yaml") if path.name != "kustomization.yaml")
KUBERNETES = "1.33.0"
WITHOUT_SCHEMA = {"ScaledObject"}
"""Kinds that others than Kubernetes define."""

Document = dict[str, Any]

each_room = pytest.mark.parametrize("room", ROOMS)


@cache
def render(room: str) -> str:
    """Return what kubectl's kustomize makes of a folder."""
    program = shutil.which("kubectl")
    if program is None:
        pytest.skip("kubectl, which has kustomize, is not installed")
    done = subprocess.run(
        [program, "kustomize", str(FOLDER / room)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def documents(room: str, kind: str = "") -> list[Document]:
    found = [document for document in yaml.safe_load_all(render(room)) if document]
    assert found
    return [document for document in found if kind in ("", document["kind"])]


def base(kind: str) -> Document:
    """Return a document of the base as it is in its file; needs no kubectl."""
    found = [
        document
        for path in (FOLDER / "base").glob("*.yaml")
        for document in yaml.safe_load_all(path.read_text("utf-8"))
        if document["kind"] == kind
    ]
    (only,) = found
    return dict(only)


def violations(path: Path) -> list[str]:
    """Return what Kubernetes' schemas have against a file; misspelt keys count."""
    command = [Path(sys.executable).with_name("kubernetes-validate"), "--strict", "-k", KUBERNETES]
    done = subprocess.run([*command, path], capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    assert lines, "kubernetes-validate said nothing"
    unknown = {match[1] for line in lines if (match := re.search(r"schema for kind (\w+)", line))}
    bad = [
        line for line in lines if " passed for resource " not in line and "schema for" not in line
    ]
    return bad + sorted(unknown - WITHOUT_SCHEMA) + ([] if done.returncode == 0 else ["failed"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_file_passes_the_schemas(path: Path) -> None:
    assert violations(path) == []


@each_room
def test_what_is_rendered_passes_the_schemas(room: str, tmp_path: Path) -> None:
    rendered = tmp_path / "all.yaml"
    rendered.write_text(render(room))

    assert violations(rendered) == []


def test_the_schemas_find_a_misspelt_key(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    text = json.dumps(base("Deployment")).replace('"securityContext"', '"securityContxt"')
    broken.write_text(text)

    assert violations(broken) != []


@each_room
def test_every_container_is_bounded_probed_and_without_rights(room: str) -> None:
    for deployment in documents(room, "Deployment"):
        pod = deployment["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False
        for container in pod["containers"]:
            assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
            assert {"cpu", "memory"} <= container["resources"]["limits"].keys()
            assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys()
            rights = container["securityContext"]
            assert rights["readOnlyRootFilesystem"] is True
            assert rights["allowPrivilegeEscalation"] is False
            assert rights["capabilities"] == {"drop": ["ALL"]}
            assert re.search(r":\d+\.\d+\.\d+|@sha256:", container["image"])


@each_room
def test_names_labels_and_ports_agree(room: str) -> None:
    deployments = {found["metadata"]["name"]: found for found in documents(room, "Deployment")}
    labels = {
        name: found["spec"]["template"]["metadata"]["labels"] for name, found in deployments.items()
    }
    ports = {
        name: {
            port["name"]
            for c in found["spec"]["template"]["spec"]["containers"]
            for port in c["ports"]
        }
        for name, found in deployments.items()
    }
    for name, found in deployments.items():
        assert found["spec"]["selector"]["matchLabels"].items() <= labels[name].items()
        for container in found["spec"]["template"]["spec"]["containers"]:
            probes = [container[f"{kind}Probe"] for kind in ("startup", "liveness", "readiness")]
            asked = [p.get("httpGet") or p.get("tcpSocket") for p in probes]
            assert {ask["port"] for ask in asked if ask} <= ports[name]
    for service in documents(room, "Service"):
        (name,) = [n for n in labels if service["spec"]["selector"].items() <= labels[n].items()]
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports[name]
    for selecting, key in (("PodDisruptionBudget", "selector"), ("NetworkPolicy", "podSelector")):
        for found in documents(room, selecting):
            chosen = found["spec"][key]["matchLabels"]
            assert [n for n in labels if chosen.items() <= labels[n].items()] == [
                found["metadata"]["name"]
            ]
    scalers = documents(room, "HorizontalPodAutoscaler") + documents(room, "ScaledObject")
    assert [found["spec"]["scaleTargetRef"]["name"] for found in scalers] == ["logo-classifier"]


@each_room
def test_the_settings_are_those_of_the_service(room: str) -> None:
    (chosen,) = documents(room, "ConfigMap")

    settings = Settings.from_env(chosen["data"])

    assert settings.host == "0.0.0.0"  # noqa: S104 - a pod is reached from outside
    assert bool(settings.redis_url) is (room == "overlays/redis")


@each_room
def test_a_pod_has_time_to_finish_and_memory_for_its_workers(room: str) -> None:
    (chosen,) = documents(room, "ConfigMap")
    settings = Settings.from_env(chosen["data"])
    (deployment,) = [
        d for d in documents(room, "Deployment") if d["metadata"]["name"] == "logo-classifier"
    ]
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    waits_seconds = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    workers = int(container["resources"]["limits"]["cpu"])
    memory_volumes = {v["name"]: v["emptyDir"] for v in pod["volumes"]}
    mounts = {m["mountPath"]: memory_volumes[m["name"]] for m in container["volumeMounts"]}

    assert pod["terminationGracePeriodSeconds"] > (
        waits_seconds + settings.graceful_timeout_seconds
    )
    assert {path: kept["medium"] for path, kept in mounts.items()} == {
        "/dev/shm": "Memory",  # noqa: S108
        "/tmp": "Memory",  # noqa: S108
    }
    mebibytes = sum(int(kept["sizeLimit"].removesuffix("Mi")) for kept in mounts.values())
    limit_mebibytes = 1024 * int(container["resources"]["limits"]["memory"].removesuffix("Gi"))
    # Each worker may add a tenth.
    assert workers * settings.worker_memory_mb * 1.1 + mebibytes < limit_mebibytes
    assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert "replicas" not in deployment["spec"]


def test_the_probes_are_those_of_the_service_and_one_overlay_accepts_the_rules_alone() -> None:
    def paths(deployment: Document) -> list[str]:
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        kinds = ("startupProbe", "livenessProbe", "readinessProbe")
        return [container[kind]["httpGet"]["path"] for kind in kinds]

    live = "/health/live"
    assert paths(base("Deployment")) == [live, live, "/health/ready"]
    (patched,) = documents("overlays/readiness-by-rules", "Deployment")
    assert paths(patched) == [live, live, "/health"]


def test_the_address_of_the_database_is_a_secret_and_its_port_alone_is_open() -> None:
    (deployment,) = documents("overlays/feedback", "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    (policy,) = documents("overlays/feedback", "NetworkPolicy")

    (variable,) = container["env"]
    assert variable["name"] == "LOGO_FEEDBACK_URL"
    assert variable["valueFrom"] == {"secretKeyRef": {"name": "logo-feedback", "key": "url"}}
    ports = {port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]}
    assert ports == {5432, 53}


def test_keda_takes_the_place_of_the_autoscaler() -> None:
    assert documents("overlays/keda", "HorizontalPodAutoscaler") == []
    assert len(documents("overlays/keda", "ScaledObject")) == 1
