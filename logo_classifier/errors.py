"""The errors that the classifier raises on purpose.

ClassifierError                        kind
├─ InvalidInput (ValueError)           invalid_input
│  ├─ ImageNotFound                    image_not_found
│  ├─ InvalidImage                     invalid_image
│  │  ├─ UnsupportedFormat             unsupported_format
│  │  ├─ ImageTooLarge                 image_too_large
│  │  ├─ BadDimensions                 bad_dimensions
│  │  ├─ NoVisibleLogo                 no_visible_logo
│  │  └─ TooDetailed                   too_detailed
│  └─ BadParameter                     bad_parameter
├─ ModelUnavailable                    model_unavailable
├─ FeedbackUnavailable                 feedback_unavailable
├─ TimedOut                            timed_out
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
    """Data that is not of an accepted format by its content: PNG, JPEG, BMP or GIF by default."""

    kind = "unsupported_format"


class ImageTooLarge(InvalidImage):
    """Data above the size limit in bytes."""

    kind = "image_too_large"


class BadDimensions(InvalidImage):
    """A picture with a side outside the limits in pixels."""

    kind = "bad_dimensions"


class NoVisibleLogo(InvalidImage):
    """A picture without anything to see: blank, wholly transparent or of one colour."""

    kind = "no_visible_logo"


class TooDetailed(InvalidImage):
    """A picture whose tracing takes too long, or whose drawing has too many bytes."""

    kind = "too_detailed"


class BadParameter(InvalidInput):
    """An option with an unknown name or a value outside its range."""

    kind = "bad_parameter"


class ModelUnavailable(ClassifierError):
    """A network that is missing, damaged or failing."""

    kind = "model_unavailable"


class FeedbackUnavailable(ClassifierError):
    """A store of feedback that is missing, full, damaged or failing."""

    kind = "feedback_unavailable"


class TimedOut(ClassifierError):
    """A picture that was not classified by the caller's deadline."""

    kind = "timed_out"


class OutOfMemory(ClassifierError):
    """Too little memory to read or decode a picture."""

    kind = "out_of_memory"
