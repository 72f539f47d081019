"""Say which page or method was asked for in vain, and which one is meant."""

from __future__ import annotations

from difflib import get_close_matches

from flask import current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

_MOST_OF_A_PATH = 100
"""In characters. Messages repeat what the client sent, so their length is limited."""


def explain(error: HTTPException) -> str:
    """Return what is wrong with a request, with the right path or method where there is one."""
    path = request.path[:_MOST_OF_A_PATH]
    if isinstance(error, NotFound):
        return _no_page(path)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        methods = sorted(set(error.valid_methods) - {"HEAD", "OPTIONS"})
        return f"{path} takes {' and '.join(methods)}; you sent {request.method[:20]}"
    return error.description or ""


def _no_page(path: str) -> str:
    pages = [rule.rule for rule in current_app.url_map.iter_rules() if not rule.arguments]
    said = f"there is no such page: {path}"
    if path.rstrip("/").lower() in pages:
        cause = (
            "leave out the slash at the end" if path.endswith("/") else "the case of letters counts"
        )
        return f"{said}; {cause}: {path.rstrip('/').lower()}"
    ends = [page for page in pages if page != "/" and path.lower().rstrip("/").endswith(page)]
    close = [max(ends, key=len)] if ends else get_close_matches(path.lower(), pages, 1)
    return f"{said}; did you mean {close[0]}?" if close else f"{said}; /docs lists all calls"
