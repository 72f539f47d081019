"""People send calls from `/docs/try` in a real browser."""

from __future__ import annotations

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import Page, expect

from app.api.views.site import contract

from .browsers import launched, visit
from .conftest import ROOT, Server

MOON = ROOT / "models" / "golden" / "moon.png"


def open_call(page: Page, operation: str) -> None:
    page.locator(f"#operations-default-{operation} .opblock-summary-control").click()


def test_the_page_shows_every_call_and_sends_one(server: Server) -> None:
    with launched() as browser, visit(browser, server.url) as page:
        page.goto(f"{server.url}/docs/try")
        shown = page.locator(".opblock-summary-path")
        expect(shown).to_have_count(len(contract()["paths"]))
        open_call(page, "classify")
        call = page.locator("#operations-default-classify")
        call.locator('input[type="file"]').set_input_files(MOON)
        call.get_by_role("button", name="Execute").click()
        answer = call.locator(".live-responses-table tbody .response-col_description").first
        expect(answer).to_contain_text('"logo_type": "gradient"')
        sent = call.locator(".request-url").inner_text()

    assert server.url in sent
    assert f"{server.url}/classify" in sent.split()


def test_the_page_says_why_a_picture_is_refused(server: Server) -> None:
    with launched() as browser, visit(browser, server.url) as page:
        page.goto(f"{server.url}/docs/try")
        open_call(page, "classify")
        call = page.locator("#operations-default-classify")
        call.locator('input[type="file"]').set_input_files(ROOT / "README.md")
        call.get_by_role("button", name="Execute").click()
        answer = call.locator(".live-responses-table tbody .response-col_description").first
        expect(answer).to_contain_text("unsupported_format")


def test_without_scripts_the_page_leads_to_the_docs(server: Server) -> None:
    with launched() as browser, visit(browser, server.url, java_script_enabled=False) as page:
        page.goto(f"{server.url}/docs/try")
        expect(page.get_by_text("It needs JavaScript; the docs do not.")).to_be_visible()
        page.get_by_role("link", name="Docs").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Logo classifier")
