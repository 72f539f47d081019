"""Fixtures that tests of several packages share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from PIL import Image

from app.api import create_app
from app.config import Settings
from logo_classifier import HybridClassifier
from tests.databases import Cluster, run_postgresql
from tests.servers import run_memcached, run_redis

hypothesis_settings.register_profile("fuzz", max_examples=20_000, print_blob=True)

DATA = Path(__file__).parent / "data"
GOLDEN = Path(__file__).parents[1] / "models" / "golden"

ImageMaker = Callable[..., bytes]


@pytest.fixture(scope="session")
def classifier() -> HybridClassifier:
    built = HybridClassifier()
    built.warm_up()
    return built


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def app(settings: Settings, classifier: HybridClassifier) -> Flask:
    return create_app(settings, classifier)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def make_image() -> ImageMaker:
    """Return a maker of files: a disc on white, of the size and format asked for."""

    def make(format: str = "PNG", size: tuple[int, int] = (64, 48)) -> bytes:
        disc = Image.new("RGB", size, "white")
        disc.paste((200, 30, 30), (size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2))
        file = BytesIO()
        disc.save(file, format)
        return file.getvalue()

    return make


@pytest.fixture(scope="session")
def golden() -> dict[Path, str]:
    """Return the pictures whose type is agreed on, each with that type."""
    types = json.loads((DATA / "golden.json").read_text("utf-8"))
    return {GOLDEN / name: logo_type for name, logo_type in types.items()}


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a real Redis."""
    with run_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server.url


@pytest.fixture(scope="session")
def memcached_url() -> Iterator[str]:
    """Return the address of a real Memcached."""
    with run_memcached() as server:
        yield server.url


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """Return a real PostgreSQL."""
    with run_postgresql() as cluster:
        yield cluster
