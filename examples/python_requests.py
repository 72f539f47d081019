"""Ask the service for the type of one picture, with requests.

    pip install requests
    python examples/python_requests.py http://127.0.0.1:8000 logo.png

A service that asks for a key gets the one in API_KEY.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

TRIES = 3
CONNECT_SECONDS, ANSWER_SECONDS = 5, 60


def open_session() -> requests.Session:
    """Return a session that waits as Retry-After says, after a 429 and a 503."""
    again = Retry(
        total=TRIES,
        status_forcelist=[429, 503],
        allowed_methods=["POST"],  # to classify changes nothing, so it may be sent again
        raise_on_status=False,
    )
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=again))
    if key := os.environ.get("API_KEY"):
        session.headers["X-API-Key"] = key
    return session


def classify(session: requests.Session, address: str, picture: Path) -> dict[str, Any]:
    """Return the answer; raise ValueError with the service's words if it refuses the picture."""
    reply = session.post(
        f"{address}/classify",
        files={"image": (picture.name, picture.read_bytes())},
        timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
    )
    if "json" not in reply.headers.get("Content-Type", ""):
        raise ValueError(f"a proxy in between says {reply.status_code}")
    answer: dict[str, Any] = reply.json()
    if not reply.ok:
        raise ValueError(f"{answer['error']}: {answer['detail']}")
    return answer


def main(address: str, picture: str) -> None:
    """Print the type, how sure it is, and what else is possible."""
    try:
        answer = classify(open_session(), address, Path(picture))
    except (OSError, ValueError) as error:  # requests' own errors are of OSError
        sys.exit(str(error))
    others = [kind for kind in answer["prediction_set"] if kind != answer["logo_type"]]
    print(answer["logo_type"], f"{answer['confidence']:.0%}", *[f"or {kind}" for kind in others])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python examples/python_requests.py ADDRESS PICTURE")
    main(*sys.argv[1:])
