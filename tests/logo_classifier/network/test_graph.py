"""The last layers of a serialised network."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from logo_classifier.network.graph import PooledTail, add_outputs, find_pooled_tail
from tests.logo_classifier.network.networks import write_float_network, write_uint8_network

MODELS = Path(__file__).parents[3] / "models"


@pytest.mark.parametrize("version", ["1.5.0", "1.6.0"])
def test_the_tail_of_a_shipped_network_is_found(version: str) -> None:
    model = (MODELS / "logo-type" / version / "model.onnx").read_bytes()

    tail = find_pooled_tail(model)

    assert tail
    nodes = {name: node for node in onnx.load_from_string(model).graph.node for name in node.output}
    pools = [node for node in nodes.values() if tail.cells in node.input]
    assert [node.op_type for node in pools] == ["ReduceMean"]
    (linear,) = [node for node in nodes.values() if node.op_type == "Gemm"]
    assert [tail.weight, tail.bias] == list(linear.input[1:])


def test_a_network_that_pools_by_attention_has_no_such_tail() -> None:
    assert find_pooled_tail((MODELS / "logo-vit" / "1.0.0" / "model.onnx").read_bytes()) is None


def test_a_step_between_the_mean_and_the_linear_layer_is_no_such_tail(tmp_path: Path) -> None:
    plain = write_uint8_network(tmp_path / "plain.onnx", [0.0] * 4)
    rooted = write_uint8_network(tmp_path / "rooted.onnx", [0.0] * 4, brittle=True)

    assert find_pooled_tail(plain.read_bytes()) == PooledTail("values", "weights", "bias")
    assert find_pooled_tail(rooted.read_bytes()) is None


def test_outputs_are_added_and_nothing_else_is_changed(tmp_path: Path) -> None:
    model = write_float_network(tmp_path / "model.onnx", [0.0] * 4).read_bytes()
    tail = find_pooled_tail(model)
    assert tail

    grown = onnx.load_from_string(add_outputs(model, tail))

    assert [each.name for each in grown.graph.output] == ["logits", "values", "weights", "bias"]
    del grown.graph.output[1:]
    assert grown == onnx.load_from_string(model)


@pytest.mark.parametrize("data", [b"", b"\xff", b"\x3a\xff", b"\x3a\x05abc", b"no model" * 9])
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each kind of damage has its own words
        find_pooled_tail(data)


def test_a_model_that_is_cut_off_is_refused_at_any_place(tmp_path: Path) -> None:
    model = write_uint8_network(tmp_path / "model.onnx", [0.0] * 4).read_bytes()
    graph_ends = len(model) - len(onnx.load_from_string(model).opset_import[0].SerializeToString())

    for end in range(20, graph_ends - 10):
        with pytest.raises(ValueError):  # noqa: PT011
            find_pooled_tail(model[:end])
