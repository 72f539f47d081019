"""Run `python -m benchmarks.tracing --data data choose`, or `report` (make bench-tracing)."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median_low

import cv2

from benchmarks.tracing.choosing import choose_settings
from benchmarks.tracing.logos import Logo, choose
from benchmarks.tracing.one_ink import one_ink_table
from benchmarks.tracing.reporting import BY_TYPE, Report, measure_all, tables
from benchmarks.tracing.sheet import draw
from logo_classifier import HybridClassifier, LogoType

PAGE = Path("docs/tracing.md")
SHEET = Path("docs/images/tracing.webp")
WORN, FLIP = 6, 3
"""Logos of each type that are also worn, and measured with FLIP."""

_MEASURED = re.compile(r"(?<=<!-- bench-tracing -->\n).*?(?=<!-- end -->)", re.S)


def main() -> None:
    """Choose settings on `train`, or report those of the library on `bench`."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("task", choices=("choose", "report"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--count", type=int, default=14, help="logos of each type")
    parser.add_argument("--types", nargs="+", type=LogoType, default=list(LogoType))
    given = parser.parse_args()
    cv2.setNumThreads(1)
    if given.task == "report":
        _report(choose(given.data, "bench", given.count))
        return
    logos = choose(given.data, "train", given.count)
    for kind in given.types:
        print(f"chosen for {kind}: {choose_settings(logos, kind)}", flush=True)


def _report(logos: Sequence[Logo]) -> None:
    """Measure on `bench`; write the tables into the page and the sheet beside it."""
    classifier = HybridClassifier()
    report = measure_all(logos, classifier, worn_count=WORN, flip_count=FLIP)
    sizes = ", ".join(f"{len(found[BY_TYPE])} {kind}" for kind, found in report.whole.items())
    text = (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} on {sizes} logos of `bench` "
        f"(worn: the first {WORN} of each type; FLIP: the first {FLIP}).\n\n{tables(report)}\n\n"
        f"### One ink\n{one_ink_table(logos, classifier)}\n"
    )
    page = PAGE.read_text("utf-8")
    PAGE.write_text(_MEASURED.sub(lambda _: text, page), "utf-8")
    draw([_middle(logos, kind, report) for kind in LogoType], SHEET)


def _middle(logos: Sequence[Logo], kind: LogoType, report: Report) -> Logo:
    """Return the logo of a type whose gain in SSIM is the median of the type."""
    mine = [logo for logo in logos if logo.logo_type is kind]
    found = report.whole[kind]
    pairs = zip(found[BY_TYPE], found["defaults"], strict=True)
    gains = [ours.ssim - theirs.ssim for ours, theirs in pairs]
    return mine[gains.index(median_low(gains))]


if __name__ == "__main__":
    main()
