"""The error of a batch job that cannot be done as it was asked for."""

from __future__ import annotations

from logo_classifier import ClassifierError


class BulkError(ClassifierError):
    """A batch job that cannot be done as it was asked for."""

    kind = "bulk_error"
