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

Everything that the caller can mend is a `ValueError` too.
"""

from __future__ import annotations

from typing import ClassVar


class ClassifierError(Exception):
    """Stand at the root of every error that the library raises on purpose."""

    kind: ClassVar[str] = "classifier_error"


class InvalidInput(ClassifierError, ValueError):
    """Refuse something that the caller passed in."""

    kind = "invalid_input"


class ImageNotFound(InvalidInput):
    """Refuse a path at which no readable file stands."""

    kind = "image_not_found"


class InvalidImage(InvalidInput):
    """Refuse data that does not decode to a picture."""

    kind = "invalid_image"


class UnsupportedFormat(InvalidImage):
    """Refuse data that is not PNG, JPEG, BMP or GIF by its content."""

    kind = "unsupported_format"


class ImageTooLarge(InvalidImage):
    """Refuse data above the size limit in bytes."""

    kind = "image_too_large"


class BadDimensions(InvalidImage):
    """Refuse a picture with a side outside the limits in pixels."""

    kind = "bad_dimensions"


class BadParameter(InvalidInput):
    """Refuse an option with an unknown name or a value outside its range."""

    kind = "bad_parameter"


class ModelUnavailable(ClassifierError):
    """Report a network that is missing, damaged or failing."""

    kind = "model_unavailable"


class OutOfMemory(ClassifierError):
    """Report a picture that there was no memory to read or decode."""

    kind = "out_of_memory"
