"""People use the page in a real browser."""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import Browser, Page, expect

from logo_classifier import LogoType, open_feedback

from .browsers import faults, launched, visit
from .conftest import ROOT, Server, ServerMaker

GOLDEN = ROOT / "models" / "golden"
LOGOS = {"turret": "simple", "eventbrite": "text", "moon": "gradient", "faker": "complex"}
FILES = [GOLDEN / f"{name}.png" for name in LOGOS]
KEY = "first-key-0123456789"
MOST_BYTES, MOST_REQUESTS = 60_000, 20

TRANSFER = """([name, type, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, {type}));
  return data;
}"""
PASTE = """(clipboardData) => {
  document.dispatchEvent(new ClipboardEvent("paste", {clipboardData}));
}"""
SHIFTS = """() => new Promise((resolve) => {
  new PerformanceObserver((list) => resolve(list.getEntries().map((entry) => entry.value)))
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => resolve([]), 500);
})"""
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as chromium:
        yield chromium


def wait(page: Page, said: str) -> None:
    expect(page.locator("#status")).to_have_text(said)


def card(page: Page, name: str) -> Any:
    return page.locator(".card").filter(has=page.get_by_role("heading", name=name, exact=True))


def test_the_first_load_is_small_and_nothing_moves(browser: Browser, serve: ServerMaker) -> None:
    sizes: list[int] = []
    with serve(workers=1, trace="on") as server, visit(browser, server.url) as page:
        page.on("response", lambda reply: sizes.append(len(reply.body())))
        page.reload(wait_until="networkidle")
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_function("[...document.images].every((image) => image.complete)")
        shifts = page.evaluate(SHIFTS)

    assert shifts == []
    assert 0 < sum(sizes) <= MOST_BYTES
    assert len(sizes) <= MOST_REQUESTS


