"""A reload brings new code into service, or says why it does not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT, Server, ServerMaker


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of the code that a test may change; the models are not copied."""
    copy = tmp_path / "checkout"
    for package in ("app", "logo_classifier"):
        shutil.copytree(ROOT / package, copy / package)
    for name in ("wsgi.py", "gunicorn.conf.py"):
        shutil.copy(ROOT / name, copy)
    (copy / "models").symlink_to(ROOT / "models")
    return copy


def reload(server: Server, checkout: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app", "reload"]
    environ = os.environ | {"LOGO_PORT": str(server.address[1])}
    return subprocess.run(
        command, cwd=checkout, env=environ, capture_output=True, text=True, check=False
    )


def test_a_reload_reads_what_the_master_has_imported_too(
    serve: ServerMaker, checkout: Path
) -> None:
    with serve(code=checkout, workers=1) as server:
        with (checkout / "app" / "config.py").open("a") as config:
            config.write("\nNEW = 'new in the configuration'\n")
        with (checkout / "app" / "api" / "views" / "health.py").open("a") as health:
            health.write("\nfrom app.config import NEW\n")
            health.write("blueprint.get('/new', endpoint='new')(lambda: NEW)\n")

        told = reload(server, checkout)

        assert told.returncode == 0, told.stderr
        assert server.get("/health/new").text == "new in the configuration"


@pytest.mark.parametrize("file", ["app/config.py", "app/api/views/health.py", "gunicorn.conf.py"])
def test_code_that_does_not_start_is_refused_and_the_old_goes_on(
    serve: ServerMaker, checkout: Path, file: str
) -> None:
    with serve(code=checkout, workers=1) as server:
        with (checkout / file).open("a") as changed:
            changed.write("\nraise RuntimeError('broken on purpose')\n")

        told = reload(server, checkout)

        assert told.returncode != 0
        assert "broken on purpose" in told.stderr
        assert server.get("/health").json()["model_loaded"] is True
