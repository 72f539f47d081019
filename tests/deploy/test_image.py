"""What the Dockerfile's commands make serves without root, on a root that cannot be written.

No engine builds the image here: the base image's Python is that of the test.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.servers import free_port
from tests.waiting import PATIENCE_SECONDS, wait_until

ROOT = Path(__file__).parents[2]
DOCKERFILE = re.sub(r"\\\n(?:\s*#.*\n)?", "", (ROOT / "Dockerfile").read_text("utf-8"))
NAMED = (ROOT / "requirements-serve.txt").read_text("utf-8")
HASHED = (ROOT / "deploy" / "requirements-serve.hashed.txt").read_text("utf-8")

MOST_MEGABYTES = 382
"""Of packages, code and model; the base image comes on top."""

IN_A_CONTAINER = """
mount --make-rprivate /
mount --bind "$1" /srv
mount -o remount,bind,ro /srv
mount --bind "$2" /mnt
mount -t tmpfs -o mode=755 none /root
mkdir -p "$2"
mount --bind /mnt "$2"
mount -t tmpfs -o size=64m,mode=1777 none /dev/shm
mount -t tmpfs -o size=16m,mode=1777 none /tmp
mount -o remount,bind,ro /
cd /srv
exec setpriv --reuid=10001 --regid=10001 --clear-groups --no-new-privs --bounding-set=-all \\
    /srv/venv/bin/python -m gunicorn
"""
"""Two folders in memory can be written. The interpreter may lie below /root, which is closed."""


def step(beginning: str) -> str:
    """Return the command of the only RUN that begins so."""
    (found,) = re.findall(rf"^RUN ({re.escape(beginning)}.*)$", DOCKERFILE, re.M)
    return str(found)


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds what /srv holds in the image."""
    folder = tmp_path_factory.mktemp("image") / "srv"
    folder.mkdir()
    folder.parent.chmod(0o755)
    shutil.copy(ROOT / "deploy" / "requirements-serve.hashed.txt", folder)
    shutil.copytree(ROOT / "models", folder / "all-models")
    # A cache of packages changes nothing that is installed: every file is checked by its hash.
    install = step("pip --python").replace("--no-cache-dir", "--quiet").removeprefix("pip")
    for command in (
        step("python -m venv").replace("python", sys.executable, 1),
        f"{sys.executable} -m pip{install}",
        step("shipped="),
    ):
        placed = command.replace("/srv/venv", str(folder / "venv"))
        subprocess.run(["sh", "-euc", placed], cwd=folder, check=True)
    shutil.rmtree(folder / "all-models")
    (folder / "requirements-serve.hashed.txt").unlink()
    for source in re.findall(r"^COPY (?!--|models|deploy)(.*) \S+$", DOCKERFILE, re.M):
        for name in source.split():
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, folder / name)
    return folder


def test_the_hashed_requirements_name_the_same_packages() -> None:
    pinned = r"^([a-z0-9._-]+==\S+)"
    named = {line.replace(".", "-") for line in re.findall(pinned, NAMED, re.M)}
    hashed = {line.replace(".", "-") for line in re.findall(pinned, HASHED, re.M)}

    assert named
    assert hashed == named, "run `make hashes`"


def test_each_package_has_a_hash() -> None:
    packages = re.split(r"^(?=[a-z])", HASHED, flags=re.M)[1:]

    assert [package for package in packages if "--hash=sha256:" not in package] == []


def test_the_base_is_pinned_by_digest() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)

    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm@sha256:[0-9a-f]{64}", bases[0])


def test_hadolint_finds_nothing() -> None:
    program = Path(sys.executable).with_name("hadolint")
    command = [program, "--failure-threshold", "style", ROOT / "Dockerfile"]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_the_layout_is_small_and_has_neither_pip_nor_torch(layout: Path) -> None:
    packages = next((layout / "venv").glob("lib/python3.*/site-packages"))
    allotted = sum(path.lstat().st_blocks * 512 for path in layout.rglob("*"))

    assert not {"pip", "torch", "pytest"} & {path.name for path in packages.iterdir()}
    assert allotted / 1e6 < MOST_MEGABYTES


def test_it_serves_without_root_on_a_read_only_root(layout: Path, tmp_path: Path) -> None:
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], check=False).returncode:
        pytest.skip("a read-only root needs the right to mount")
    port, log = free_port(), tmp_path / "log"
    environ = {
        "PATH": "/srv/venv/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LOGO_PORT": str(port),
        "LOGO_WORKERS": "2",
    }
    script = ["sh", "-euc", IN_A_CONTAINER, "sh", str(layout), sys.base_prefix]
    command = ["unshare", "--mount", *script]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environ, stdout=output, stderr=output)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: process.poll() is not None or _live(url), "the layout serves")
        assert process.poll() is None, log.read_text()
        status = Path(f"/proc/{process.pid}/status").read_text()
        assert re.findall(r"^(?:Uid|CapBnd):\s+(\w+)", status, re.M) == ["10001", "0" * 16]
        assert " / ro," in Path(f"/proc/{process.pid}/mountinfo").read_text()
        assert _checks_health(port)
        picture = (ROOT / "models" / "golden" / "windi-css.png").read_bytes()
        reply = httpx.post(f"{url}/classify", files={"image": picture}, timeout=PATIENCE_SECONDS)
        assert reply.json()["logo_type"] == "gradient"
        assert httpx.get(f"{url}/health/ready", timeout=PATIENCE_SECONDS).status_code == 200
    finally:
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0


def test_the_health_check_fails_where_nothing_listens() -> None:
    assert not _checks_health(free_port())


def _checks_health(port: int) -> bool:
    """Run the command of HEALTHCHECK; return whether it finds the service healthy."""
    (given,) = re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", DOCKERFILE, re.M)
    python, *arguments = json.loads(given)
    assert python == "python"
    environ = {"LOGO_PORT": str(port)}
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=environ, capture_output=True, check=False).returncode == 0


def _live(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/live", timeout=PATIENCE_SECONDS).status_code == 200
    except httpx.TransportError:
        return False
