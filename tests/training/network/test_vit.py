"""The vision transformer: its parts, one short training, and what leaves it as ONNX."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from logo_classifier.errors import ModelUnavailable
from logo_classifier.network.bundle import load_bundle
from logo_classifier.network.neural import NeuralClassifier
from training.evaluation import evaluate, uncertainty
from training.evaluation.card import render
from training.labels.dataset import read_examples
from training.network import model
from training.network.export import FLOAT_BUNDLE, Fidelity, export
from training.network.recipe import RECIPES, Recipe
from training.network.train import Material, train
from training.network.trainer import Trainer
from training.network.vit import ARCHITECTURE, LogoVit, rest_of


@pytest.fixture(scope="module")
def vit_recipe(recipe: Recipe) -> Recipe:
    return replace(
        RECIPES[ARCHITECTURE],
        stages=((32, 1), (64, 1)),
        batch_size=recipe.batch_size,
        warmup_share=recipe.warmup_share,
        average_decay=recipe.average_decay,
        statistics_batches=recipe.statistics_batches,
    )


@pytest.fixture(scope="module")
def run(material: Material, vit_recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run that broke off after its first epoch and was resumed."""
    folder, run_epoch = tmp_path_factory.mktemp("vit"), Trainer.run_epoch

    def run_first(trainer: Trainer, batches: Iterable[tuple[Tensor, Tensor]]) -> float:
        if trainer.epoch:
            raise KeyboardInterrupt
        return run_epoch(trainer, batches)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trainer, "run_epoch", run_first)
        with pytest.raises(KeyboardInterrupt):
            train(material, folder, vit_recipe)
    train(material, folder, vit_recipe)
    return folder


@pytest.fixture(scope="module")
def fidelity(logos: Path, run: Path) -> Fidelity:
    return export(logos, run, run / "logo-vit" / "0.1.0")


@pytest.fixture(scope="module")
def bundle(run: Path, fidelity: Fidelity) -> Path:
    return run / "logo-vit" / "0.1.0"


def noise(count: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (count, 64, 64, 3), np.uint8)


def state_of(path: Path) -> dict[str, Any]:
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def test_training_goes_on_where_it_stopped_and_learns(run: Path) -> None:
    rows = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]

    assert [(row["epoch"], row["side_px"]) for row in rows] == [(0, 32), (1, 64)]
    assert rows[1]["loss"] < rows[0]["loss"]
    assert state_of(run / "model.pth")["architecture"] == ARCHITECTURE


def test_the_first_blocks_stay_as_they_were_and_all_others_learn(run: Path) -> None:
    last = state_of(run / "last.pth")
    trained, averaged = last["module"], last["averaged"]

    for name, values in trained.items():
        same = torch.equal(values, averaged[f"module.{name}"])
        assert same == name.startswith("fixed."), name


def test_folding_the_first_blocks_changes_nothing_that_they_see() -> None:
    lite = model.untrained().eval()
    for layer in lite.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.running_mean)  # type: ignore[arg-type]
            nn.init.uniform_(layer.running_var, 0.5, 2)  # type: ignore[arg-type]
    pixels = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        wanted = lite._swish(lite._bn0(lite._conv_stem(pixels)))  # type: ignore[operator]
        for block in list(lite._blocks)[:11]:  # type: ignore[arg-type]
            wanted = block(wanted)

        answer, rest = lite(pixels), rest_of(lite)
        seen = LogoVit(lite).eval().fixed(pixels)

    assert torch.allclose(seen, wanted, atol=1e-4)
    assert torch.allclose(rest(seen), answer, atol=1e-4)


def test_doubting_an_answer_does_not_change_it() -> None:
    network = model.untrained(ARCHITECTURE)
    logits = network(torch.randn(2, 3, 32, 32))
    targets = torch.eye(7)[:2]

    model.uncertainty_loss(logits, targets).backward()  # type: ignore[no-untyped-call]

    learning = {
        name.split(".")[0]
        for name, parameter in network.named_parameters()
        if parameter.grad is not None and parameter.grad.any()
    }
    assert learning == {"doubt"}


