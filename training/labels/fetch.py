"""Fetch the labelled pictures from their public packages and repositories.

    python -m training.labels.fetch --data data [--images elsewhere/images]

Reads `labels.csv`, fetches each npm package with `npm pack` and each repository with `git` at the
version in the label, and writes `images/<id>.png`. Existing pictures stay. Pictures in the folder
of `--images` are copied instead of fetched.
"""

from __future__ import annotations

import argparse
import csv
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tqdm import tqdm

from training.labels.packages import FetchError, Package, open_package

FONTS = Path(__file__).with_name("fonts.txt")
"""A file with one `@fontsource` package of npm per line."""

_FONT_WEIGHTS = ("400", "700")


def fetch_fonts(cache: Path, names: Path = FONTS) -> list[Path]:
    """Return the Latin font files of a file such as `fonts.txt`; fetch missing ones into `cache`.

    The licences are the SIL Open Font Licence and Apache-2.0.
    """
    files: list[Path] = []
    for name in tqdm(names.read_text().split(), desc="fonts"):
        folder = open_package("npm", name, cache).folder / "files"
        for weight in _FONT_WEIGHTS:
            files += folder.glob(f"*-latin-{weight}-normal.woff")
    if not files:
        raise FetchError(f"no font file in the packages of {cache}")
    return sorted(files)


def fetch(data: Path, stand_in: Path | None = None) -> list[str]:
    """Write every missing picture; return a message for each one that cannot be fetched.

    `stand_in` is a folder of pictures with the same names, fetched earlier.
    """
    (data / "images").mkdir(exist_ok=True)
    with open(data / "labels.csv", newline="", encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if not _target(data, row).exists()]
    if stand_in is not None:
        rows = [row for row in rows if not _copied(stand_in, _target(data, row))]
    by_package: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        by_package[row["origin"], row["package"]].append(row)
    troubles: list[str] = []
    with tqdm(total=len(rows), unit="img") as progress:
        for (origin, name), wanted in by_package.items():
            progress.set_description(name[:40])
            try:
                package = open_package(origin, name, data / "packages")
            except FetchError as error:
                troubles.append(str(error))
                continue
            troubles += _write_all(package, data, wanted, progress)
    return troubles


def _write_all(
    package: Package, data: Path, rows: Iterable[dict[str, str]], progress: tqdm[Any]
) -> list[str]:
    troubles = []
    for row in rows:
        try:
            with _whole(_target(data, row)) as partial:
                package.picture(row["name"]).save(partial, "PNG")
        except (FetchError, KeyError, OSError, ValueError) as error:
            troubles.append(f"{row['id']} ({row['name']}): {error}")
        progress.update()
    return troubles


def _copied(stand_in: Path, target: Path) -> bool:
    known = stand_in / target.name
    if not known.is_file():
        return False
    with _whole(target) as partial:
        shutil.copyfile(known, partial)
    return True


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """Yield a temporary name, and rename the file on success: an atomic write."""
    partial = target.with_suffix(".partial")
    yield partial
    partial.replace(target)


def _target(data: Path, row: dict[str, str]) -> Path:
    return data / "images" / f"{row['id']}.png"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of labels.csv")
    parser.add_argument("--images", type=Path, help="folder of pictures fetched earlier")
    arguments = parser.parse_args()
    troubles = []
    try:
        fetch_fonts(arguments.data / "packages")
    except FetchError as error:
        troubles.append(str(error))
    troubles += fetch(arguments.data, arguments.images)
    if troubles:
        raise SystemExit("not fetched:\n" + "\n".join(troubles))


if __name__ == "__main__":
    main()
