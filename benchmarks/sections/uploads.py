"""Measure uploads over HTTP: raw bodies, multipart forms, and larger pictures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.load import cycle_script
from benchmarks.pictures import FORM_TYPE, resized, write_forms
from benchmarks.report import Section
from benchmarks.trials import QUIET, UNCACHED, Bench, Contenders, load_each, ours

CLIENTS = 4
REPEATED = 20
SIDE_PX = 1000
LARGE = 60
"""Number of larger pictures of each format."""


def measure(bench: Bench) -> Section:
    """Measure bodies and forms with and without cache, and larger bodies without cache."""
    forms = write_forms(bench.scratch / "forms-of-one", bench.pictures, 1, field="image")
    contenders: Contenders = {
        "no cache": (
            partial(ours, UNCACHED),
            {
                "body": _script(bench, "body", bench.pictures),
                "form": _script(bench, "form", forms, FORM_TYPE),
                f"body, PNG of {SIDE_PX} px": _script(bench, "png", _larger(bench, "PNG")),
                f"body, JPEG of {SIDE_PX} px": _script(bench, "jpeg", _larger(bench, "JPEG")),
            },
        ),
        "cache": (
            partial(ours, QUIET),
            {
                "repeated body": _script(bench, "few-bodies", bench.pictures[:REPEATED]),
                "repeated form": _script(bench, "few-forms", forms[:REPEATED], FORM_TYPE),
            },
        ),
    }
    trials = load_each(bench, contenders, CLIENTS)
    return Section(
        "Bodies, forms and larger pictures",
        tables=[trials.table("two workers")],
        settings={
            "no cache": UNCACHED,
            "cache": QUIET,
            "repeated_pictures": min(REPEATED, len(bench.pictures)),
        },
        rounds=trials.to_dict(),
    )


def _script(
    bench: Bench, name: str, files: Sequence[Path], content_type: str = "application/octet-stream"
) -> Path:
    return cycle_script(bench.scratch / f"{name}.lua", files, content_type=content_type)


def _larger(bench: Bench, format_name: str) -> list[Path]:
    folder = bench.scratch / f"larger-{format_name}"
    folder.mkdir(exist_ok=True)
    paths = []
    for number, path in enumerate(bench.pictures[:LARGE]):
        paths.append(folder / str(number))
        paths[-1].write_bytes(resized(path, SIDE_PX, format_name))
    return paths
