"""One tree of errors, drawn in its module's docstring."""

from __future__ import annotations

import re

import pytest

import logo_classifier
from logo_classifier import errors
from logo_classifier.errors import (
    ClassifierError,
    FeedbackUnavailable,
    InvalidInput,
    ModelUnavailable,
    OutOfMemory,
    TimedOut,
)

ALL = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, ClassifierError)
]
CHILDREN = [error for error in ALL if error is not ClassifierError]


def drawn_tree() -> dict[str, tuple[str, int]]:
    """Return the kind and the depth of each class that the docstring draws."""
    lines = (errors.__doc__ or "").splitlines()
    found = (re.fullmatch(r"([│├└─ ]*)(\w+)(?: \(ValueError\))?  +(\w+)", line) for line in lines)
    return {row[2]: (row[3], len(row[1]) // 3) for row in found if row and row[2] != "kind"}


def test_the_docstring_draws_every_error_with_its_kind() -> None:
    drawn = {name: kind for name, (kind, _) in drawn_tree().items()}

    assert drawn == {e.__name__: e.kind for e in CHILDREN} | {"ClassifierError": "kind"}


@pytest.mark.parametrize("error", CHILDREN)
def test_an_error_stands_where_the_docstring_draws_it(error: type[ClassifierError]) -> None:
    ancestors = [cls for cls in error.__mro__[1:] if issubclass(cls, ClassifierError)]

    assert drawn_tree()[error.__name__][1] == len(ancestors)


def test_no_two_errors_share_a_kind() -> None:
    kinds = [error.kind for error in ALL]

    assert sorted(set(kinds)) == sorted(kinds)


@pytest.mark.parametrize("error", CHILDREN)
def test_a_kind_is_the_name_of_its_class_in_snake_case(error: type[ClassifierError]) -> None:
    assert error.kind == re.sub(r"(?<!^)(?=[A-Z])", "_", error.__name__).lower()


INSIDE = (FeedbackUnavailable, ModelUnavailable, OutOfMemory, TimedOut)
"""Errors that a caller cannot mend."""


@pytest.mark.parametrize("error", CHILDREN)
def test_what_the_caller_can_mend_is_a_value_error(error: type[ClassifierError]) -> None:
    assert issubclass(error, ValueError) is (error not in INSIDE)
    assert issubclass(error, InvalidInput) is issubclass(error, ValueError)


@pytest.mark.parametrize("error", ALL)
def test_every_error_is_part_of_the_library_s_face(error: type[ClassifierError]) -> None:
    assert error.__name__ in logo_classifier.__all__
    assert getattr(logo_classifier, error.__name__) is error


def test_the_face_names_nothing_that_is_not_there() -> None:
    missing = [name for name in logo_classifier.__all__ if not hasattr(logo_classifier, name)]

    assert missing == []
    assert sorted(logo_classifier.__all__) == logo_classifier.__all__


def test_an_error_keeps_its_message() -> None:
    assert str(ModelUnavailable("no weights")) == "no weights"
