"""Write findings as one HTML file that needs nothing else: no script, no other file, no network."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from html import escape
from importlib.resources import files
from string import Template

from logo_classifier import LogoType
from logo_classifier.cli.report.findings import Findings, Shown
from logo_classifier.cli.report.plot import draw_confidences
from logo_classifier.cli.tables import printable


def render(findings: Findings, folder: str, model: str, day: date) -> str:
    """Return the page; all that comes from names of files is escaped."""
    template = Template((files(__package__) / "page.html").read_text("utf-8"))
    shown = findings.shown
    answered = findings.counts.total()
    showing = (
        f"The {len(shown)} least sure of {answered}."
        if len(shown) < answered
        else f"All {answered}."
    )
    return template.substitute(
        title=_text(f"Logos in {folder}"),
        pictures=_number(findings.pictures),
        day=day.isoformat(),
        model=_text(model),
        threshold=f"{findings.threshold:g}",
        types="\n".join(_type_rows(findings)),
        plot=draw_confidences(findings.confidences, findings.threshold),
        failures=_failures(findings),
        showing=showing,
        gallery="\n".join(_figure(each, findings.threshold) for each in shown),
    )


def _text(text: str) -> str:
    return escape(printable(text))


def _number(pictures: int) -> str:
    return "1 picture" if pictures == 1 else f"{pictures} pictures"


def _type_rows(findings: Findings) -> Iterator[str]:
    answered = findings.counts.total() or 1
    for kind in LogoType:
        count = findings.counts[kind]
        yield (
            f'<tr><td class="type {kind}">{kind}</td><td>{count}</td>'
            f"<td>{100 * count / answered:.0f} %</td><td>{findings.unsure[kind]}</td></tr>"
        )


def _failures(findings: Findings) -> str:
    if not findings.failed:
        return ""
    rows = "\n".join(
        f"<tr><td>{_text(name)}</td><td>{_text(why)}</td></tr>" for name, why in findings.failed
    )
    return (
        f'<h2 class="bad">Not classified: {_number(len(findings.failed))}</h2>\n'
        '<table class="failed">\n<thead><tr><th scope="col">picture</th>'
        '<th scope="col">why</th></tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table>"
    )


def _figure(shown: Shown, threshold: float) -> str:
    name = _text(shown.name)
    picture = f'<img src="{shown.picture}" alt="" loading="lazy">' if shown.picture else ""
    others = f" or {', '.join(shown.others)}" if shown.others else ""
    unsure = ' <b class="bad">unsure</b>' if shown.confidence < threshold else ""
    return (
        f'<figure>{picture}<figcaption><b class="{shown.logo_type}">{shown.logo_type}</b>{others} '
        f'{shown.confidence:.2f}{unsure}<span class="name">{name}</span></figcaption></figure>'
    )
