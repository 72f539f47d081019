"""A file of settings has the rules of the environment, and wins over it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.config import Settings


def write(tmp_path: Path, text: str) -> dict[str, str]:
    file = tmp_path / "service.env"
    file.write_text(text, "utf-8")
    return {"LOGO_SETTINGS_FILE": str(file)}


def test_the_file_wins_over_the_environment(tmp_path: Path) -> None:
    environ = write(tmp_path, "# to be rolled out\nLOGO_MODEL=logo-type/1.5.0\n\n")

    settings = Settings.from_env({**environ, "LOGO_MODEL": "logo-type/1.6.0", "LOGO_PORT": "81"})

    assert (settings.model, settings.port) == ("logo-type/1.5.0", 81)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("PATH=/bin\n", "line 1 of .*: PATH is refused"),
        ("LOGO_PORT=81\nLOGO_SETTINGS_FILE=/else\n", "line 2 of .*: LOGO_SETTINGS_FILE is refused"),
        ("LOGO_PORT=81\nLOGO_PORT=82\n", "line 2 of .*: LOGO_PORT stands twice"),
        ("LOGO_PORT\n", "line 1 of .* is refused; allowed: LOGO_NAME=value"),
        ("LOGO_MODEL='unclosed\n", "line 1 of .* is refused"),
        ("LOGO_PORT=\n", "LOGO_PORT= is refused; allowed: a whole number"),
        ("LOGO_PORT=many\n", "LOGO_PORT=many is refused; allowed: a whole number"),
        ("LOGO_PROT=81\n", "unknown variable LOGO_PROT"),
    ],
)
def test_what_is_wrong_in_the_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Settings.from_env(write(tmp_path, text))


def test_nothing_in_the_file_is_replaced_by_other_variables(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is refused; allowed: name/version"):
        Settings.from_env(write(tmp_path, "LOGO_MODEL=${HOME}/1.0\n"))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        Settings.from_env({"LOGO_SETTINGS_FILE": str(tmp_path / "none")})


def test_a_relative_path_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ValueError, match="allowed: the absolute path"):
        Settings.from_env({"LOGO_SETTINGS_FILE": "service.env"})
