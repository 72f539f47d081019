"""The pages of another site send logos, and show what comes back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import Page, expect

from tests.e2e.browsers import faults, launched, visit
from tests.e2e.conftest import running
from tests.test_site import served

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "models" / "golden"
MOON, SNYK = GOLDEN / "moon.png", GOLDEN / "snyk.png"
ADDRESS = "http://127.0.0.1:8000"


@contextmanager
def opened(folder: Path, page_name: str, **settings: str) -> Iterator[Page]:
    """Open an example in Chromium, from a site that the service names."""
    site = shutil.copytree(ROOT / "examples", folder / "examples")
    with (
        launched() as browser,
        served(site) as origin,
        running(folder / "gunicorn.log", cors_origins=origin, **settings) as server,
    ):
        for path in site.iterdir():
            if path.suffix in {".html", ".js"}:
                text = path.read_text("utf-8").replace(ADDRESS, server.url)
                path.write_text(text, "utf-8")
        with visit(browser, origin, service=server.url) as page:
            page.goto(f"{origin}/{page_name}")
            yield page


def test_a_page_of_another_site_shows_the_types_of_chosen_logos(tmp_path: Path) -> None:
    with opened(tmp_path, "browser.html") as page:
        page.set_input_files("#files", [MOON, SNYK, ROOT / "README.md"])
        rows = page.locator("#answers li")
        expect(rows.nth(0)).to_contain_text("moon.png: gradient, 96 %")
        expect(rows.nth(1)).to_contain_text("snyk.png: ")
        expect(rows.nth(1)).to_contain_text(" %")
        expect(rows.nth(2)).to_contain_text("README.md: the data is not a PNG")
        assert faults(page) == []


def test_a_page_of_another_site_waits_as_the_service_says(tmp_path: Path) -> None:
    with opened(tmp_path, "browser.html", rate_limit="2/second") as page:
        page.set_input_files("#files", [MOON, SNYK, GOLDEN / "turret.png"])
        for row in page.locator("#answers li").all():
            expect(row).to_contain_text(" %")


@pytest.mark.parametrize(
    ("page_name", "chooser"),
    [("browser.html", "#files"), ("upload-component.html", "logo-upload input")],
)
def test_a_page_that_no_service_answers_says_what_may_be_wrong(
    page_name: str, chooser: str
) -> None:
    with launched() as browser, served(ROOT / "examples") as origin:
        page = browser.new_page()
        page.route(f"{ADDRESS}/**", lambda route: route.abort())
        page.goto(f"{origin}/{page_name}")
        page.set_input_files(chooser, MOON)
        expect(page.get_by_text("no reply: does").first).to_contain_text(origin)


def test_the_element_shows_the_type_and_dispatches_the_answer(tmp_path: Path) -> None:
    with opened(tmp_path, "upload-component.html") as page:
        page.set_input_files("logo-upload input", MOON)
        expect(page.locator("logo-upload output")).to_have_text("gradient")
        expect(page.locator("#events")).to_contain_text("logo-classified: moon.png: gradient")
        assert faults(page) == []


def test_the_element_shows_why_a_file_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path, "upload-component.html") as page:
        page.set_input_files("logo-upload input", ROOT / "README.md")
        expect(page.locator("logo-upload output")).to_contain_text("the data is not a PNG")
        expect(page.locator("#events")).to_contain_text("logo-refused: README.md")
