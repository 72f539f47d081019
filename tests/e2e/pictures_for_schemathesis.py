"""Let Schemathesis send real pictures as bodies; parts of forms it sends without a file name."""

from __future__ import annotations

from pathlib import Path

import schemathesis
from hypothesis import strategies

GOLDEN = sorted((Path(__file__).parents[2] / "models" / "golden").iterdir())

pictures = strategies.sampled_from([path.read_bytes() for path in GOLDEN])
for media_type in ("image/*", "application/octet-stream"):
    schemathesis.openapi.media_type(media_type, pictures)
