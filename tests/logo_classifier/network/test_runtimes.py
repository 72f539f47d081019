"""Networks in ONNX Runtime and in PyTorch."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from efficientnet_lite_pytorch import EfficientNet
from torch import nn
from torchvision.models import mobilenet_v3_small

from logo_classifier.errors import ModelUnavailable
from logo_classifier.network.bundle import load_bundle
from logo_classifier.network.neural import NeuralClassifier
from logo_classifier.network.onnx_runtime import OnnxRuntime
from logo_classifier.network.runtime import IMAGENET_MEAN, IMAGENET_STD, Runtime, scale
from logo_classifier.network.torch_runtime import TorchRuntime
from tests.logo_classifier.network.networks import (
    colour_squares,
    describe,
    write_bundle,
    write_float_network,
    write_uint8_network,
)

RED_MINUS_BLUE = [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, -1, 0]]
FIRST_CHANNELS = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
LITE_MEAN, LITE_STD = (127 / 255,) * 3, (128 / 255,) * 3
STATES = ({}, {"a": torch.tensor(1)}, {"a": torch.zeros(4)}, {"_conv_stem.weight": torch.zeros(4)})
"""State dicts of no network."""


def runtime_of(path: Path, threads: int = 1) -> Runtime:
    """Return what runs the weights of a bundle, without the checks of a classifier."""
    bundle = load_bundle(path)
    return TorchRuntime(bundle) if bundle.runtime == "torch" else OnnxRuntime(bundle, threads)


class NoNetwork:
    """Stand for what a pickle may hold besides weights."""


def awake(network: nn.Module) -> nn.Module:
    """Return an untrained network whose answers depend on the picture all the same."""
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.momentum = 1.0  # the statistics are those of the one batch below
    with torch.inference_mode():
        network.train()(torch.randn((8, 3, 64, 64)))
    return network.eval()


@pytest.fixture(scope="module")
def mobilenet() -> nn.Module:
    torch.manual_seed(1)
    return awake(mobilenet_v3_small(weights=None, num_classes=4))


@pytest.fixture(scope="module")
def lite() -> nn.Module:
    torch.manual_seed(1)
    return awake(EfficientNet.from_name("efficientnet-lite0", num_classes=7))


def save(network: nn.Module, folder: Path, **config: Any) -> None:
    torch.save(network.state_dict(), folder / "a.pth")
    describe(folder, folder / "a.pth", **{"architecture": "mobilenet_v3_small", **config})


def directly(network: nn.Module, squares: Any, mean: Any, std: Any) -> Any:
    """Return the logits of the network without what is tested here."""
    values = (squares / 255 - np.array(mean)) / np.array(std)
    with torch.inference_mode():
        return network(torch.tensor(values.transpose(0, 3, 1, 2), dtype=torch.float32)).numpy()


def test_pixels_are_scaled_channel_by_channel() -> None:
    scaled = scale(colour_squares((255, 0, 51)), (0.5, 0.25, 0.1), (0.5, 0.25, 0.2))

    assert scaled.shape == (1, 3, 32, 32)
    assert scaled.dtype == np.float32
    assert scaled[0, :, 0, 0] == pytest.approx([1.0, -1.0, 0.5])


def test_a_graph_over_bytes_gets_the_pixels_as_they_are(tmp_path: Path) -> None:
    path = write_uint8_network(tmp_path / "a.onnx", [0, 0, 0, 5], RED_MINUS_BLUE)
    runtime = runtime_of(path)

    logits = runtime.run(colour_squares((200, 30, 10), (0, 0, 255)))

    assert isinstance(runtime, OnnxRuntime)
    assert logits.dtype == np.float32
    assert logits == pytest.approx(np.array([[200, 0, -10, 5], [0, 0, -255, 5]]))


def test_a_graph_over_floats_gets_the_pixels_scaled_by_imagenet(tmp_path: Path) -> None:
    path = write_float_network(tmp_path / "a.onnx", [0, 0, 0, 0], FIRST_CHANNELS)

    logits = runtime_of(path).run(colour_squares((255, 255, 255)))

    expected = (1 - np.array(IMAGENET_MEAN)) / np.array(IMAGENET_STD)
    assert logits[0, :3] == pytest.approx(expected, rel=1e-5)


def test_a_graph_over_floats_gets_the_pixels_scaled_as_described(tmp_path: Path) -> None:
    path = write_float_network(tmp_path / "a.onnx", [0, 0, 0, 0], FIRST_CHANNELS)
    scaling = {"side_px": 32, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.25, 0.125]}
    describe(tmp_path, path, input=scaling)

    logits = runtime_of(tmp_path).run(colour_squares((255, 255, 0)))

    assert logits[0, :3] == pytest.approx([1, 2, -4])


@pytest.mark.parametrize("threads", [1, 2])
def test_any_number_of_pictures_goes_through_at_once(tmp_path: Path, threads: int) -> None:
    runtime = runtime_of(write_bundle(tmp_path, bias=range(7)), threads)

    for count in (1, 5, 32):
        assert runtime.run(np.zeros((count, 32, 32, 3), np.uint8)).shape == (count, 7)


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x00" * 4096, b"\x08\x08\x12\x04tiny"])
def test_damaged_onnx_weights_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.onnx").write_bytes(content)

    with pytest.raises(ModelUnavailable, match=r"a\.onnx is not a network that loads"):
        runtime_of(tmp_path / "a.onnx")


def test_truncated_onnx_weights_are_refused(tmp_path: Path) -> None:
    path = write_uint8_network(tmp_path / "a.onnx", [0, 0, 0, 0])
    path.write_bytes(path.read_bytes()[:-40])

    with pytest.raises(ModelUnavailable, match="is not a network that loads"):
        runtime_of(path)


def test_a_graph_made_for_one_picture_takes_any_number(tmp_path: Path) -> None:
    path = write_uint8_network(tmp_path / "a.onnx", [0, 0, 0, 0], batch=1)
    squares = colour_squares((0, 0, 0), (200, 0, 0), (0, 200, 0))
    logits = runtime_of(path).run(squares)

    free = write_uint8_network(tmp_path / "b.onnx", [0, 0, 0, 0])
    assert logits == pytest.approx(runtime_of(free).run(squares))


def test_a_graph_over_another_kind_of_number_is_reported(tmp_path: Path) -> None:
    path = write_float_network(tmp_path / "a.onnx", [0, 0, 0, 0], wide=True)

    with pytest.raises(ModelUnavailable, match="the network failed on this picture"):
        runtime_of(path).run(colour_squares((0, 0, 0)))


def test_a_graph_that_asks_for_more_than_pixels_is_reported(tmp_path: Path) -> None:
    path = write_uint8_network(tmp_path / "a.onnx", [0, 0, 0, 0], extra_input=True)

    with pytest.raises(ModelUnavailable):
        runtime_of(path).run(colour_squares((0, 0, 0)))


def test_a_torchvision_network_answers_as_it_does_in_torch(
    tmp_path: Path, mobilenet: nn.Module
) -> None:
    save(mobilenet, tmp_path, input={"side_px": 32, "mean": [0.1, 0.2, 0.3], "std": [0.5] * 3})
    squares = colour_squares((200, 30, 10), (255, 255, 255))

    runtime = runtime_of(tmp_path)

    expected = directly(mobilenet, squares, (0.1, 0.2, 0.3), (0.5, 0.5, 0.5))
    assert isinstance(runtime, TorchRuntime)
    assert runtime.run(squares) == pytest.approx(expected, abs=1e-5)


def test_a_checkpoint_may_name_its_architecture_itself(
    tmp_path: Path, mobilenet: nn.Module
) -> None:
    saved = {"state_dict": mobilenet.state_dict(), "architecture": "mobilenet_v3_small"}
    torch.save(saved, tmp_path / "a.pth")
    squares = colour_squares((10, 20, 30))

    logits = runtime_of(tmp_path / "a.pth").run(squares)

    expected = directly(mobilenet, squares, IMAGENET_MEAN, IMAGENET_STD)
    assert logits == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("wrap", [lambda state: state, lambda state: {"state_dict": state}])
def test_a_bare_lite_network_answers_with_the_scaling_it_was_trained_on(
    tmp_path: Path, lite: nn.Module, wrap: Callable[[Any], Any]
) -> None:
    torch.save(wrap(lite.state_dict()), tmp_path / "a.pth")
    squares = colour_squares((200, 30, 10))

    logits = runtime_of(tmp_path / "a.pth").run(squares)

    assert logits.shape == (1, 7)
    assert logits == pytest.approx(directly(lite, squares, LITE_MEAN, LITE_STD), abs=1e-5)
    assert logits != pytest.approx(directly(lite, squares, IMAGENET_MEAN, IMAGENET_STD), abs=1e-3)


def test_a_pickle_of_an_object_is_refused(tmp_path: Path) -> None:
    torch.save(NoNetwork(), tmp_path / "a.pth")
    (tmp_path / "b.pth").write_bytes(pickle.dumps(NoNetwork(), protocol=2))

    for name in ("a.pth", "b.pth"):
        with pytest.raises(ModelUnavailable, match=f"{name} holds no state dict"):
            runtime_of(tmp_path / name)


@pytest.mark.parametrize("inner", [None, [], 7, torch.zeros(3), *STATES])
@pytest.mark.parametrize("wrap", [lambda held: held, lambda held: {"state_dict": held}])
def test_a_file_without_the_weights_of_a_network_is_refused(
    tmp_path: Path, inner: Any, wrap: Callable[[Any], Any]
) -> None:
    torch.save(wrap(inner), tmp_path / "a.pth")

    with pytest.raises(ModelUnavailable, match=r"a\.pth"):
        runtime_of(tmp_path / "a.pth")


@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04 and no more"])
def test_damaged_torch_weights_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.pth").write_bytes(content)

    with pytest.raises(ModelUnavailable, match=r"a\.pth"):
        runtime_of(tmp_path / "a.pth")


@pytest.mark.parametrize("architecture", ["efficientnet_b0", "not_a_network"])
def test_weights_of_another_architecture_are_refused(
    tmp_path: Path, mobilenet: nn.Module, architecture: str
) -> None:
    save(mobilenet, tmp_path, architecture=architecture)

    with pytest.raises(ModelUnavailable, match=r"a\.pth does not fit"):
        runtime_of(tmp_path)


def test_a_torch_network_that_fails_on_a_picture_is_reported(
    tmp_path: Path, mobilenet: nn.Module
) -> None:
    save(mobilenet, tmp_path)
    runtime = runtime_of(tmp_path)

    with pytest.raises(ModelUnavailable, match="the network failed on this picture"):
        runtime.run(np.zeros((1, 0, 0, 3), np.uint8))


@pytest.mark.parametrize("seed", range(40))
def test_damage_anywhere_in_a_graph_is_a_model_that_is_unavailable_or_answers(
    tmp_path: Path, seed: int
) -> None:
    chosen = random.Random(seed)  # noqa: S311 - no secret
    path = write_uint8_network(tmp_path / "a.onnx", range(7))
    data = bytearray(path.read_bytes())
    start = chosen.randrange(len(data))
    if seed % 4 == 0:
        del data[start:]
    else:
        for place in range(start, min(len(data), start + 4 ** (seed % 4))):
            data[place] = chosen.randrange(256)
    path.write_bytes(data)

    with suppress(ModelUnavailable):
        network = NeuralClassifier(load_bundle(path))
        assert network.logits_of(colour_squares((1, 2, 3))).shape == (1, 7)


@pytest.mark.parametrize("named", [None, "resnet18"])
def test_weights_of_another_architecture_say_which_was_tried_and_what_to_set(
    tmp_path: Path, mobilenet: nn.Module, named: str | None
) -> None:
    torch.save(mobilenet.state_dict(), tmp_path / "a.pth")
    if named:
        describe(tmp_path, tmp_path / "a.pth", architecture=named)

    tried = r"resnet18, which is named" if named else r"efficientnet_b0, which is assumed"
    said = rf"a\.pth does not fit {tried}.*: set `architecture` in config\.json"
    with pytest.raises(ModelUnavailable, match=said):
        runtime_of(tmp_path / "a.pth")
