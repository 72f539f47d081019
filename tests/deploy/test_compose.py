"""The files of the compose deployment pass their own programs, and agree with each other."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.config import Settings
from tests.deploy.conftest import PROMETHEUS, Prometheus
from tests.e2e.conftest import ServerMaker
from tests.waiting import wait_until

FOLDER = Path(__file__).parents[2] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]

each_service = pytest.mark.parametrize("name", SERVICES)


def schema_holds(file: Path) -> bool:
    program = Path(sys.executable).with_name("check-jsonschema")
    command = [program, "--builtin-schema", "vendor.compose-spec", file]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout
    return done.returncode == 0


def test_it_passes_the_schema_of_compose() -> None:
    assert schema_holds(FOLDER / "compose.yaml")


def test_the_schema_finds_a_misspelt_key(tmp_path: Path) -> None:
    broken = tmp_path / "compose.yaml"
    broken.write_text((FOLDER / "compose.yaml").read_text("utf-8").replace("cap_drop", "cap_dorp"))

    assert not schema_holds(broken)


@each_service
def test_a_service_is_bounded_and_without_rights(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "pids_limit", "restart"} <= service.keys()
    assert service["image"].partition(":")[2] not in ("", "latest")
    for port in service.get("ports", []):
        assert port.startswith("127.0.0.1:")


@each_service
def test_what_a_service_mounts_is_there(name: str) -> None:
    sources = [volume.partition(":")[0] for volume in SERVICES[name].get("volumes", [])]

    assert [s for s in sources if s.startswith(".") and not (FOLDER / s).is_dir()] == []
    assert {s for s in sources if not s.startswith(".")} <= COMPOSE["volumes"].keys()


def test_the_settings_are_those_of_the_service() -> None:
    settings = Settings.from_env(SERVICES["logo"]["environment"])

    assert int(SERVICES["logo"]["stop_grace_period"][:-1]) > settings.graceful_timeout_seconds
    assert settings.workers * settings.worker_memory_mb * 1.1 < 2048
    assert settings.trusted_proxies == 1
    assert settings.redis_url.startswith("redis://redis:")
    # nginx closes an idle connection before the service does.
    assert settings.keepalive_seconds > 60


def test_whoever_reaches_redis_is_the_service_alone() -> None:
    inside = [name for name, service in SERVICES.items() if "store" in service["networks"]]

    assert inside == ["logo", "redis"]
    assert COMPOSE["networks"]["store"] == {"internal": True}
    assert "ports" not in SERVICES["redis"]


def test_grafana_is_given_prometheus_and_a_folder_of_dashboards() -> None:
    provisioning = FOLDER / "grafana" / "provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())[
        "datasources"
    ]
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "logo-classifier.yml").read_text())[
        "providers"
    ]

    assert source["url"] == "http://prometheus:9090"
    assert set(SERVICES["grafana"]["networks"]) & set(SERVICES["prometheus"]["networks"])
    mounted = [volume.split(":")[1] for volume in SERVICES["grafana"]["volumes"]]
    assert provider["options"]["path"] in mounted


def test_promtool_accepts_the_configuration() -> None:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool, of Debian's prometheus, is not installed")

    done = subprocess.run(
        [program, "check", "config", PROMETHEUS], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


def test_prometheus_scrapes_the_service(serve: ServerMaker, prometheus: Prometheus) -> None:
    with serve() as server:
        prometheus.scrape(server)
        wait_until(
            lambda: bool(prometheus.ask('sum(logo_pictures_pending{job="logo-classifier"})')),
            "Prometheus has the gauge that the autoscaler follows",
        )


def test_alertmanager_accepts_its_configuration_and_sends_pages_to_people() -> None:
    program = shutil.which("amtool")
    if program is None:
        pytest.skip("amtool, of Debian's prometheus-alertmanager, is not installed")
    file = FOLDER / "alertmanager" / "alertmanager.yml"

    def said(*command: str) -> str:
        return subprocess.run(
            [program, *command], capture_output=True, text=True, check=True
        ).stdout

    assert "SUCCESS" in said("check-config", str(file))
    route = ("config", "routes", "test", f"--config.file={file}")
    assert said(*route, "alertname=LogoSlow", "severity=page").strip() == "pages"
    assert said(*route, "alertname=LogoTypesDrift", "severity=ticket").strip() == "tickets"
