"""A process has one classifier."""

from __future__ import annotations

from pathlib import Path

from app.api import create_app
from app.api.service import Service
from app.api.worker import process_classifier
from app.config import Settings


def test_equal_settings_share_one_classifier(tmp_path: Path) -> None:
    settings = Settings(model_path=tmp_path)

    assert process_classifier(settings) is process_classifier(Settings(model_path=tmp_path))


def test_an_application_takes_the_classifier_of_its_process(tmp_path: Path) -> None:
    settings = Settings(model_path=tmp_path)

    service: Service = create_app(settings).extensions["logo"]

    assert service.classifier is process_classifier(settings)


def test_a_folder_without_a_network_still_gives_a_classifier(tmp_path: Path) -> None:
    assert process_classifier(Settings(model_path=tmp_path)).model_loaded is False
