"""`report` runs as a process of its own and writes one page."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from tests.logo_classifier.cli.test_program import run

HOSTILE = '<img src=x onerror="alert(1)">&.png'


class Page(HTMLParser):
    """Collect what a page holds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def logos(tmp_path: Path, golden: dict[Path, str]) -> Path:
    folder = tmp_path / "our logos & more"
    (folder / "below").mkdir(parents=True)
    for path in list(golden)[:5]:
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "below" / HOSTILE).write_bytes(next(iter(golden)).read_bytes())
    return folder


def test_the_page_is_one_file_without_script_and_without_addresses(
    logos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "page.html"

    done = run("report", "-r", str(logos), "-o", str(out))

    text = out.read_text("utf-8")
    page = Page(text)
    names = {tag for tag, _ in page.tags}
    addresses = [v for _, attrs in page.tags for k, v in attrs.items() if k in ("src", "href")]
    assert (done.returncode, done.stdout) == (0, "")
    assert f"{out}: 6 pictures, 0 failed" in done.stderr
    assert names.isdisjoint({"script", "link", "iframe", "object"})
    assert len(addresses) == 6
    assert all(address and address.startswith("data:image/webp;base64,") for address in addresses)
    assert "://" not in text
    assert str(tmp_path) not in text


def test_names_of_files_and_folders_are_text_and_no_markup(logos: Path, tmp_path: Path) -> None:
    (logos / HOSTILE).write_text("no picture")
    out = tmp_path / "page.html"

    done = run("report", "-r", str(logos), "-o", str(out))

    page = Page(out.read_text("utf-8"))
    assert done.returncode == 1
    assert [attrs for _, attrs in page.tags if "onerror" in attrs] == []
    assert page.text.count(HOSTILE) == 2
    assert "Logos in our logos & more" in page.text
    assert "Not classified: 1 picture" in page.text


def test_the_least_sure_come_first_and_the_unsure_are_counted(logos: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"

    run("report", str(logos), "--out", str(out), "--threshold", "1")

    text = out.read_text("utf-8")
    captions = re.findall(r"<figcaption>.*? (\d\.\d\d) <b class=\"bad\">unsure", text)
    rows = re.findall(r"<td>(\d+)</td><td>\d+ %</td><td>(\d+)</td>", text)
    assert len(captions) == 5
    assert captions == sorted(captions)
    assert sum(int(count) for count, _ in rows) == 5
    assert all(count == unsure for count, unsure in rows)


def test_most_bounds_the_pictures_that_are_shown_to_the_least_sure(
    logos: Path, tmp_path: Path
) -> None:
    pages = []
    for most in ("5", "2", "0"):
        run("report", str(logos), "--out", str(tmp_path / "page.html"), "--most", most)
        text = (tmp_path / "page.html").read_text("utf-8")
        pages.append(re.findall(r'<span class="name">(.*?)</span>', text))
        assert "5 pictures on" in text

    assert pages[1] == pages[0][:2]
    assert pages[2] == []


def test_thumbnails_are_small_pictures(logos: Path, tmp_path: Path) -> None:
    run("report", str(logos), "--out", str(tmp_path / "page.html"))

    found = re.findall(r"base64,([^\"]+)", (tmp_path / "page.html").read_text("utf-8"))
    sizes = [Image.open(io.BytesIO(base64.b64decode(data))).size for data in found]
    assert len(sizes) == 5
    assert all(max(size) <= 128 for size in sizes)


def test_a_folder_without_a_picture_writes_nothing(tmp_path: Path) -> None:
    done = run("report", str(tmp_path), "--out", str(tmp_path / "page.html"))

    assert done.returncode == 2
    assert "there is no picture in" in done.stderr
    assert not (tmp_path / "page.html").exists()


def test_a_place_that_cannot_be_written_is_an_error_of_use(logos: Path, tmp_path: Path) -> None:
    done = run("report", str(logos), "--out", str(tmp_path / "no" / "page.html"))

    assert done.returncode == 2
    assert "cannot be written: No such file or directory" in done.stderr
