"""The page is read in a real browser, which runs no script of it and asks nobody for anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import Browser, sync_playwright

from tests.e2e.browsers import CHROMIUM, OPTIONS, faults, visit
from tests.logo_classifier.cli.test_program import run

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(golden: dict[Path, str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return where a report stands: of good logos, and one that is none."""
    folder = tmp_path_factory.mktemp("logos")
    for path in golden:
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "<script>document.title='x'<!--.png").write_text("no picture")
    out = folder / "report.html"
    assert run("report", str(folder), "--out", str(out), "--threshold", "0.98").returncode == 1
    return out.as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width_px", [1280, 375])
def test_everybody_can_read_it(browser: Browser, address: str, scheme: str, width_px: int) -> None:
    size = {"width": width_px, "height": 800}
    with visit(browser, address, color_scheme=scheme, viewport=size, bypass_csp=True) as page:
        wide = page.evaluate("document.documentElement.scrollWidth")

        assert page.title().startswith("Logos in logos")
        assert faults(page) == []
        assert wide <= width_px


def test_pictures_are_shown_under_its_own_policy(browser: Browser, address: str) -> None:
    with visit(browser, address, java_script_enabled=False) as page:
        page.locator("figure img").last.scroll_into_view_if_needed()
        shown = page.locator("figure img")

        assert shown.count() == 16
        assert shown.first.bounding_box()
        assert page.locator("text=<script>").count() == 1
