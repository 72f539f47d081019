"""Pictures come from a real HTTP server and a real S3 server."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from logo_classifier import ImageNotFound, InvalidInput
from logo_classifier.bulk.job import finish, opened_job, rows_of, unfinished
from logo_classifier.bulk.local import LocalEngine
from logo_classifier.bulk.refusals import BulkError
from logo_classifier.bulk.remote import read_remote
from logo_classifier.bulk.sources import names_of, open_source
from tests.logo_classifier.bulk.drive import settings_of
from tests.logo_classifier.bulk.jobs import ROOT
from tests.servers import free_port

GOLDEN = ROOT / "models" / "golden"
NAMES = sorted(path.name for path in GOLDEN.glob("*.png"))

# The clients' own event loops are left open where a thread of theirs ends with the process.
pytestmark = pytest.mark.filterwarnings("default")


def serve(*command: str, port: int) -> Iterator[str]:
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(address, timeout=1).close()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the golden pictures with a list of them."""
    pytest.importorskip("aiohttp")
    port, folder = free_port(), tmp_path_factory.mktemp("served")
    for name in NAMES:
        (folder / name).write_bytes((GOLDEN / name).read_bytes())
    (folder / "list.txt").write_text("\n".join(NAMES))
    options = ("--bind", "127.0.0.1", "--directory", str(folder))
    yield from serve("-m", "http.server", str(port), *options, port=port)


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """Serve the golden pictures in s3://logos/golden/."""
    pytest.importorskip("moto")
    boto = pytest.importorskip("botocore.session")
    port = free_port()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "any")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "any")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        for address in serve("-m", "moto.server", "-p", str(port), port=port):
            environment.setenv("AWS_ENDPOINT_URL", address)
            client = boto.Session().create_client("s3")
            client.create_bucket(Bucket="logos")
            for name in NAMES:
                data = (GOLDEN / name).read_bytes()
                client.put_object(Bucket="logos", Key=f"golden/{name}", Body=data)
            listing = "".join(f"golden/{name}\n" for name in NAMES[:3])
            client.put_object(Bucket="logos", Key="list.txt", Body=listing.encode())
            client.close()
            yield "s3://logos"


def answered(given: str, folder: Path) -> dict[str, str | None]:
    with opened_job(folder, open_source(given), settings_of(10)) as job:
        LocalEngine(job, 2, lambda progress: None).run(unfinished(job))
        finish(job)
    return {
        os.path.basename(row["path"]): row["sha256"] or row["error_type"] for row in rows_of(folder)
    }


@pytest.fixture(scope="module")
def near(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | None]:
    return answered(str(GOLDEN), tmp_path_factory.mktemp("near") / "out")


def test_a_list_on_a_web_server_is_answered_as_a_folder_on_the_disk(
    http: str, near: dict[str, str | None], tmp_path: Path
) -> None:
    assert answered(f"{http}/list.txt", tmp_path / "out") == near


def test_a_folder_on_a_web_server_is_refused_with_the_cure(http: str, tmp_path: Path) -> None:
    with pytest.raises(BulkError, match=r"lists no folder; name a \.txt of addresses"):
        answered(f"{http}/", tmp_path / "out")


def test_a_bucket_is_answered_as_a_folder_on_the_disk(
    s3: str, near: dict[str, str | None], tmp_path: Path
) -> None:
    assert answered(f"{s3}/golden/", tmp_path / "out") == near


def test_a_list_in_a_bucket_has_paths_relative_to_it(s3: str) -> None:
    listed = list(names_of(open_source(f"{s3}/list.txt")))

    assert listed == [f"{s3}/golden/{name}" for name in NAMES[:3]]


def test_a_pattern_fits_addresses(s3: str) -> None:
    expected = [f"{s3}/golden/{name}" for name in NAMES if name.startswith("s")]

    assert sorted(names_of(open_source(f"{s3}/golden/s*.png"))) == expected


def test_what_is_not_there_is_one_row(http: str, tmp_path: Path) -> None:
    listing = tmp_path / "list.txt"
    listing.write_text(f"{http}/gone.png\n{http}/{NAMES[0]}\nhttp://127.0.0.1:9/no.png\n")

    found = answered(str(listing), tmp_path / "out")

    assert found["gone.png"] == "image_not_found"
    assert found["no.png"] == "invalid_input"
    assert len(found[NAMES[0]] or "") == 64


def test_no_more_is_read_than_the_limit_and_a_byte(http: str, s3: str) -> None:
    whole = (GOLDEN / NAMES[0]).read_bytes()
    assert len(whole) > 1001

    for address in (f"{http}/{NAMES[0]}", f"{s3}/golden/{NAMES[0]}"):
        assert read_remote(address, 1000) == whole[:1001]
        assert read_remote(address, 1 << 20) == whole


def test_what_cannot_be_read_says_what_it_was(http: str, s3: str) -> None:
    for address in (f"{http}/gone.png", f"{s3}/gone.png"):
        with pytest.raises(ImageNotFound, match="nothing at"):
            read_remote(address, 1000)
    with pytest.raises(InvalidInput, match="cannot read 'http://127"):
        read_remote("http://127.0.0.1:9/no.png", 1000)


def test_a_source_that_cannot_be_reached_begins_no_job(s3: str, tmp_path: Path) -> None:
    with pytest.raises(BulkError, match="cannot be listed"):
        answered("s3://no-such-bucket/logos/", tmp_path / "out")
    with pytest.raises(BulkError, match="cannot be read"):
        answered("http://127.0.0.1:9/list.txt", tmp_path / "out")


def test_an_unknown_protocol_is_refused_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(BulkError, match=r"nothing:// needs a package.*\[remote\]"):
        answered("nothing://here/", tmp_path / "out")
