"""Load a model version: rules, network, calibration and policy as one value.

Without a usable network the rules answer alone (graceful degradation).
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from logo_classifier.caching.fingerprint import fingerprint_features, fingerprint_results
from logo_classifier.decision.calibration import Calibrator, MethodCalibration
from logo_classifier.decision.routing import RoutingPolicy
from logo_classifier.errors import ModelUnavailable
from logo_classifier.network.bundle import ModelBundle, load_bundle
from logo_classifier.network.neural import NeuralClassifier
from logo_classifier.pictures.image import LoadedImage
from logo_classifier.pictures.limits import Limits
from logo_classifier.pictures.normalising import WHITE
from logo_classifier.rules.features import FeaturePlan, extract_features, plan_features
from logo_classifier.rules.trees import RuleSet, classify_by_rules, read_rules
from logo_classifier.values import ImageFacts, Method
from logo_classifier.versions.shipped import shipped

BLANK = LoadedImage(np.full((32, 32, 3), 255, np.uint8), WHITE, ImageFacts("PNG", 32, 32, 0, ""))
"""A white picture for checks and warm-ups."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LoadedVersion:
    """One loaded model version; `network` is None if `network_error` gives the reason.

    The two fingerprints identify everything except the picture that features and answers depend on.
    """

    rules: RuleSet
    plan: FeaturePlan
    """What is to be measured for these rules."""
    calibrator: Calibrator
    policy: RoutingPolicy
    network: NeuralClassifier | None
    network_error: str | None
    calibrated: bool
    """Whether the calibration was fitted to this network together with these rules."""
    features_fingerprint: str
    results_fingerprint: str

    @property
    def name(self) -> str | None:
        """Return the name of the model, None without a network."""
        return self.network.bundle.name if self.network else None

    @property
    def version(self) -> str | None:
        """Return the version of the model, None without a network."""
        return self.network.bundle.version if self.network else None

    @property
    def side_px(self) -> int:
        """Return the longest side of a picture that rules or network look at, in pixels."""
        return max(self.plan.side_px, self.network.bundle.side_px if self.network else 0)

    def describe(self) -> dict[str, Any]:
        """Return the reply of `HybridClassifier.get_model_info`."""
        info: dict[str, Any] = {
            "loaded": self.network is not None,
            "error": self.network_error,
            "rules_version": self.rules.version,
            "name": self.name,
            "version": self.version,
        }
        if self.network:
            bundle = self.network.bundle
            info |= {
                "runtime": bundle.runtime,
                "sha256": bundle.sha256,
                "input_side_px": bundle.side_px,
                "calibrated": self.calibrated,
            }
        return info


def load_version(
    path: str | os.PathLike[str] | None,
    *,
    policy: RoutingPolicy | None = None,
    limits: Limits | None = None,
    threads: int = 1,
    refused: str | None = None,
) -> LoadedVersion:
    """Load the bundle, `.onnx` or `.pth` at a path; None means the shipped version.

    Never raises ModelUnavailable. If a version does not load, the library's own copy of the
    shipped rules serves alone, and `network_error` gives the reason. A given `policy` replaces
    that of the version. `threads` is the number of ONNX Runtime threads for one picture. `refused`
    is a reason for which no network may serve; nothing is read then.
    """
    if refused is not None:
        return _assemble(read_rules(), None, refused, policy, limits or Limits())
    try:
        bundle = load_bundle(path or shipped())
        rules = read_rules() if bundle.rules is None else bundle.rules
        _try_rules(rules)
        network, why = NeuralClassifier(bundle, threads), None
    except ModelUnavailable as error:
        network, rules, why = None, read_rules(), str(error)
    except MemoryError:
        network, rules, why = None, read_rules(), "memory is short"
    return _assemble(rules, network, why, policy, limits or Limits())


def _assemble(
    rules: dict[str, Any],
    network: NeuralClassifier | None,
    why: str | None,
    policy: RoutingPolicy | None,
    limits: Limits,
) -> LoadedVersion:
    """Return rules that work and a network, if any, with what was fitted to them."""
    served = network.bundle if network else None
    whole = bool(served and served.rules is not None)
    chosen = policy or _own_policy(served) or RoutingPolicy()
    text = json.dumps(rules, sort_keys=True)
    features_fingerprint = fingerprint_features(text, chosen.unsettled_ceiling, limits)
    fitted = MethodCalibration.from_dict(rules["calibration"], chosen.unsettled_ceiling)
    loaded = RuleSet.from_dict(rules)
    return LoadedVersion(
        rules=loaded,
        plan=plan_features(loaded.names, loaded.side_px),
        calibrator=Calibrator({Method.RULE_BASED: fitted, **_network_calibration(served)}),
        policy=chosen,
        network=network,
        network_error=why,
        calibrated=whole and bool(served and served.calibration),
        features_fingerprint=features_fingerprint,
        results_fingerprint=fingerprint_results(
            features_fingerprint, served and replace(served, rules=None), whole, chosen
        ),
    )


def _try_rules(rules: dict[str, Any]) -> None:
    """Judge a blank picture by rules; raise ModelUnavailable where they cannot."""
    try:
        loaded = RuleSet.from_dict(rules)
        plan = plan_features(loaded.names, loaded.side_px)
        classify_by_rules(extract_features(BLANK, plan), loaded)
        MethodCalibration.from_dict(rules["calibration"])
        json.dumps(rules)  # rules that are nested too deeply have no fingerprint
    except KeyError as error:
        raise ModelUnavailable(f"the rules need {error}, which is not there") from error
    except (
        ValueError,
        TypeError,
        IndexError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise ModelUnavailable(f"the rules are damaged: {error!r}") from error


def _own_policy(bundle: ModelBundle | None) -> RoutingPolicy | None:
    """Return the policy that was fitted together with a bundle's own rules."""
    return bundle.policy if bundle and bundle.rules is not None else None


def _network_calibration(bundle: ModelBundle | None) -> dict[Method, MethodCalibration]:
    """Return the calibration of the network, and of the ensemble if the bundle has rules."""
    if bundle is None or not bundle.calibration:
        return {}
    if bundle.rules is not None:
        return bundle.calibration
    _log.warning("%s has no rules of its own: the ensemble is not calibrated", bundle.weights)
    return {Method.NEURAL_NETWORK: bundle.calibration[Method.NEURAL_NETWORK]}
