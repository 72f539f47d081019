"""`doctor` runs as a process of its own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from logo_classifier import Registry
from tests.logo_classifier.cli.test_program import run
from tests.terminals import at_a_terminal


def test_a_good_machine_has_status_0_and_a_line_for_each_thing() -> None:
    done = run("doctor")

    heads = [line for line in done.stdout.splitlines() if not line.startswith("      -> ")]
    assert (done.returncode, done.stderr) == (0, "")
    assert all(line.split()[0] in ("ok", "warn") for line in heads)
    assert any(line.startswith("ok    model: logo-type/1.6.0: digests fit") for line in heads)


def test_json_is_one_object_with_the_same_findings() -> None:
    done = run("doctor", "--json")

    told = json.loads(done.stdout)
    subjects = [finding["subject"] for finding in told["findings"]]
    assert told["fit"] is True
    assert {"packages", "runtime", "processor", "memory", "clock", "model", "speed"} <= {*subjects}


def test_a_damaged_model_has_status_1_and_a_cure(tmp_path: Path) -> None:
    bundle = shutil.copytree(Registry().resolve("logo-type/1.6.0"), tmp_path / "bundle")
    (bundle / "rules.json").write_text("{}")

    lines = run("doctor", "--model", str(bundle))
    told = run("doctor", "--model", str(bundle), "--json")

    assert lines.returncode == told.returncode == 1
    assert "fail  model: " in lines.stdout
    assert "      -> install it anew" in lines.stdout
    assert json.loads(told.stdout)["fit"] is False


def test_another_version_is_examined_by_its_name() -> None:
    done = run("doctor", "--model", "logo-type/1.5.0")

    assert done.returncode == 0
    assert "ok    model: logo-type/1.5.0: digests fit" in done.stdout


def test_a_model_that_is_not_there_is_an_error_of_use() -> None:
    done = run("doctor", "--model", "logo-type/9.9.9")

    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no model version logo-type/9.9.9" in done.stderr


def test_a_terminal_gets_colours() -> None:
    status, shown = at_a_terminal("doctor")

    assert status == 0
    assert "\x1b[32mok\x1b[0m    packages: " in shown
