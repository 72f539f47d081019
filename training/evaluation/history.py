"""Ask every published version of the model, each with code of its own.

A version whose folder is in `models/` answers with the code of this checkout, which serves it. Any
other one answers with the code of the commit that published it (`versions.toml`), unpacked by Git.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tqdm import tqdm

from logo_classifier.values import AUTO, Method
from training.evaluation import answering
from training.evaluation.scores import Result

ROOT = Path(__file__).parents[2]
NAME = "logo-type"
METHODS = (AUTO, Method.NEURAL_NETWORK.value)

Answers = dict[str, list[Result]]
"""The answers to all pictures, by method."""


def commits() -> dict[str, str]:
    """Return the commit that published each version, by version."""
    text = Path(__file__).with_name("versions.toml").read_text("utf-8")
    return {version: str(commit) for version, commit in tomllib.loads(text).items()}


def order(version: str) -> list[int]:
    """Return what puts versions in order."""
    return [int(part) for part in version.split(".")]


def published() -> list[str]:
    """Return all published versions, oldest first."""
    standing = [file.parent.name for file in _folder(ROOT).glob("*/config.json")]
    return sorted({*commits(), *standing}, key=order)


def code_of(version: str) -> str | None:
    """Return the commit whose code answers for a version; None for the code of this checkout.

    Raises ValueError for a version that was never published.
    """
    if (_folder(ROOT) / version / "config.json").is_file():
        return None
    if version not in commits():
        raise ValueError(f"{NAME} {version} is neither in models/ nor in versions.toml")
    return commits()[version]


def ask(version: str, pictures: Sequence[Path], exact: bool = True) -> Answers:
    """Return the answers of a version to pictures, by method, with a progress bar.

    `exact` sums of 8-bit products are the same on all processors; the service takes what its
    processor gives. Raises ValueError if the commit is not here, and ChildProcessError if the
    version cannot answer; what it said is on the standard error.
    """
    with _checkout(code_of(version)) as checkout:
        answers = list(_answer(checkout, version, pictures, exact))
    if len(answers) < len(pictures):
        raise ChildProcessError(
            f"{NAME} {version} answers {len(answers)} of {len(pictures)} pictures"
        )
    return {method: [answer[method] for answer in answers] for method in METHODS}


def _folder(checkout: Path) -> Path:
    return checkout / "models" / NAME


@contextmanager
def _checkout(commit: str | None) -> Iterator[Path]:
    """Give a folder with the files of a commit, or this checkout for None."""
    if commit is None:
        yield ROOT
        return
    with TemporaryDirectory(prefix="logo-version-") as place:
        archive = Path(place) / "files.tar"
        command = ["git", "-C", str(ROOT), "archive", f"--output={archive}", commit]
        done = subprocess.run(  # noqa: S603 - commits come from versions.toml
            command, check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise ValueError(
                f"commit {commit[:7]} is not here: {done.stderr.strip()}. A shallow clone gets it "
                "with: git fetch --unshallow"
            )
        with tarfile.open(archive) as files:
            files.extractall(Path(place) / "files", filter="data")
        yield Path(place) / "files"


def _answer(
    checkout: Path, version: str, pictures: Sequence[Path], exact: bool
) -> Iterator[dict[str, Result]]:
    """Yield the answers to one picture after another, by method."""
    request = {
        "model": str(_folder(checkout) / version),
        "paths": [str(picture.resolve()) for picture in pictures],
        "methods": METHODS,
        "exact": exact,
    }
    command = [sys.executable, "-P", str(Path(answering.__file__).resolve())]
    with subprocess.Popen(  # noqa: S603 - our own script
        command, cwd=checkout, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(request))
        process.stdin.close()
        for line in tqdm(process.stdout, version, len(pictures), unit="img"):
            yield json.loads(line)
