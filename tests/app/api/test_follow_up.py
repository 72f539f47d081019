"""What the other version of a trial says joins the answer that is kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.api import create_app
from app.api.service import Service
from app.config import Settings
from logo_classifier import HybridClassifier, LogoType, open_feedback
from tests.app.api.forms import form
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("mode", ["shadow", "answer"])
def test_both_versions_are_kept_of_a_picture_in_a_trial(
    tmp_path: Path, classifier: HybridClassifier, mode: str
) -> None:
    models = Path(shutil.copytree(ROOT / "models", tmp_path / "models"))
    shipped = (models / "shipped").read_text("utf-8").strip()
    url = f"sqlite:///{tmp_path / 'feedback.db'}"
    settings = Settings(
        feedback_url=url,
        feedback_ask=1,
        models_dir=models,
        candidate=shipped,
        candidate_share=0.5,
        candidate_mode=mode,
    )
    app = create_app(settings, classifier)
    service: Service = app.extensions["logo"]
    assert service.trial is not None
    assert service.feedback is not None
    pictures = sorted((models / "golden").glob("*.png"))[:8]
    ids = []
    for picture in pictures:
        with app.test_client().post("/classify", **form(picture.read_bytes())) as reply:
            ids.append(reply.json["request_id"])
    store = open_feedback(url)

    def labelled() -> int:
        for each in ids:
            store.add_label(each, LogoType.TEXT, each, 1.0)
        return sum(each.answer.other is not None for each in store.labelled())

    wait_until(lambda: labelled() > 0, "the other version was never kept")
