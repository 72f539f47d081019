"""The pages build as a site without a warning, and the site asks no other host."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

import logo_classifier

ROOT = Path(__file__).parents[1]
PAGES = [page.relative_to(ROOT) for page in sorted((ROOT / "docs").rglob("*.md"))]
FETCHED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?([^"'\s>]+)"""
    r"""|<link\b(?![^>]*rel="(?:index|search|next|prev|canonical)")[^>]*\bhref=["']?([^"'\s>]+)"""
    r"""|url\(["']?([^"')]+)|@import ["']([^"']+)"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site, built as `make docs` does; a link that leads nowhere is a warning."""
    folder = tmp_path_factory.mktemp("site")
    program = Path(sys.executable).with_name("sphinx-build")
    options = ["-c", "docs", "-W", "--keep-going", "-q", "-d", str(folder / "trees")]
    done = subprocess.run(
        [program, *options, ".", str(folder / "html")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "html"


class QuietHandler(SimpleHTTPRequestHandler):
    """Serve files, and log nothing."""

    def log_message(self, *_said: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder as any host of static files does; yields its address."""
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_make_docs_builds_what_this_test_builds_into_a_folder_that_git_ignores() -> None:
    done = subprocess.run(
        ["make", "-n", "docs"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    (folder,) = re.findall(r"sphinx-build -c docs -W --keep-going -q \. (\S+)", done.stdout)

    ignored = subprocess.run(["git", "check-ignore", "-q", f"{folder}/"], cwd=ROOT, check=False)
    assert ignored.returncode == 0


def test_every_page_of_the_documentation_is_on_the_site(site: Path) -> None:
    assert PAGES
    assert [page for page in PAGES if not (site / page).with_suffix(".html").is_file()] == []


def test_the_site_fetches_nothing_from_elsewhere(site: Path) -> None:
    files = [file for kind in ("html", "css") for file in site.rglob(f"*.{kind}")]
    fetched = {
        (file.name, address)
        for file in files
        for found in FETCHED.findall(file.read_text("utf-8"))
        for address in found
        if address
    }

    assert {address for _, address in fetched if "/furo.css" in address} != set()
    assert [pair for pair in fetched if re.match(r"https?:|//", pair[1])] == []


def test_every_picture_of_a_page_is_on_the_site(site: Path) -> None:
    for page in site.rglob("*.html"):
        for source in re.findall(r'<img\b[^>]*\bsrc="([^"]+)"', page.read_text("utf-8")):
            assert (page.parent / source).is_file(), (page, source)


def test_the_reference_describes_every_name_of_the_library(site: Path) -> None:
    text = (site / "docs" / "python-reference.html").read_text("utf-8")

    constants = {"AUTO", "Source"}  # values without a docstring of their own
    names = set(logo_classifier.__all__) - constants
    assert [name for name in names if f'id="logo_classifier.{name}"' not in text] == []


def test_the_index_of_the_site_shows_its_parts_beside_every_page(site: Path) -> None:
    text = (site / "docs" / "tutorial.html").read_text("utf-8")

    captions = re.findall(r'class="caption-text">([^<]+)<', text)
    assert captions[:5] == ["Start", "How-to guides", "Reference", "Explanation", "The project"]


def test_a_reader_comes_from_the_first_page_to_a_page_with_pictures(site: Path) -> None:
    browsers = pytest.importorskip("tests.e2e.browsers")
    with (
        served(site) as address,
        browsers.launched() as browser,
        browsers.visit(browser, address) as page,  # which fails if another host is asked
    ):
        page.wait_for_url("**/docs/README.html")
        page.get_by_role("link", name="types.md").click()
        page.get_by_role("heading", name="The four types").wait_for()
        widths = page.locator("article img").evaluate_all("all => all.map(i => i.naturalWidth)")

    assert len(widths) == 4
    assert all(widths)
