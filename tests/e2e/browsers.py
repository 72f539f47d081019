"""Drive a real Chromium, and note what must not happen in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from tests.waiting import PATIENCE_SECONDS

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text("utf-8")

_REFUSED = "Failed to load resource"
"""How Chromium notes a reply of 400 and above. It is no fault of the page."""


@contextmanager
def launched() -> Iterator[Browser]:
    """Run Chromium, or skip the test where there is none."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield chromium
        chromium.close()


@contextmanager
def visit(
    browser: Browser, url: str, *, service: str | None = None, **options: Any
) -> Iterator[Page]:
    """Open a page, and check at the end that it logged no error and asked nobody else.

    A page of another site may ask the service, too.

    A violation of the Content Security Policy is logged as an error.
    """
    wrong: list[str] = []
    known = (service or url, url, "blob:", "data:")

    def note_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_REFUSED):
            wrong.append(message.text)

    def note_request(request: Request) -> None:
        if not request.url.startswith(known):
            wrong.append(request.url)

    context = browser.new_context(**options)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_SECONDS * 1000)
    page.on("console", note_console)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", note_request)
    page.goto(url)
    yield page
    context.close()
    assert wrong == []


def faults(page: Page) -> list[str]:
    """Return what axe-core finds wrong with the page as it stands."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run()")["violations"]
    return [f"{rule['id']}: {node['target']}" for rule in found for node in rule["nodes"]]
