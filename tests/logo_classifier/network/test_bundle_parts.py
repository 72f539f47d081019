"""A bundle is one thing: each part is named by its digest and lies inside the folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from logo_classifier.errors import ModelUnavailable
from logo_classifier.network.bundle import load_bundle
from logo_classifier.network.neural import NeuralClassifier
from tests.logo_classifier.network.networks import describe, write_bundle, write_uint8_network
from tests.logo_classifier.network.test_bundle import FITTED, POLICY

PARTS: dict[str, dict[str, Any]] = {
    "rules": {"version": "7"},
    "calibration": FITTED,
    "policy": POLICY,
}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_other_than_the_one_named_is_refused(tmp_path: Path, part: str) -> None:
    folder = write_bundle(tmp_path, **PARTS)
    with (folder / f"{part}.json").open("a") as file:
        file.write("\n")

    with pytest.raises(ModelUnavailable, match=rf"{part}\.json is not what config\.json names"):
        load_bundle(folder)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_is_named_must_be_there(tmp_path: Path, part: str) -> None:
    folder = write_bundle(tmp_path, **PARTS)
    (folder / f"{part}.json").unlink()

    with pytest.raises(ModelUnavailable, match="cannot read the model"):
        load_bundle(folder)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_is_there_must_be_named(tmp_path: Path, part: str) -> None:
    folder = write_bundle(tmp_path)
    (folder / f"{part}.json").write_text(json.dumps(PARTS[part]), "utf-8")

    with pytest.raises(ModelUnavailable, match=rf"{part}\.json is not what config\.json names"):
        load_bundle(folder)


@pytest.mark.parametrize("named", ["../model.onnx", "/model.onnx", "a/model.onnx", "..", ""])
def test_weights_outside_the_folder_are_refused(tmp_path: Path, named: str) -> None:
    write_uint8_network(tmp_path / "model.onnx", [0] * 7)

    with pytest.raises(ModelUnavailable, match=r"outside its folder|cannot read the model"):
        load_bundle(write_bundle(tmp_path / "bundle", weights=named))


def test_a_link_that_leads_outside_the_folder_is_refused(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "bundle")
    weights = (folder / "model.onnx").rename(tmp_path / "elsewhere.onnx")
    (folder / "model.onnx").symlink_to(weights)

    with pytest.raises(ModelUnavailable, match="outside its folder"):
        load_bundle(folder)


def test_a_link_to_bare_weights_is_what_its_owner_says(tmp_path: Path) -> None:
    weights = write_uint8_network(tmp_path / "some.onnx", [0] * 7)
    (tmp_path / "current.onnx").symlink_to(weights)

    assert load_bundle(tmp_path / "current.onnx").name == "current"


@pytest.mark.parametrize("place", ["initializer", "constant"])
@pytest.mark.parametrize("turned", [False, True], ids=["key first", "value first"])
def test_tensors_in_another_file_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, turned: bool
) -> None:
    folder = write_bundle(tmp_path)
    monkeypatch.chdir(folder)  # where a runtime might look for the other file
    graph = onnx.load(folder / "model.onnx")
    if place == "constant":
        value = numpy_helper.from_array(np.zeros((300,), np.float32), "value")
        node = onnx.helper.make_node("Constant", [], ["unused"], value=value)
        graph.graph.node.append(node)
    onnx.save(
        graph,
        folder / "model.onnx",
        save_as_external_data=True,
        size_threshold=0,
        convert_attribute=place == "constant",
    )
    if turned:
        turn_entries(folder / "model.onnx")
    describe(folder, folder / "model.onnx")

    with pytest.raises(ModelUnavailable, match="is not a network that loads from one file"):
        NeuralClassifier(load_bundle(folder))


def turn_entries(path: Path) -> None:
    """Write the keys of external data behind their values, which is as good a protocol buffer."""
    data = path.read_bytes()
    key = b"\x0a\x08location"
    while (at := data.find(key)) >= 0:
        length = data[at + len(key) + 1]
        value = data[at + len(key) : at + len(key) + 2 + length]
        data = data[:at] + value + b"\x0a\x08LOCATION" + data[at + len(key) + len(value) :]
    path.write_bytes(data.replace(b"LOCATION", b"location"))


def test_an_input_may_be_called_location(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path)
    graph = onnx.load(folder / "model.onnx")
    graph.graph.input[0].name = "location"
    for node in graph.graph.node:
        node.input[:] = ["location" if name == "pixels" else name for name in node.input]
    onnx.save(graph, folder / "model.onnx")
    describe(folder, folder / "model.onnx")

    assert NeuralClassifier(load_bundle(folder)).bundle.name == "tiny"


def test_weights_that_change_after_the_check_are_refused(tmp_path: Path) -> None:
    bundle = load_bundle(write_bundle(tmp_path))
    write_uint8_network(bundle.weights, [9, 0, 0, 0, 0, 0, 0])

    with pytest.raises(ModelUnavailable, match="has changed since it was checked"):
        NeuralClassifier(bundle)


def test_a_description_that_is_a_link_outside_is_refused(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "bundle")
    (folder / "config.json").rename(tmp_path / "elsewhere.json")
    (folder / "config.json").symlink_to(tmp_path / "elsewhere.json")

    with pytest.raises(ModelUnavailable, match="outside its folder"):
        load_bundle(folder)


def test_links_in_a_circle_are_no_model(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path)
    (folder / "model.onnx").unlink()
    (folder / "model.onnx").symlink_to(folder / "model.onnx")

    with pytest.raises(ModelUnavailable):
        load_bundle(folder)


def test_a_calibration_of_the_form_before_policies_is_refused(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path, calibration={**FITTED, "rule_weight": 0.3})

    with pytest.raises(ModelUnavailable, match=r"belong into policy\.json"):
        load_bundle(folder)
