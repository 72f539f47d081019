"""Measure the ways to trace on logos that chose nothing, and write what came out as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from statistics import fmean, median

from benchmarks.tracing.candidates import (
    DEFAULTS,
    PRESETS,
    Trace,
    basis_of,
    by_preset,
    by_type,
    defaults_prepared,
)
from benchmarks.tracing.comparing import (
    SignTest,
    compare_butteraugli,
    compare_ssim,
    ratio_of_bytes,
)
from benchmarks.tracing.logos import VARIANTS, Logo, backdrop_of
from benchmarks.tracing.measuring import GROUNDS, Measures, mean_flip, measure
from logo_classifier import HybridClassifier, LogoType
from logo_classifier.pictures.pixels import Pixels

PREPARED = "defaults, prepared"
BY_TYPE = "ours, by true type"
BY_PICTURE = "ours, as advised"

Row = list[str]
Found = dict[str, list[Measures]]
"""The measures of each way to trace, in the order of the logos."""


@dataclass(slots=True)
class Report:
    """All measures, by type of logo; `worn` by variant too."""

    whole: dict[LogoType, Found] = field(default_factory=dict)
    worn: dict[tuple[str, LogoType], Found] = field(default_factory=dict)
    flip: dict[LogoType, tuple[float, float]] = field(default_factory=dict)


def measure_all(
    logos: Sequence[Logo], classifier: HybridClassifier, worn_count: int, flip_count: int
) -> Report:
    """Measure every way to trace on whole pictures, and two of them on worn ones and with FLIP."""
    report = Report()
    for kind in LogoType:
        mine = [logo.rgba for logo in logos if logo.logo_type is kind]
        report.whole[kind] = _whole(mine, kind, classifier)
        print(kind, "measured", flush=True)
        for name, worn in VARIANTS.items():
            report.worn[name, kind] = _worn(mine[:worn_count], worn, classifier)
        report.flip[kind] = (
            fmean(mean_flip(by_preset(DEFAULTS, rgba)[0], rgba) for rgba in mine[:flip_count]),
            fmean(mean_flip(_as_advised(classifier, rgba)[0], rgba) for rgba in mine[:flip_count]),
        )
    return report


def _whole(pictures: Sequence[Pixels], kind: LogoType, classifier: HybridClassifier) -> Found:
    found: Found = {}
    for rgba in pictures:
        traces: dict[str, Trace] = {name: by_preset(name, rgba) for name in PRESETS}
        traces[PREPARED] = defaults_prepared(rgba)
        traces |= {each.value: by_type(rgba, each) for each in LogoType}
        # Several ways give the same drawing, and measuring takes longer than tracing.
        drawn = {svg: measure(svg, 0, rgba) for svg in {svg for svg, _ in traces.values()}}
        measured = {n: replace(drawn[svg], seconds=took) for n, (svg, took) in traces.items()}
        measured[BY_TYPE] = measured[kind.value]
        measured[BY_PICTURE] = measured[basis_of(classifier, rgba).value]
        for name, measures in measured.items():
            found.setdefault(name, []).append(measures)
    return found


def _worn(
    pictures: Sequence[Pixels], wear: Callable[[Pixels], Pixels], classifier: HybridClassifier
) -> Found:
    found: Found = {DEFAULTS: [], BY_PICTURE: []}
    for rgba in pictures:
        source = wear(rgba)
        laid = int(source[..., 3].min()) == 255
        grounds = (backdrop_of(rgba),) if laid else GROUNDS
        for name, trace in (
            (DEFAULTS, by_preset(DEFAULTS, source)),
            (BY_PICTURE, _as_advised(classifier, source)),
        ):
            found[name].append(measure(*trace, rgba, grounds))
    return found


def _as_advised(classifier: HybridClassifier, rgba: Pixels) -> Trace:
    return by_type(rgba, basis_of(classifier, rgba))


def tables(report: Report) -> str:
    """Return the tables of a report in Markdown."""
    return "\n\n".join(
        [
            "### Whole pictures\n" + table(_WHOLE_HEAD, _whole_rows(report)),
            "### Settings of another type\n" + table(_REGRET_HEAD, _regret_rows(report)),
            "### Worn pictures\n" + table(_WORN_HEAD, _worn_rows(report)),
            "### FLIP\n" + table(["type", "defaults", "ours"], _flip_rows(report)),
        ]
    )


_WHOLE_HEAD = [
    "type", "way", "SSIM", "better : worse", "butteraugli", "better : worse", "bytes, ratio",
    "bytes, median", "gzip, median", "paths", "fills", "ms",
]  # fmt: skip
_REGRET_HEAD = ["logos", "settings of", "SSIM", "butteraugli", "bytes, ratio"]
_WORN_HEAD = [
    "source", "type", "SSIM: defaults", "ours", "better : worse", "butteraugli: defaults", "ours",
    "better : worse", "bytes, ratio",
]  # fmt: skip


def _whole_rows(report: Report) -> Iterable[Row]:
    for kind, found in report.whole.items():
        theirs = found[DEFAULTS]
        for name in (*PRESETS, PREPARED, BY_TYPE, BY_PICTURE):
            ours = found[name]
            yield [
                kind.value,
                name,
                _mean_ssim(ours),
                _split(compare_ssim(ours, theirs), name),
                _mean_butteraugli(ours),
                _split(compare_butteraugli(ours, theirs), name),
                f"{ratio_of_bytes(ours, theirs):.2f}",
                f"{median(m.size_bytes for m in ours):.0f}",
                f"{median(m.gzip_bytes for m in ours):.0f}",
                f"{median(m.paths for m in ours):.0f}",
                f"{median(m.fills for m in ours):.0f}",
                f"{1000 * median(m.seconds for m in ours):.0f}",
            ]


def _regret_rows(report: Report) -> Iterable[Row]:
    for kind, found in report.whole.items():
        for settings in LogoType:
            ours = found[settings.value]
            yield [
                kind.value,
                settings.value + (" (right)" if settings is kind else ""),
                _mean_ssim(ours),
                _mean_butteraugli(ours),
                f"{ratio_of_bytes(ours, found[DEFAULTS]):.2f}",
            ]


def _worn_rows(report: Report) -> Iterable[Row]:
    for name, kind in product(VARIANTS, report.whole):
        found = report.worn[name, kind]
        ours, theirs = found[BY_PICTURE], found[DEFAULTS]
        yield [
            name,
            kind.value,
            _mean_ssim(theirs),
            _mean_ssim(ours),
            _split(compare_ssim(ours, theirs)),
            _mean_butteraugli(theirs),
            _mean_butteraugli(ours),
            _split(compare_butteraugli(ours, theirs)),
            f"{ratio_of_bytes(ours, theirs):.2f}",
        ]


def _flip_rows(report: Report) -> Iterable[Row]:
    for kind, (theirs, ours) in report.flip.items():
        yield [kind.value, f"{theirs:.4f}", f"{ours:.4f}"]


def _split(test: SignTest, name: str = "") -> str:
    if name == DEFAULTS:
        return ""
    return f"{test.better} : {test.worse}, {test.says}"


def _mean_ssim(measures: Sequence[Measures]) -> str:
    return f"{fmean(m.ssim for m in measures):.3f}"


def _mean_butteraugli(measures: Sequence[Measures]) -> str:
    return f"{fmean(m.butteraugli for m in measures):.1f}"


def table(head: Sequence[str], rows: Iterable[Row]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
