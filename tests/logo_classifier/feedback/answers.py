"""Answers to keep, and processes that keep them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from logo_classifier.feedback.records import Answer, Judged
from logo_classifier.values import LogoType, Method, Tier

ROOT = Path(__file__).parents[3]

JUDGED = Judged(
    model="logo-type/1.6.0",
    calibration="",
    method=Method.NEURAL_NETWORK,
    tier=Tier.NEURAL,
    logo_type=LogoType.TEXT,
    confidence=0.9,
    raw_confidence=0.8,
    probabilities=dict.fromkeys(LogoType, 0.25),
    prediction_set=(LogoType.TEXT, LogoType.SIMPLE),
)

_WRITER = """
import sys
from logo_classifier import LogoType, open_feedback
from tests.logo_classifier.feedback.answers import answer
store = open_feedback(sys.argv[1])
for number in range(int(sys.argv[3])):
    name = f"{sys.argv[2]}-{number}"
    store.add_answers([answer(name, picture=name)])
    print(store.add_label(name, LogoType.TEXT, "client", 1.0).value, name, flush=True)
"""


def answer(request_id: str = "a", picture: str = "p", answered_at: float = 1.0) -> Answer:
    return Answer(request_id, picture, JUDGED, asked=True, answered_at=answered_at)


def start_writer(url: str, name: str, count: int, limit: str = "") -> subprocess.Popen[str]:
    """Start a process that keeps answers with labels, and prints what it was told of each."""
    command = (sys.executable, "-c", limit + _WRITER, url, name, str(count))
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
