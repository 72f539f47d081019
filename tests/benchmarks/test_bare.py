"""The bare view serves under the service's own Gunicorn settings."""

from __future__ import annotations

import json
import urllib.request

from benchmarks.bare import serving_bare


def test_the_bare_view_answers_with_the_length_of_an_upload() -> None:
    with serving_bare() as served:
        request = urllib.request.Request(f"{served.address}/classify", data=b"12345")
        with urllib.request.urlopen(request, timeout=10) as reply:
            assert json.load(reply) == {"bytes": 5}
            assert reply.headers["Connection"] == "close"
        assert len(served.workers()) == 2
