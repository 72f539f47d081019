"""A candidate answers a stable share of real requests, or judges behind the replies."""

from __future__ import annotations

import shutil
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from app.trial.evidence import Pairs
from tests.waiting import wait_until

from .conftest import ROOT, Server, ServerMaker

PNG = {"Content-Type": "image/png"}
SERVING, CANDIDATE = "1.6.0", "1.5.0"
KEYS = [f"key-number-{number:06}" for number in range(12)]
TRIAL = {
    "workers": "2",
    "model": f"logo-type/{SERVING}",
    "candidate": f"logo-type/{CANDIDATE}",
}


def ask(server: Server, picture: Path, **headers: str) -> str:
    reply = server.post("/classify", content=picture.read_bytes(), headers=PNG | headers)
    assert reply.status_code == 200, reply.text
    version: str = reply.json()["model"]["version"]
    return version


def candidate(server: Server) -> dict[str, Any]:
    said: dict[str, Any] = server.get("/models").json()["candidate"]
    return said


def test_a_picture_is_always_answered_by_the_same_version(
    serve: ServerMaker, golden: dict[Path, str]
) -> None:
    with serve(**TRIAL, candidate_share="0.5") as server:
        rounds = [{picture: ask(server, picture) for picture in golden} for _ in range(4)]
        batch = server.post(
            "/classify/batch",
            files=[("images", (path.name, path.read_bytes())) for path in golden],
        ).json()
        said, models = candidate(server), server.get("/models").json()

    assert all(again == rounds[0] for again in rounds)
    versions = [item["model"]["version"] for item in batch["results"]]
    assert versions == list(rounds[0].values())
    counted = Counter(rounds[0].values())
    assert set(counted) == {SERVING, CANDIDATE}
    answers = {each["name"]: each["answers"] for each in models["versions"]}
    assert answers[f"logo-type/{CANDIDATE}"] == 5 * counted[CANDIDATE]
    # Each of the two workers counts a picture once.
    assert counted[CANDIDATE] <= said["split"]["candidate"] <= 2 * counted[CANDIDATE]
    assert not said["split"]["suspicious"]
    assert said["fallbacks"] == {}


def test_a_client_with_a_key_has_one_version_for_all_its_pictures(
    serve: ServerMaker, golden: dict[Path, str]
) -> None:
    with serve(**TRIAL, candidate_share="0.5", api_keys=",".join(KEYS)) as server:
        versions = {
            key: {ask(server, picture, **{"X-API-Key": key}) for picture in list(golden)[:4]}
            for key in KEYS
        }

    assert all(len(seen) == 1 for seen in versions.values())
    assert {version for seen in versions.values() for version in seen} == {SERVING, CANDIDATE}


def test_a_shadow_answers_nothing_and_judges_behind_the_replies(
    serve: ServerMaker, golden: dict[Path, str]
) -> None:
    shadow = {"candidate_share": "1", "candidate_mode": "shadow"}
    with serve(**TRIAL, **shadow) as server:
        assert {ask(server, picture) for picture in golden} == {SERVING}
        wait_until(
            lambda: sum(candidate(server)["judgements"].values()) == len(golden), "all are judged"
        )
        said = candidate(server)

    assert said["judgements"]["judged"] >= 1
    assert "failed" not in said["judgements"]
    assert said["mode"] == "shadow"


@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_a_candidate_that_is_not_fit_is_not_tried_and_costs_nothing(
    serve: ServerMaker, golden: dict[Path, str], tmp_path: Path, damage: str
) -> None:
    models = shutil.copytree(ROOT / "models", tmp_path / "models")
    if damage == "damaged":
        (models / "logo-type" / CANDIDATE / "model.onnx").write_bytes(b"no network")
    else:
        shutil.rmtree(models / "logo-type" / CANDIDATE)
    with serve(**TRIAL, candidate_share="1", models_dir=str(models)) as server:
        assert {ask(server, picture) for picture in golden} == {SERVING}
        said, log = candidate(server), server.log.read_text("utf-8")

    assert said["tried"] is False
    assert f"the candidate logo-type/{CANDIDATE} is not tried: " in log


def cross(fill: tuple[int, int, int]) -> bytes:
    """Return a flat cross of 16 px, which the two versions often judge differently."""
    large = Image.new("RGB", (128, 128), "white")
    pen = ImageDraw.Draw(large)
    pen.rectangle((51, 13, 77, 115), fill=fill)
    pen.rectangle((13, 51, 115, 77), fill=fill)
    file = BytesIO()
    large.resize((16, 16), Image.Resampling.LANCZOS).save(file, "PNG")
    return file.getvalue()


def test_labels_that_were_asked_for_tell_which_version_is_right(
    serve: ServerMaker, tmp_path: Path
) -> None:
    kept = {"feedback_url": f"sqlite:///{tmp_path / 'feedback.db'}", "feedback_ask": "1"}
    colours = [(10 + 20 * step, 98, 208 - 15 * step) for step in range(12)]
    with serve(**TRIAL, **kept, candidate_share="0.5") as server:
        answers = [
            server.post("/classify", content=cross(colour), headers=PNG).json()
            for colour in colours
        ]
        for answer in answers:
            body = {"request_id": answer["request_id"], "true_label": "simple"}
            assert server.post("/feedback", json=body).status_code == 202

        def evidence() -> dict[str, Any]:
            said: dict[str, Any] = candidate(server)["evidence"]
            return said

        wrong = Counter(
            answer["model"]["version"] for answer in answers if answer["logo_type"] != "simple"
        )
        # The other version judges behind the reply; what it says joins the answer's row.
        wait_until(lambda: evidence()["only_serving_right"] >= 2, "no pair tells them apart")
        said = evidence()

    assert {answer["model"]["version"] for answer in answers} == {SERVING, CANDIDATE}
    assert wrong[SERVING] == said["only_candidate_right"] == 0
    assert said["only_serving_right"] >= wrong[CANDIDATE]
    pairs = Pairs(candidate_right=0, serving_right=said["only_serving_right"])
    assert said["e_value"] == pytest.approx(pairs.e_value, abs=0.001)
