"""The network, its input and its loss."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from logo_classifier.network.runtime import scale
from tests.training.drawn import FinishedRun
from training.network.model import (
    TRAITS,
    TYPES,
    loss,
    predict_logits,
    pretrained,
    read_checkpoint,
    scale_pixels,
    untrained,
)

SURE = 60.0


@pytest.fixture(scope="module")
def network() -> nn.Module:
    torch.manual_seed(1)
    return untrained()


def squares(count: int, side_px: int = 32) -> Tensor:
    generator = torch.Generator().manual_seed(2)
    size = (count, side_px, side_px, 3)
    return torch.randint(0, 256, size, generator=generator, dtype=torch.uint8)


def test_there_is_a_logit_for_each_type_and_each_trait(network: nn.Module) -> None:
    assert (TYPES, TRAITS) == (4, 3)
    assert predict_logits(network, squares(3)).shape == (3, 7)


def test_the_backbone_starts_from_its_imagenet_weights_and_the_head_afresh() -> None:
    torch.manual_seed(3)
    one, other, random = pretrained(), pretrained(), untrained()
    key = "_conv_stem.weight"

    assert one.state_dict().keys() == random.state_dict().keys()
    assert torch.equal(one.state_dict()[key], other.state_dict()[key])
    assert not torch.equal(one.state_dict()[key], random.state_dict()[key])
    assert not torch.equal(one.state_dict()["_fc.weight"], other.state_dict()["_fc.weight"])
    assert one.state_dict()["_fc.weight"].shape[0] == TYPES + TRAITS


def test_pixels_are_centred_on_127_and_channels_come_first() -> None:
    pixels = torch.tensor([[[[127, 255, 0], [0, 127, 255]]]], dtype=torch.uint8)

    scaled = scale_pixels(pixels)

    low = -127 / 128
    assert scaled.dtype == torch.float32
    assert scaled.tolist() == [[[[0.0, low]], [[1.0, 0.0]], [[low, 1.0]]]]


def test_serving_a_checkpoint_scales_pixels_as_training_does() -> None:
    pixels = squares(2)

    served = scale(pixels.numpy(), (127 / 255,) * 3, (128 / 255,) * 3)

    assert torch.allclose(torch.from_numpy(served), scale_pixels(pixels), atol=1e-6)


def targets(logo_type: int, *flags: float) -> Tensor:
    return torch.tensor([[float(index == logo_type) for index in range(TYPES)] + list(flags)])


def test_the_loss_of_a_network_that_knows_nothing_is_that_of_guessing() -> None:
    both = torch.cat([targets(0, 0, 1, 0), targets(3, 1, 1, 1)])

    value = loss(torch.zeros(2, 7), both, flag_weight=0.5)

    assert value.item() == pytest.approx(math.log(4) + 0.5 * math.log(2), rel=1e-6)


def test_the_loss_of_a_network_that_is_sure_and_right_is_nothing() -> None:
    logits = torch.tensor([[0, SURE, 0, 0, SURE, -SURE, -SURE]])

    value = loss(logits, targets(1, 1, 0, 0), flag_weight=1.0)

    assert value.item() == pytest.approx(0, abs=1e-6)


def test_types_and_flags_are_judged_by_logits_of_their_own() -> None:
    wrong_type = torch.tensor([[SURE, 0, 0, 0, SURE, -SURE, -SURE]])
    wrong_flag = torch.tensor([[0, SURE, 0, 0, SURE, -SURE, SURE]])

    def judge(logits: Tensor) -> float:
        return loss(logits, targets(1, 1, 0, 0), flag_weight=1.0).item()

    assert judge(wrong_type) == pytest.approx(SURE)
    assert judge(wrong_flag) == pytest.approx(SURE / 3)


def test_targets_that_are_no_certainties_make_being_too_sure_costly() -> None:
    unsure = torch.tensor([[0.025, 0.925, 0.025, 0.025, 0.95, 0.05, 0.05]])

    def judge(logit: float) -> float:
        logits = torch.tensor([[0, logit, 0, 0, logit, -logit, -logit]])
        return loss(logits, unsure, flag_weight=1.0).item()

    assert judge(3.0) < judge(0.0)
    assert judge(3.0) < judge(20.0)
    of_flags = 0.95 * math.log1p(math.exp(-3)) + 0.05 * math.log1p(math.exp(3))
    of_type = math.log(math.exp(3) + 3) - 3 * 0.925
    assert judge(3.0) == pytest.approx(of_type + of_flags, rel=1e-5)


def test_logits_do_not_depend_on_the_batches_they_are_computed_in(network: nn.Module) -> None:
    network.train()
    pixels = squares(5)

    together = predict_logits(network, pixels)
    apart = predict_logits(network, pixels, batch_size=2)

    assert torch.allclose(together, apart, atol=1e-4)
    assert not network.training
    assert not together.requires_grad


def test_a_checkpoint_is_read_ready_to_answer(finished: FinishedRun) -> None:
    network, side_px = read_checkpoint(finished.folder / "model.pth")

    assert side_px == 64
    assert not network.training