def test_the_target_of_doubt_is_what_wrong_types_are_given() -> None:
    logits = torch.tensor([[2.0, 0, 0, 0, 0, 0, 0, 0]])
    share = float(logits[0, :4].softmax(0)[0])
    targets = torch.eye(7)[:1]
    at = {
        doubt: float(model.uncertainty_loss(_doubting(logits, doubt), targets))
        for doubt in (1 - share, share, 0.5)
    }

    assert min(at, key=lambda doubt: at[doubt]) == 1 - share


def _doubting(logits: Tensor, doubt: float) -> Tensor:
    row = logits.clone()
    row[0, 7] = torch.logit(torch.tensor(doubt))
    return row


def test_a_teacher_shares_the_targets_with_the_labels() -> None:
    targets = torch.eye(7)[:1]

    blended = model.blend_targets(targets, torch.zeros(1, 7), 0.5)

    assert blended[0].tolist() == pytest.approx([0.625, 0.125, 0.125, 0.125, 0.25, 0.25, 0.25])


def test_the_float_export_answers_as_the_trained_network_does(
    run: Path, fidelity: Fidelity
) -> None:
    assert 0 < fidelity.largest_difference < 1e-3
    network, _ = model.read_checkpoint(run / "model.pth")
    wanted = model.predict_logits(network, torch.from_numpy(noise(3)))[:, 7].sigmoid().numpy()
    session = onnxruntime.InferenceSession(
        str(run / FLOAT_BUNDLE / "model.onnx"), providers=["CPUExecutionProvider"]
    )

    (doubts,) = session.run(["uncertainty"], {"pixels": noise(3)})

    assert doubts == pytest.approx(wanted, abs=1e-3)
    assert ((doubts >= 0) & (doubts <= 1)).all()


def test_the_service_takes_the_seven_logits_and_leaves_the_uncertainty(bundle: Path) -> None:
    checked = load_bundle(bundle)

    logits = NeuralClassifier(checked).logits_of(noise(2))

    assert (checked.name, checked.version, checked.architecture) == (
        "logo-vit",
        "0.1.0",
        ARCHITECTURE,
    )
    assert logits.shape == (2, 7)


def test_only_convolutions_compute_in_integers(bundle: Path) -> None:
    graph = onnx.load(bundle / "model.onnx").graph
    stored = {weight.name: weight.data_type for weight in graph.initializer}
    scaled = {n.output[0]: n.input[0] for n in graph.node if "Dequantize" in n.op_type}
    kinds = [stored[scaled.get(n.input[1], n.input[1])] for n in graph.node if n.op_type == "Conv"]

    assert kinds[:6] == [onnx.TensorProto.FLOAT] * 6
    assert set(kinds[6:]) == {onnx.TensorProto.INT8}
    products = {name for n in graph.node if n.op_type in ("MatMul", "Gemm") for name in n.input}
    assert products.isdisjoint(scaled)


def test_a_checkpoint_of_it_is_refused_with_what_to_do(run: Path) -> None:
    with pytest.raises(ModelUnavailable, match="served as ONNX alone: export it"):
        NeuralClassifier(load_bundle(run / "model.pth"))


def test_the_uncertainty_is_evaluated_beside_the_confidence(
    logos: Path, bundle: Path, tmp_path: Path
) -> None:
    scored = evaluate.evaluate(logos, "bench", bundle, tmp_path)

    doubts = uncertainty.ask(load_bundle(bundle), read_examples(logos, "bench"))

    assert doubts is not None
    assert ((doubts > 0) & (doubts < 1)).all()
    assert scored["uncertainty"]["pictures"] == len(doubts)
    assert set(scored["uncertainty"]["auroc"]) == {"uncertainty", "confidence"}
    config = json.loads((bundle / "config.json").read_text())
    card = render(config, scored, {"pictures": 1})
    assert "A vision transformer of" in card
    assert "## Uncertainty" in card
