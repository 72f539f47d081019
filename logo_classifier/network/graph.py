"""Find the pooled features of an ONNX graph, and make them outputs, without the package onnx.

A model is a Protocol Buffers message (onnx.proto, version 3). Two facts of that format suffice
here: a field is a number, a wire type and a value (protobuf.dev, Encoding); and messages that are
written one after the other are merged, so that a repeated field such as the outputs grows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_GRAPH = 7
_NODES, _OUTPUTS = 1, 12
_NAME = 1
_NODE_INPUTS, _NODE_OUTPUTS, _NODE_OPERATOR = 1, 2, 4
_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5
_FIXED_SIZES = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}
_LONGEST_VARINT_BYTES = 10

_PASSING = frozenset(
    ("DequantizeLinear", "QuantizeLinear", "Reshape", "Flatten", "Squeeze", "Gather", "Identity")
)
"""Operators that change the form of one vector, not what it says."""

_POOLING = frozenset(("ReduceMean", "GlobalAveragePool"))


@dataclass(frozen=True, slots=True)
class PooledTail:
    """The names of the tensors at the end of a network: mean over places, then one linear layer.

    `cells`, shape (n, channels, height, width), is what the mean is taken of. `weight`, shape
    (outputs, channels), and `bias`, shape (outputs,), make logits of the mean.
    """

    cells: str
    weight: str
    bias: str


@dataclass(frozen=True, slots=True)
class _Node:
    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def find_pooled_tail(model: bytes) -> PooledTail | None:
    """Return the tail of a serialised model, None if its logits are made in another way.

    Raises ValueError if the bytes are no ONNX model.
    """
    graph = b"".join(_bytes_of(model, _GRAPH))
    makers: dict[str, _Node] = {}
    for data in _bytes_of(graph, _NODES):
        node = _read_node(data)
        makers |= dict.fromkeys(node.outputs, node)
    first, *_ = _bytes_of(graph, _OUTPUTS)
    (logits, *_) = _texts(first, _NAME)
    linear = _maker(makers, logits)
    if linear is None or linear.operator != "Gemm" or len(linear.inputs) != 3:
        return None
    vector, weight, bias = linear.inputs
    pool = _maker(makers, vector)
    if pool is None or pool.operator not in _POOLING or not pool.inputs:
        return None
    return PooledTail(pool.inputs[0], weight, bias)


def add_outputs(model: bytes, tail: PooledTail) -> bytes:
    """Return the model with the tensors of its tail as further outputs, in their order."""
    names = (tail.cells, tail.weight, tail.bias)
    return model + _field(_GRAPH, b"".join(_field(_OUTPUTS, _output(name)) for name in names))


def _output(name: str) -> bytes:
    return _field(_NAME, name.encode())


def _maker(makers: dict[str, _Node], name: str) -> _Node | None:
    """Return the node that makes a tensor, or the first before it that does not just pass it on."""
    for _ in range(len(makers)):
        node = makers.get(name)
        if node is None or node.operator not in _PASSING or not node.inputs:
            return node
        name = node.inputs[0]
    return None


def _read_node(data: bytes) -> _Node:
    texts = {name: tuple(_texts(data, name)) for name in (_NODE_INPUTS, _NODE_OUTPUTS)}
    operator = next(_texts(data, _NODE_OPERATOR), "")
    return _Node(operator, texts[_NODE_INPUTS], texts[_NODE_OUTPUTS])


def _texts(message: bytes, number: int) -> Iterator[str]:
    return (value.decode() for value in _bytes_of(message, number))


def _bytes_of(message: bytes, number: int) -> Iterator[bytes]:
    """Yield the values of a field of bytes, texts or messages; raise ValueError for damage."""
    at = 0
    while at < len(message):
        tag, at = _read_varint(message, at)
        kind = tag & 7
        if kind == _VARINT:
            _, at = _read_varint(message, at)
            continue
        if kind == _BYTES:
            size, at = _read_varint(message, at)
        elif kind in _FIXED_SIZES:
            size = _FIXED_SIZES[kind]
        else:
            raise ValueError(f"wire type {kind} is none of Protocol Buffers")
        if at + size > len(message):
            raise ValueError("the message ends inside a field")
        if kind == _BYTES and tag >> 3 == number:
            yield message[at : at + size]
        at += size


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    """Return the number at a place and the place behind it."""
    value = 0
    for place in range(_LONGEST_VARINT_BYTES):
        if at + place >= len(message):
            break
        byte = message[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    raise ValueError("a number does not end")


def _field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*made, value))
