"""The doctor of the service looks at the settings and what they name."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from app.doctor import examine_service
from app.processors import available_processors
from logo_classifier import Finding, Level

ROOT = Path(__file__).parents[2]


def find(subject: str, **settings: str) -> Finding:
    """Return the finding about a subject, of an environment with these settings."""
    findings = examine_service({f"LOGO_{name.upper()}": text for name, text in settings.items()})
    return next(finding for finding in findings if finding.subject == subject)


def run(**settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", "doctor", "--json"],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_settings_nothing_fails() -> None:
    done = run()

    told = json.loads(done.stdout)
    subjects = {finding["subject"] for finding in told["findings"]}
    assert (done.returncode, done.stderr) == (0, "")
    assert told["fit"] is True
    assert {"settings", "workers", "metrics", "cache", "feedback", "model", "speed"} <= subjects


def test_a_wrong_setting_fails_and_the_rest_is_examined_all_the_same() -> None:
    done = run(LOGO_WORKERS="many")

    told = json.loads(done.stdout)
    first, *others = told["findings"]
    assert done.returncode == 1
    assert first["level"] == "fail"
    assert "LOGO_WORKERS" in first["detail"]
    assert "model" in {finding["subject"] for finding in others}


def test_a_redis_that_answers_is_good(redis_url: str) -> None:
    assert find("cache", redis_url=redis_url).level is Level.OK


def test_a_memcached_that_answers_is_good(memcached_url: str) -> None:
    finding = find("cache", memcached_url=memcached_url)

    assert finding.level is Level.OK
    assert "LOGO_MEMCACHED_URL" in finding.detail


def test_a_store_that_is_not_there_fails_and_its_password_is_not_shown() -> None:
    finding = find("cache", redis_url="redis://:hush-hush@127.0.0.1:1/0")

    assert finding.level is Level.FAIL
    assert "Redis failed" in finding.detail
    assert "LOGO_REDIS_URL" in finding.cure
    assert "hush" not in str(finding)


def test_a_store_of_feedback_is_opened(tmp_path: Path) -> None:
    good = find("feedback", feedback_url=f"sqlite:///{tmp_path}/feedback.db")
    bad = find("feedback", feedback_url=f"sqlite:///{tmp_path}/nowhere/feedback.db")

    assert (good.level, bad.level) == (Level.OK, Level.FAIL)
    assert bad.cure


def test_a_disk_that_is_nearly_full_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.doctor._LEAST_FREE_MIB", 1 << 60)

    finding = find("feedback", feedback_url=f"sqlite:///{tmp_path}/feedback.db")

    assert finding.level is Level.WARN
    assert "LOGO_FEEDBACK_DAYS" in finding.cure


def test_more_workers_than_processors_take_turns() -> None:
    usable = available_processors()

    assert find("workers", workers=str(usable)).level is Level.OK
    assert find("workers", workers=str(usable + 1)).level is Level.WARN
    assert find("workers", workers=str(usable), inference_threads="2").level is Level.WARN


def test_connections_beyond_the_limit_of_open_files_are_told() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 256), hard))
    try:
        finding = find("open files", worker_connections="1000")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert finding.level is Level.WARN
    assert "ulimit -n 1064" in finding.cure


def test_a_folder_without_room_for_metrics_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.doctor.memory_folder", lambda: tmp_path / "gone")

    finding = find("metrics")

    assert finding.level is Level.FAIL
    assert "cannot be written: No such file or directory" in finding.detail


def test_a_model_that_is_not_there_fails_and_names_what_there_is() -> None:
    finding = find("model", model="logo-type/9.9.9")

    assert finding.level is Level.FAIL
    assert "there are: logo-type/1.5.0" in finding.detail
    assert "LOGO_MODEL" in finding.cure
