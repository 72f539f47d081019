"""Write tests/data/features.json anew, after the rules were fitted on other features.

python -m tests.classification.measure_golden
"""

from __future__ import annotations

import json
from pathlib import Path

from app.classification.features import extract_features
from app.classification.image import load_image
from app.classification.rules import read_rules

DATA = Path(__file__).parents[1] / "data"
NAMES = ("faker.png", "turret.png", "windi-css.png", "zendesk.png")
"""One picture of each type."""


def main() -> None:
    pictures = {
        name: dict(extract_features(load_image(DATA / "golden" / name)).values) for name in NAMES
    }
    measured = {"rules_version": read_rules()["version"], "pictures": pictures}
    (DATA / "features.json").write_text(json.dumps(measured, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
