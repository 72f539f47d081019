"""Code that does not start is refused before the first signal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from app.server.reload import check_code


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
