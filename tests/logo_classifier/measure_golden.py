"""Write tests/data/features.json anew, after features were added, or the rules were fitted anew.

python -m tests.logo_classifier.measure_golden
"""

from __future__ import annotations

import json
from pathlib import Path

from logo_classifier.pictures.image import load_image
from logo_classifier.rules.features import extract_features, plan_features
from logo_classifier.rules.trees import RuleSet, read_rules

DATA = Path(__file__).parents[1] / "data"
GOLDEN = Path(__file__).parents[2] / "models" / "golden"
NAMES = ("faker.png", "turret.png", "windi-css.png", "zendesk.png")
"""One picture of each type."""


def main() -> None:
    rules = RuleSet.from_dict(read_rules())
    plan = plan_features(rules.names, rules.side_px)
    pictures = {
        name: dict(extract_features(load_image(GOLDEN / name), plan).values) for name in NAMES
    }
    measured = {"rules_version": rules.version, "pictures": pictures}
    (DATA / "features.json").write_text(json.dumps(measured, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
