"""Show the scores of drawn pictures in a terminal."""

from __future__ import annotations

from typing import Any


def table(scored: dict[str, Any]) -> str:
    """Return the scores as lines of a table, one a kind."""
    width = max(len(name) for name in scored["kinds"])
    lines = [
        f"{'kind'.ljust(width)}  type     pictures    right   honest  sure but wrong  confidence"
    ]
    lines += [_line(name.ljust(width), row) for name, row in scored["kinds"].items()]
    claim = scored["rules_claim"]
    lines.append(
        f"rules claim >= {claim['threshold']}: {claim['pictures']} pictures, "
        f"{_percent(claim['right'])} right"
    )
    return "\n".join(lines)


def _line(name: str, row: dict[str, Any]) -> str:
    line = (
        f"{name}  {row['truth']:8} {row['pictures']:8}  {_percent(row['right']):>7}  "
        f"{_percent(row['honest']):>7}  {_percent(row['sure_but_wrong']):>14}  "
        f"{row['confidence']:10.3f}"
    )
    if "same_type" in row:
        line += f"  one type in all formats: {_percent(row['same_type'])}"
    return line


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
