"""The command says how well answers agree with requested labels."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from logo_classifier import open_feedback
from tests.logo_classifier.feedback.labels import MODEL, ROUTE, labels


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", "calibration", *arguments],
        env={name: it for name, it in os.environ.items() if name != "LOGO_FEEDBACK_URL"}
        | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_version_and_route_has_its_measures(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'feedback.db'}"
    store = open_feedback(url)
    seen = list(labels(40, moved=0.0))
    store.add_answers([each.answer for each in seen])
    for each in seen:
        store.add_label(each.answer.request_id, each.true_label, each.client, each.labelled_at)

    done = run("status", LOGO_FEEDBACK_URL=url)

    accuracy = sum(each.right for each in seen) / len(seen)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{MODEL} {ROUTE}: 40 labels, accuracy {accuracy:.3f}, ")
    assert done.stdout.endswith("coverage 1.000\nin force: the version's own calibration\n")


def test_a_store_without_labels_is_said_to_have_none(tmp_path: Path) -> None:
    done = run("status", LOGO_FEEDBACK_URL=f"sqlite:///{tmp_path / 'feedback.db'}")

    assert done.returncode == 0
    assert done.stdout.startswith("no requested labels yet\n")


def test_without_a_store_the_reason_is_given() -> None:
    done = run("status")

    assert done.returncode == 1
    assert "LOGO_FEEDBACK_URL is not set" in done.stderr