def test_many_pictures_are_answered_copied_saved_and_removed(
    browser: Browser, server: Server
) -> None:
    with visit(browser, server.url, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.set_input_files("#files", FILES)
        wait(page, "4 of 4 done")
        for name, kind in LOGOS.items():
            expect(card(page, f"{name}.png").locator(".badge")).to_have_text(kind)
        moon = card(page, "moon.png")
        expect(moon.locator(".why")).to_contain_text("fade smoothly")
        expect(moon.locator(".tracing")).to_have_text("Split colours finely and keep small areas.")
        assert moon.locator("[data-name=gradient] meter").evaluate("meter => meter.value") > 0.5

        moon.get_by_role("button", name="Copy JSON").click()
        wait(page, "Copied.")
        copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
        moon.get_by_role("button", name="Copy curl").click()
        curl = page.evaluate("navigator.clipboard.readText()")
        with page.expect_download() as download:
            page.get_by_role("button", name="Download CSV").click()
        saved = Path(download.value.path()).read_text("utf-8")
        moon.get_by_role("button", name="Remove").click()
        wait(page, "3 of 3 done")
        page.get_by_role("button", name="Clear").click()
        expect(page.locator(".card")).to_have_count(0)
        expect(page.locator("#results")).to_be_hidden()

    assert (copied["filename"], copied["logo_type"]) == ("moon.png", "gradient")
    assert curl == f"""curl -F 'image=@"moon.png"' '{server.url}/classify'"""
    rows = {row["filename"]: row["logo_type"] for row in csv.DictReader(StringIO(saved))}
    assert rows == {f"{name}.png": kind for name, kind in LOGOS.items()}


def test_an_answer_is_explained_when_asked(browser: Browser, server: Server) -> None:
    with visit(browser, server.url) as page:
        page.set_input_files("#files", GOLDEN / "moon.png")
        wait(page, "1 of 1 done")
        moon = card(page, "moon.png")
        moon.get_by_text("Details").click()
        moon.get_by_role("button", name="Explain").click()

        expect(moon.locator(".found")).to_contain_text("smooth fades cover about")
        expect(moon.get_by_role("img", name="What was counted in the picture")).to_be_visible()
        expect(moon.locator(".legend li")).to_have_count(4)
        assert moon.locator(".overlay img").evaluate("image => image.naturalWidth") > 0
        assert (
            moon.locator(".legend li").first.evaluate(
                "item => getComputedStyle(item).borderInlineStartColor"
            )
            == "rgb(230, 159, 0)"
        )
        assert page.evaluate(FITS)
        assert faults(page) == []


def test_a_bad_file_has_its_error_beside_it_and_its_name_is_only_text(
    browser: Browser, server: Server
) -> None:
    name = "<img src=x onerror=alert(1)>.png"
    bad = {"name": name, "mimeType": "image/png", "buffer": b"<svg xmlns='x'></svg>"}
    with visit(browser, server.url) as page:
        page.set_input_files("#files", [bad])
        wait(page, "1 of 1 done, 1 without an answer")
        refused = card(page, name)
        expect(refused.locator(".detail")).to_contain_text("already a vector")
        expect(refused.locator(".cure")).to_contain_text("Save the logo as PNG")
        expect(refused.locator("img")).to_have_count(1)
        page.get_by_role("button", name="Try failed again").click()
        wait(page, "1 of 1 done, 1 without an answer")


def test_a_folder_a_drop_and_a_paste_are_taken(
    browser: Browser, server: Server, tmp_path: Path
) -> None:
    folder = tmp_path / "logos"
    folder.mkdir()
    (folder / "notes.txt").write_text("no picture")
    (folder / "moon.png").write_bytes((GOLDEN / "moon.png").read_bytes())
    picture = base64.b64encode((GOLDEN / "turret.png").read_bytes()).decode()
    with visit(browser, server.url) as page:
        page.set_input_files("#folder", folder)
        wait(page, "1 of 1 done")
        data = page.evaluate_handle(TRANSFER, ["dropped.png", "image/png", picture])
        page.dispatch_event("body", "drop", {"dataTransfer": data})
        wait(page, "2 of 2 done")
        data = page.evaluate_handle(TRANSFER, ["pasted.png", "image/png", picture])
        page.evaluate(PASTE, data)
        wait(page, "3 of 3 done")
        names = page.locator(".card .name").all_text_contents()

    assert names == ["moon.png", "dropped.png", "pasted.png"]


def test_a_key_is_asked_for_and_a_rate_is_waited_for(browser: Browser, serve: ServerMaker) -> None:
    statuses: list[int] = []
    with (
        serve(workers=1, api_keys=KEY, rate_limit="3/minute") as server,
        visit(browser, server.url) as page,
    ):
        page.on("response", lambda reply: statuses.append(reply.status))
        page.set_input_files("#files", ROOT / "models" / "golden" / "moon.png")
        expect(page.locator(".cure")).to_contain_text("Type a valid key")
        page.get_by_label("API key").fill(KEY)
        page.get_by_role("button", name="Try failed again").click()
        wait(page, "1 of 1 done")
        page.set_input_files("#files", FILES[1:])
        wait(page, "4 of 4 done")

    assert {401, 429, 200} <= set(statuses)


def test_a_lost_connection_is_told_and_the_picture_tried_again(
    browser: Browser, server: Server
) -> None:
    with visit(browser, server.url) as page:
        page.context.set_offline(True)
        page.set_input_files("#files", ROOT / "models" / "golden" / "moon.png")
        expect(page.locator(".cure")).to_contain_text("Check your connection")
        page.context.set_offline(False)
        page.get_by_role("button", name="Try again").click()
        wait(page, "1 of 1 done")


def test_the_keyboard_alone_is_enough(browser: Browser, server: Server) -> None:
    with visit(browser, server.url) as page:
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id") == "samples":
                break
        page.keyboard.press("Enter")
        wait(page, "4 of 4 done")
        badges = page.locator("#cards .badge").all_text_contents()
        card(page, "text.png").get_by_role("button", name="Remove").focus()
        page.keyboard.press("Enter")
        wait(page, "3 of 3 done")
        focused = page.evaluate("document.activeElement.getAttribute('aria-label')")

    assert badges == ["simple", "text", "gradient", "complex"]
    assert focused == "Remove: gradient.png"


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1440), ("dark", 1440), ("light", 320), ("dark", 320)]
)
def test_the_page_has_no_faults_of_access_and_fits(
    browser: Browser, server: Server, scheme: str, width: int
) -> None:
    look: dict[str, Any] = {
        "color_scheme": scheme,
        "viewport": {"width": width, "height": 900},
        "reduced_motion": "reduce",
    }
    with visit(browser, server.url, **look) as page:
        empty = faults(page)
        page.set_input_files("#files", [*FILES, ROOT / "README.md"])
        wait(page, "5 of 5 done, 1 without an answer")
        page.locator("summary").first.click()
        still = page.locator(".zone").evaluate("zone => getComputedStyle(zone).transitionProperty")

        assert empty == []
        assert faults(page) == []
        assert page.evaluate(FITS)
        assert still == "none"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 320)])
def test_the_docs_have_no_faults_of_access_and_fit(
    browser: Browser, server: Server, scheme: str, width: int
) -> None:
    look: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
    with visit(browser, f"{server.url}", **look) as page:
        page.get_by_role("navigation").get_by_role("link", name="Docs").click()
        page.wait_for_url("**/docs")
        assert faults(page) == []
        assert page.evaluate(FITS)
        assert page.locator("script").count() == 0


def test_the_form_answers_without_scripts(browser: Browser, server: Server) -> None:
    with visit(browser, server.url, java_script_enabled=False) as page:
        page.set_input_files("#files", GOLDEN / "moon.png")
        page.get_by_role("button", name="Classify").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("This logo is gradient")
        expect(page.get_by_text("Split colours finely").first).to_be_visible()
        page.get_by_role("link", name="Try another logo").click()
        page.set_input_files("#files", ROOT / "README.md")
        page.get_by_role("button", name="Classify").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("There is no answer")
        expect(page.locator(".lead")).to_contain_text("this is plain text")


def test_a_type_is_reported_with_a_button(
    browser: Browser, serve: ServerMaker, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'feedback.db'}"
    with serve(feedback_url=url) as own, visit(browser, own.url) as page:
        page.set_input_files("#files", ROOT / "models" / "golden" / "moon.png")
        wait(page, "1 of 1 done")
        moon = card(page, "moon.png")
        moon.get_by_role("button", name="text: moon.png", exact=True).click()
        expect(moon.locator(".thanks")).to_have_text("Thank you: noted as text.")
        expect(page.locator("footer")).to_contain_text("No picture and no file name is kept.")
        assert faults(page) == []

    assert [each.true_label for each in open_feedback(url).labelled()] == [LogoType.TEXT]
