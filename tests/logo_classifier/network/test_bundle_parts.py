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
def test_tensors_in_another_file_are_refused(tmp_path: Path, place: str) -> None:
    folder = write_bundle(tmp_path)
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
    describe(folder, folder / "model.onnx")

    with pytest.raises(ModelUnavailable, match="keeps tensors in another file"):
        load_bundle(folder)
