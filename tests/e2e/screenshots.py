"""Take the pictures of the page that docs/images has, from a service that runs.

python -m tests.e2e.screenshots http://127.0.0.1:8000
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.browsers import CHROMIUM, OPTIONS

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
GOLDEN = ROOT / "models" / "golden"
LOGOS = ["moon.png", "stytch.png", "bluetooth.png", "tastejs.png"]

SHOTS = {
    "page-light": {"width": 1440, "height": 1300, "scheme": "light"},
    "page-dark": {"width": 1440, "height": 1300, "scheme": "dark"},
    "page-narrow": {"width": 320, "height": 1300, "scheme": "light"},
}


def shoot(browser: Browser, url: str, *, width: int, height: int, scheme: str) -> bytes:
    """Return a PNG of the page with four answers and a refusal."""
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    page.goto(url)
    files = [GOLDEN / name for name in LOGOS] + [ROOT / "README.md"]
    page.set_input_files("#files", files)
    page.get_by_text("5 of 5 done").wait_for()
    picture = page.screenshot()
    page.close()
    return picture


def main() -> None:
    """Write one WebP for each of SHOTS."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        for name, shot in SHOTS.items():
            with Image.open(BytesIO(shoot(browser, sys.argv[1], **shot))) as picture:
                picture.convert("RGB").save(IMAGES / f"{name}.webp", quality=70, method=6)
        browser.close()


if __name__ == "__main__":
    main()
