"""The logo classifier as a library: no Flask, no environment, no globals.

>>> from app.classification import HybridClassifier
>>> HybridClassifier().classify("tests/data/golden/windi-css.png")["logo_type"]
'gradient'
"""

from app.classification.errors import (
    BadDimensions,
    BadParameter,
    ClassifierError,
    ImageNotFound,
    ImageTooLarge,
    InvalidImage,
    InvalidInput,
    ModelUnavailable,
    OutOfMemory,
    UnsupportedFormat,
)
from app.classification.hybrid import HybridClassifier
from app.classification.routing import RoutingPolicy
from app.classification.source import Limits
from app.classification.types import LogoType, Method, Trait

__all__ = [
    "BadDimensions",
    "BadParameter",
    "ClassifierError",
    "HybridClassifier",
    "ImageNotFound",
    "ImageTooLarge",
    "InvalidImage",
    "InvalidInput",
    "Limits",
    "LogoType",
    "Method",
    "ModelUnavailable",
    "OutOfMemory",
    "RoutingPolicy",
    "Trait",
    "UnsupportedFormat",
]
