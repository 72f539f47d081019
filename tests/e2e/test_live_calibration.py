"""A command brings what labels prove into force in all workers, and another undoes it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from logo_classifier import HybridClassifier, LabelledAnswer, judged_of, open_feedback
from tests.logo_classifier.feedback.labels import labels
from tests.waiting import wait_until

from .conftest import ROOT, Server, ServerMaker

PNG = {"Content-Type": "image/png"}
PICTURE = ROOT / "models" / "golden" / "moon.png"


def fill(path: Path) -> None:
    """Keep 1,200 requested labels that say that the service is overconfident on one route."""
    like = judged_of(HybridClassifier().classify(PICTURE))
    seen = [
        LabelledAnswer(
            replace(each.answer, judged=_on_route_of(each, like)),
            each.true_label,
            each.client,
            each.labelled_at,
        )
        for each in labels(1200, moved=-1.5)
    ]
    open_feedback(f"sqlite:///{path}").add_answers([each.answer for each in seen])
    rows = [(s.answer.request_id, s.client, s.true_label, s.labelled_at) for s in seen]
    # One by one each label would be synced to the disk.
    with sqlite3.connect(path) as connection:
        connection.executemany(
            "INSERT INTO labels (answer, picture, client, true_label, labelled_at) "
            "SELECT number, picture, ?2, ?3, ?4 FROM answers WHERE request_id = ?1",
            rows,
        )


def _on_route_of(each: LabelledAnswer, like: Any) -> Any:
    return replace(each.answer.judged, model=like.model, method=like.method, tier=like.tier)


def command(action: str, url: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "LOGO_FEEDBACK_URL": url}
    asked = [sys.executable, "-m", "app", "calibration", action]
    return subprocess.run(asked, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


def confidences(server: Server) -> dict[str | None, float]:
    """Ask often enough that both workers answer; return confidences by what was in force."""
    found: dict[str | None, float] = {}
    for _ in range(12):
        reply = server.post("/classify", content=PICTURE.read_bytes(), headers=PNG).json()
        found[reply.get("live_calibration", {}).get("id")] = reply["confidence"]
    return found


def test_what_labels_prove_is_applied_to_all_workers_and_undone(
    serve: ServerMaker, tmp_path: Path
) -> None:
    path = tmp_path / "feedback.db"
    url = f"sqlite:///{path}"
    fill(path)
    with serve(workers=2, feedback_url=url) as server:
        (own,) = confidences(server).items()
        assert own[0] is None

        proposed, applied = command("propose", url), command("apply", url)
        assert (proposed.returncode, applied.returncode) == (0, 0), applied.stderr
        assert "in force: " in applied.stdout
        wait_until(lambda: None not in confidences(server), "it is in force in both workers")
        (moved,) = confidences(server).values()
        assert moved < own[1]

        again = command("apply", url)
        assert again.returncode == 1
        assert "not applied" in again.stderr

        undone = command("undo", url)
        assert undone.stdout == "in force: the version's own calibration\n"
        wait_until(lambda: confidences(server) == dict([own]), "it is undone in both workers")
        assert "nothing to undo" in command("undo", url).stderr
