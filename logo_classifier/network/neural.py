"""Classify pictures by the network: logits of its runtime, softmax and sigmoid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from logo_classifier.errors import ModelUnavailable
from logo_classifier.network.bundle import ModelBundle
from logo_classifier.network.onnx_runtime import OnnxRuntime
from logo_classifier.network.runtime import Evidence, Runtime
from logo_classifier.network.torch_runtime import TorchRuntime
from logo_classifier.pictures.image import LoadedImage, fit_square
from logo_classifier.values import LogoType, Method, Trait, Verdict


class NeuralClassifier:
    """One loaded network; thread-safe.

    Raises ModelUnavailable if it does not load or has the wrong number of outputs.
    """

    def __init__(self, bundle: ModelBundle, threads: int = 1) -> None:
        self.bundle = bundle
        self._runtime = _open_runtime(bundle, threads)
        outputs = self.logits_of(np.zeros((1, bundle.side_px, bundle.side_px, 3), np.uint8))
        self._has_traits = outputs.shape[1] == len(bundle.types) + len(bundle.traits)
        if not self._has_traits and outputs.shape[1] != len(bundle.types):
            raise ModelUnavailable(
                f"the network has {outputs.shape[1]} outputs; {len(bundle.types)} types and "
                f"optionally {len(bundle.traits)} traits are expected"
            )

    def logits_of(self, squares: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the logits (n, outputs) of uint8 RGB squares (n, side, side, 3).

        Raises ModelUnavailable if the network fails or its logits are not finite.
        """
        logits = self._runtime.run(squares)
        if logits.ndim != 2 or len(logits) != len(squares) or not np.isfinite(logits).all():
            raise ModelUnavailable("the network gave no finite logits")
        return logits

    def predict(self, images: Sequence[LoadedImage]) -> list[Verdict]:
        """Return one uncalibrated verdict per picture, in order."""
        squares = np.stack([fit_square(image, self.bundle.side_px) for image in images])
        return [self._verdict(row.astype(np.float64)) for row in self.logits_of(squares)]

    def predict_with_evidence(self, image: LoadedImage) -> tuple[Verdict, Evidence | None]:
        """Return the verdict on a picture and what its logits are the sum of.

        The verdict is that of `predict`. The evidence is None if this network gives none. Takes one
        forward pass, two without evidence.
        """
        evidence = self._runtime.run_for_evidence(fit_square(image, self.bundle.side_px))
        if evidence is None:
            return self.predict([image])[0], None
        if not np.isfinite(evidence.logits).all():
            raise ModelUnavailable("the network gave no finite logits")
        return self._verdict(evidence.logits.astype(np.float64)), evidence

    def _verdict(self, logits: NDArray[np.float64]) -> Verdict:
        types = self.bundle.types
        scores = np.exp(logits[: len(types)] - logits[: len(types)].max())
        shares = dict(zip(types, (float(value) for value in scores / scores.sum()), strict=True))
        ranked = sorted(types, key=lambda kind: -shares[kind])
        first, second = ranked[:2]
        return Verdict(
            logo_type=first,
            confidence=shares[first],
            probabilities={kind: shares[kind] for kind in LogoType},
            traits=self._traits(logits[len(types) :], shares),
            method=Method.NEURAL_NETWORK,
            reasoning=f"the network ranks {first.value} before {second.value}",
            raw_confidence=shares[first],
            calibrated=False,
        )

    def _traits(
        self, logits: NDArray[np.float64], shares: dict[LogoType, float]
    ) -> dict[Trait, float]:
        if self._has_traits:
            chances = np.exp(-np.logaddexp(0, -logits))  # a sigmoid that never overflows
            named = zip(self.bundle.traits, chances, strict=True)
            return {trait: float(chance) for trait, chance in named}
        # Without trait logits: a trait is at least as probable as the type that it decides.
        return {
            Trait.LETTERING: shares[LogoType.TEXT],
            Trait.GRADIENT: shares[LogoType.GRADIENT],
            Trait.COMPLEX: shares[LogoType.COMPLEX],
        }


def _open_runtime(bundle: ModelBundle, threads: int) -> Runtime:
    return TorchRuntime(bundle) if bundle.runtime == "torch" else OnnxRuntime(bundle, threads)
