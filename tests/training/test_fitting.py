"""Temperatures and prediction sets."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, softmax

from logo_classifier.values import LogoType, Trait
from training.fitting import (
    COVERAGE,
    Floats,
    Ints,
    fit_temperature,
    fit_trait_temperatures,
    set_thresholds,
)


def drawn_types(shares: Floats, rng: np.random.Generator) -> Ints:
    """Draw one type a row with the probabilities given."""
    above = rng.random((len(shares), 1)) > shares.cumsum(axis=1)
    return above.sum(axis=1).clip(max=shares.shape[1] - 1)


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_the_temperature_behind_the_labels_is_recovered(temperature: float) -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 3, (20_000, 4))
    types = drawn_types(softmax(logits / temperature, axis=1), rng)

    assert fit_temperature(logits, types) == pytest.approx(temperature, rel=0.04)


def test_adding_the_same_to_all_logits_of_a_picture_changes_no_temperature() -> None:
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 2, (2_000, 4))
    types = drawn_types(softmax(logits / 1.7, axis=1), rng)

    shifted = fit_temperature(logits + rng.normal(0, 9, (2_000, 1)), types)

    assert shifted == pytest.approx(fit_temperature(logits, types), rel=1e-3)


def test_a_network_that_is_never_wrong_gets_a_finite_temperature() -> None:
    logits = np.eye(4)[[0, 1, 2, 3]] * 5.0

    temperature = fit_temperature(logits, np.arange(4))

    assert 0 < temperature < 1


def test_each_trait_gets_the_temperature_behind_its_own_flags() -> None:
    rng = np.random.default_rng(3)
    logits = rng.normal(0, 3, (20_000, 3))
    temperatures = (0.5, 1.0, 2.0)
    flags = (rng.random(logits.shape) < expit(logits / temperatures)).astype(np.float32)

    fitted = fit_trait_temperatures(expit(logits), flags)

    assert list(fitted) == [trait.value for trait in Trait]
    assert list(fitted.values()) == pytest.approx(temperatures, rel=0.06)


def test_certain_traits_and_a_trait_that_no_picture_has_are_fitted_too() -> None:
    chances = np.array([[1.0, 0.2, 0.0], [0.0, 0.3, 0.0], [1.0, 0.1, 0.0]])
    flags = np.array([[1, 0, 0], [0, 0, 0], [1, 0, 0]], np.float32)

    fitted = fit_trait_temperatures(chances, flags)

    assert all(0 < temperature < 25 for temperature in fitted.values())


def covered(shares: Floats, types: Ints, thresholds: dict[str, float]) -> Floats:
    """Return for each type the share of its pictures that its threshold lets in."""
    limits = np.array([thresholds[kind] for kind in LogoType])
    inside = shares[np.arange(len(types)), types] >= limits[types]
    return np.array([inside[types == index].mean() for index in range(len(LogoType))])


@pytest.mark.parametrize("pictures", [60, 200, 600])
def test_sets_cover_new_pictures_of_every_type_as_often_as_promised(pictures: int) -> None:
    rng = np.random.default_rng(4)

    def once() -> Floats:
        shares = rng.dirichlet((0.4, 0.4, 0.2, 0.2), pictures + 4_000)
        types = drawn_types(shares, rng)
        thresholds = set_thresholds(shares[:pictures], types[:pictures])
        return covered(shares[pictures:], types[pictures:], thresholds)

    means = np.mean([once() for _ in range(60)], axis=0)

    assert (means >= COVERAGE - 0.01).all()
    assert (means <= COVERAGE + 6 / pictures + 0.01).all()


def test_sets_cover_even_where_the_probabilities_are_wrong() -> None:
    rng = np.random.default_rng(5)
    shares = rng.dirichlet((0.4,) * 4, 9_000)
    types = drawn_types(shares, rng)
    too_sure = softmax(3 * np.log(shares), axis=1)

    thresholds = set_thresholds(too_sure[:3_000], types[:3_000])

    assert (covered(too_sure[3_000:], types[3_000:], thresholds) >= COVERAGE - 0.025).all()


def test_a_type_of_few_pictures_is_in_every_set() -> None:
    shares = np.array([[0.7, 0.1, 0.1, 0.1], [0.2, 0.3, 0.4, 0.1], [0.0, 0.1, 0.0, 0.9]])

    assert set(set_thresholds(shares, np.array([0, 1, 3])).values()) == {0.0}


def test_the_share_left_out_is_counted_in_pictures_of_the_type() -> None:
    true_shares = np.arange(1, 201) / 400
    shares = np.column_stack([true_shares, 1 - true_shares, np.zeros(200), np.zeros(200)])

    threshold = set_thresholds(shares, np.zeros(200, np.int64))["simple"]

    assert int((true_shares < threshold).sum()) == 9
