"""People trace a picture at the page, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import Browser, expect

from .browsers import faults, launched, visit
from .conftest import Server, ServerMaker
from .test_page import FITS, GOLDEN, card, wait


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as chromium:
        yield chromium


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 320)])
def test_a_picture_is_traced_compared_and_saved(
    browser: Browser, serve: ServerMaker, scheme: str, width: int
) -> None:
    look: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
    with serve(trace="on") as own, visit(browser, own.url, **look) as page:
        page.set_input_files("#files", GOLDEN / "moon.png")
        wait(page, "1 of 1 done")
        moon = card(page, "moon.png")
        moon.get_by_role("button", name="Trace: moon.png").focus()
        page.keyboard.press("Enter")
        expect(moon.locator(".traced [role=status]")).to_contain_text("Traced: ")
        slider = moon.get_by_role("slider", name="Trace and picture: moon.png")
        expect(slider).to_be_focused()
        after = moon.get_by_role("img", name="Its trace")
        expect(after).to_have_js_property("naturalWidth", 384)
        before = after.evaluate("image => getComputedStyle(image).clipPath")
        page.keyboard.press("End")
        moved = after.evaluate("image => getComputedStyle(image).clipPath")
        told = slider.get_attribute("aria-valuetext")
        with page.expect_download() as download:
            moon.get_by_role("link", name="Download SVG").click()
        saved = Path(download.value.path()).read_text("utf-8")
        assert faults(page) == []
        assert page.evaluate(FITS)

    assert (before, moved) == ("inset(0px 0px 0px 50%)", "inset(0px 0px 0px 100%)")
    assert told == "100 % picture, 0 % trace"
    assert download.value.suggested_filename == "moon.svg"
    assert "<path" in saved
    assert "<script" not in saved


def test_a_picture_that_cannot_be_traced_says_why(browser: Browser, serve: ServerMaker) -> None:
    with serve(trace="on") as own, visit(browser, own.url) as page:
        page.set_input_files("#files", GOLDEN / "moon.png")
        wait(page, "1 of 1 done")
        page.context.set_offline(True)
        card(page, "moon.png").get_by_role("button", name="Trace: moon.png").click()
        expect(page.locator(".traced [role=status]")).to_have_text(
            "There is no trace: the service cannot be reached."
        )
        expect(page.locator(".compared")).to_be_hidden()
        assert faults(page) == []


def test_without_the_setting_the_page_offers_no_trace(browser: Browser, server: Server) -> None:
    with visit(browser, server.url) as page:
        page.set_input_files("#files", GOLDEN / "moon.png")
        wait(page, "1 of 1 done")
        expect(page.get_by_role("button", name="Trace")).to_have_count(0)
