"""The logo classifier as a library: no HTTP, no environment, no globals.

>>> from logo_classifier import HybridClassifier
>>> HybridClassifier().classify("models/golden/windi-css.png")["logo_type"]
'gradient'

This module exports the whole public interface. The modules below it are private to the library.
"""

from logo_classifier.caching.caches import Caching, open_store
from logo_classifier.caching.circuit_breaker import Store, StoreError
from logo_classifier.caching.levels import Lookup
from logo_classifier.decision.routing import RoutingPolicy
from logo_classifier.diagnosis.examination import examine
from logo_classifier.diagnosis.finding import Finding, Level
from logo_classifier.errors import (
    BadDimensions,
    BadParameter,
    ClassifierError,
    FeedbackUnavailable,
    ImageNotFound,
    ImageTooLarge,
    InvalidImage,
    InvalidInput,
    ModelUnavailable,
    NoVisibleLogo,
    OutOfMemory,
    TimedOut,
    TooDetailed,
    UnsupportedFormat,
)
from logo_classifier.feedback.answers import judged_of
from logo_classifier.feedback.ledger import (
    CalibrationLedger,
    FileLedger,
    LedgerUnavailable,
    NotInForce,
)
from logo_classifier.feedback.live import LiveCalibration
from logo_classifier.feedback.measures import RouteMeasures, measure
from logo_classifier.feedback.opening import open_feedback, open_ledger
from logo_classifier.feedback.proposing import Proposal, propose
from logo_classifier.feedback.records import (
    Accepted,
    Answer,
    FeedbackStore,
    Judged,
    LabelledAnswer,
)
from logo_classifier.hybrid import HybridClassifier
from logo_classifier.pictures.header import Picture
from logo_classifier.pictures.limits import Limits
from logo_classifier.pictures.source import Source
from logo_classifier.stages import Stage
from logo_classifier.values import AUTO, LogoType, Method, Tier, Trait
from logo_classifier.vectorising.confined import TraceBounds
from logo_classifier.vectorising.tracing import trace
from logo_classifier.verification import Verification, print_of, verify
from logo_classifier.versions.registry import Card, Registry, is_version_name

__all__ = [
    "AUTO",
    "Accepted",
    "Answer",
    "BadDimensions",
    "BadParameter",
    "Caching",
    "CalibrationLedger",
    "Card",
    "ClassifierError",
    "FeedbackStore",
    "FeedbackUnavailable",
    "FileLedger",
    "Finding",
    "HybridClassifier",
    "ImageNotFound",
    "ImageTooLarge",
    "InvalidImage",
    "InvalidInput",
    "Judged",
    "LabelledAnswer",
    "LedgerUnavailable",
    "Level",
    "Limits",
    "LiveCalibration",
    "LogoType",
    "Lookup",
    "Method",
    "ModelUnavailable",
    "NoVisibleLogo",
    "NotInForce",
    "OutOfMemory",
    "Picture",
    "Proposal",
    "Registry",
    "RouteMeasures",
    "RoutingPolicy",
    "Source",
    "Stage",
    "Store",
    "StoreError",
    "Tier",
    "TimedOut",
    "TooDetailed",
    "TraceBounds",
    "Trait",
    "UnsupportedFormat",
    "Verification",
    "examine",
    "is_version_name",
    "judged_of",
    "measure",
    "open_feedback",
    "open_ledger",
    "open_store",
    "print_of",
    "propose",
    "trace",
    "verify",
]
