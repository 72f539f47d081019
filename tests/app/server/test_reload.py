"""Only the service itself is asked for new workers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from app.server.reload import check_code, find_master


def test_the_file_names_the_process_that_wrote_it(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    file.write_text(str(os.getpid()))

    assert find_master(file).pid == os.getpid()


def test_a_process_that_came_after_the_file_is_another_one(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        try:
            file.write_text(str(stranger.pid))
            long_ago = time.time() - 3600
            os.utime(file, (long_ago, long_ago))

            with pytest.raises(psutil.NoSuchProcess, match="has ended"):
                find_master(file)
        finally:
            stranger.kill()


def test_a_file_without_a_number_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pid").write_text("soon")

    with pytest.raises(ValueError, match="soon"):
        find_master(tmp_path / "pid")


def test_a_file_that_another_user_left_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    file.write_text(str(os.getpid()))
    try:
        os.chown(file, os.getuid() + 1, -1)
    except PermissionError:
        pytest.skip("only root gives files away")

    with pytest.raises(PermissionError, match="not the service's own"):
        find_master(file)


@pytest.mark.parametrize(
    ("code", "said"), [("import os; os._exit(3)", "status 3"), ("1 / 0", "ZeroDivisionError")]
)
def test_code_that_ends_the_trial_is_told_even_if_it_said_nothing(
    tmp_path: Path, code: str, said: str
) -> None:
    (tmp_path / "wsgi.py").write_text(code)
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(command, cwd=tmp_path) as master:
        try:
            with pytest.raises(RuntimeError, match=said):
                check_code(psutil.Process(master.pid))
        finally:
            master.kill()
