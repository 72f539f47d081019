"""Value objects: frozen inside, fresh JSON-ready dicts outside."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace

import pytest

from logo_classifier.options import METHODS
from logo_classifier.values import (
    AUTO,
    Classification,
    Features,
    ImageFacts,
    LogoType,
    Method,
    Route,
    Tier,
    Trait,
    Verdict,
)

VERDICT = Verdict(
    logo_type=LogoType.TEXT,
    confidence=0.70000004,
    probabilities={
        LogoType.SIMPLE: 0.1,
        LogoType.TEXT: 0.7,
        LogoType.GRADIENT: 1 / 15,
        LogoType.COMPLEX: 2 / 15,
    },
    traits={Trait.LETTERING: 0.9, Trait.GRADIENT: 1 / 3, Trait.COMPLEX: 0.0},
    method=Method.RULE_BASED,
    reasoning="text: row_count 0.300 is above 0.200",
    raw_confidence=0.6543219,
    calibrated=True,
)
RESULT = Classification(
    verdict=VERDICT,
    route=Route(Tier.DEGRADED, Method.RULE_BASED, "the network cannot answer: it is missing"),
    features=Features({"ink_share": 0.333333, "complexity": 0.25}),
    prediction_set=(LogoType.TEXT, LogoType.COMPLEX),
    image=ImageFacts("PNG", 40, 30, 123, "ab" * 32),
    model_name="logo-type",
    model_version="1.0.0",
    processing_time=0.0123456789,
    timestamp="2025-01-01T00:00:00.000+00:00",
    cached=False,
)


def test_types_stand_from_the_least_to_the_most_demanding() -> None:
    assert [str(kind) for kind in LogoType] == ["simple", "text", "gradient", "complex"]


def test_a_name_of_the_api_is_the_value_itself() -> None:
    assert {str(method) for method in Method} == {"rule_based", "neural_network", "ensemble"}
    assert {AUTO, *Method} == set(METHODS)
    assert json.loads(json.dumps({"type": LogoType.TEXT})) == {"type": "text"}


def test_a_result_becomes_the_documented_dict() -> None:
    assert RESULT.to_dict() == {
        "logo_type": "text",
        "confidence": 0.7,
        "probabilities": {"simple": 0.1, "text": 0.7, "gradient": 0.066667, "complex": 0.133333},
        "traits": {"lettering": 0.9, "gradient": 0.333333, "complex": 0.0},
        "prediction_set": ["text", "complex"],
        "method_used": "rule_based",
        "reasoning": "text: row_count 0.300 is above 0.200",
        "raw_confidence": 0.654322,
        "calibration_applied": True,
        "routing_decision": {
            "tier": "degraded",
            "method": "rule_based",
            "reason": "the network cannot answer: it is missing",
        },
        "features": {"ink_share": 0.333333, "complexity": 0.25},
        "cached": False,
        "processing_time": 0.0123456789,
        "model": {"name": "logo-type", "version": "1.0.0"},
        "image": {"format": "PNG", "width": 40, "height": 30, "bytes": 123, "sha256": "ab" * 32},
        "timestamp": "2025-01-01T00:00:00.000+00:00",
    }


def test_a_result_survives_json_unchanged() -> None:
    result = RESULT.to_dict()

    assert json.loads(json.dumps(result, allow_nan=False)) == result


def test_a_result_without_a_network_has_no_model_name() -> None:
    alone = replace(RESULT, model_name=None, model_version=None)

    assert alone.to_dict()["model"] == {"name": None, "version": None}


@pytest.mark.parametrize(
    "key", ["probabilities", "traits", "prediction_set", "routing_decision", "features", "image"]
)
def test_changing_a_dict_changes_nothing_else(key: str) -> None:
    RESULT.to_dict()[key].clear()

    assert RESULT.to_dict()[key]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (RESULT, "cached"),
        (VERDICT, "confidence"),
        (RESULT.route, "tier"),
        (RESULT.features, "values"),
        (RESULT.image, "width"),
    ],
)
def test_a_value_object_cannot_be_changed(value: object, name: str) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(value, name, None)


@pytest.mark.parametrize("tier", Tier)
def test_only_circumstances_reduce_a_route(tier: Tier) -> None:
    route = Route(tier, Method.RULE_BASED, "because")

    assert route.reduced is (tier.value in ("time_budget", "degraded"))


def test_complexity_is_one_of_the_measured_values() -> None:
    assert RESULT.features.complexity == 0.25
