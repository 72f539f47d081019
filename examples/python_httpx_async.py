"""Ask the service for the types of many pictures, at most four at a time, with HTTPX.

    pip install httpx
    python examples/python_httpx_async.py http://127.0.0.1:8000 logos/*.png > types.tsv

It prints a line for each picture as its answer comes: name, type, confidence and error, with tabs
between them. A service that asks for a key gets the one in API_KEY.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import httpx

AT_ONCE = 4
LONGEST_WAIT_SECONDS = 120.0
"""What one picture waits in all, where the service says `Retry-After`."""

ANSWER_SECONDS = 60


class Refused(Exception):
    """Say in the service's words why a picture has no answer."""


async def send(client: httpx.AsyncClient, picture: Path) -> httpx.Response:
    """Send a picture; while the service says 429 or 503, wait as it says and send it again."""
    files = {"image": (picture.name, picture.read_bytes())}
    waited = 0.0
    while True:
        reply = await client.post("/classify", files=files)
        said = reply.headers.get("Retry-After", "")
        wait = float(said) if said.isdecimal() else 0.0  # seconds; the service sends no date
        refused = reply.status_code in {429, 503}
        if not refused or wait <= 0 or waited + wait > LONGEST_WAIT_SECONDS:
            return reply
        await asyncio.sleep(wait)
        waited += wait


async def classify(client: httpx.AsyncClient, picture: Path) -> dict[str, Any]:
    """Return the answer; raise Refused if the service gives none."""
    reply = await send(client, picture)
    if "json" not in reply.headers.get("Content-Type", ""):
        raise Refused(f"a proxy in between says {reply.status_code}")
    answer: dict[str, Any] = reply.json()
    if reply.is_error:
        raise Refused(f"{answer['error']}: {answer['detail']}")
    return answer


async def main(address: str, pictures: list[Path]) -> int:
    """Print a line for each picture; return how many have no answer."""
    turns = asyncio.Semaphore(AT_ONCE)
    key = os.environ.get("API_KEY")
    headers = {"X-API-Key": key} if key else {}

    async def tell(picture: Path) -> bool:
        async with turns:  # also while it waits: the others do not press a service that is busy
            try:
                answer = await classify(client, picture)
            except (Refused, httpx.HTTPError, OSError) as error:
                print(picture, "", "", str(error) or repr(error), sep="\t", flush=True)
                return False
        print(picture, answer["logo_type"], answer["confidence"], "", sep="\t", flush=True)
        return True

    async with httpx.AsyncClient(
        base_url=address, headers=headers, timeout=ANSWER_SECONDS
    ) as client:
        told = await asyncio.gather(*map(tell, pictures))
    return told.count(False)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: python examples/python_httpx_async.py ADDRESS PICTURE...")
    failed = asyncio.run(main(sys.argv[1], [Path(name) for name in sys.argv[2:]]))
    sys.exit(1 if failed else 0)
