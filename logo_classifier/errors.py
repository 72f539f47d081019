"""The errors that the classifier raises on purpose.

ClassifierError                        kind
├─ InvalidInput (ValueError)           invalid_input
│  ├─ ImageNotFound                    image_not_found
│  ├─ InvalidImage                     invalid_image
│  │  ├─ UnsupportedFormat             unsupported_format
│  │  ├─ ImageTooLarge                 image_too_large
│  │  └─ BadDimensions                 bad_dimensions
│  └─ BadParameter                     bad_parameter
├─ ModelUnavailable                    model_unavailable
└─ OutOfMemory                         out_of_memory

Every error that the caller can correct is also a `ValueError`.
"""

from __future__ import annotations

from typing import ClassVar


class ClassifierError(Exception):
    """The base class of every error that the library raises on purpose."""

    kind: ClassVar[str] = "classifier_error"


class InvalidInput(ClassifierError, ValueError):
    """An invalid argument of the caller."""

    kind = "invalid_input"


class ImageNotFound(InvalidInput):
    """A path without a readable file."""

    kind = "image_not_found"


class InvalidImage(InvalidInput):
    """Data that does not decode to a picture."""

    kind = "invalid_image"


class UnsupportedFormat(InvalidImage):
    """Data that is not PNG, JPEG, BMP or GIF by its content."""

    kind = "unsupported_format"


class ImageTooLarge(InvalidImage):
    """Data above the size limit in bytes."""

    kind = "image_too_large"


class BadDimensions(InvalidImage):
    """A picture with a side outside the limits in pixels."""

    kind = "bad_dimensions"


class BadParameter(InvalidInput):
    """An option with an unknown name or a value outside its range."""

    kind = "bad_parameter"


class ModelUnavailable(ClassifierError):
    """A network that is missing, damaged or failing."""

    kind = "model_unavailable"


class OutOfMemory(ClassifierError):
    """Too little memory to read or decode a picture."""

    kind = "out_of_memory"
