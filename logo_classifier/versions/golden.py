"""Recorded answers of a model version for a few pictures, and what differs from them.

`golden.json` in a bundle maps the SHA-256 of each golden picture to the version's answers, by
method. Whoever loads the version elsewhere asks again and compares. Types must be equal. On another
processor the logits of an 8-bit network move by up to `logit_shift`, so probabilities may differ
by that: softmax moves the log-odds of a class by at most twice the shift over the temperature.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logo_classifier.errors import ModelUnavailable
from logo_classifier.values import AUTO, LogoType, Method

GOLDEN = "golden.json"

METHODS = (AUTO, Method.NEURAL_NETWORK.value)
"""What is recorded: the answer that clients get, and that of the network, which auto seldom asks
about pictures that the rules have learnt."""

_LEAST_LOG_ODDS = 0.02
"""Allowed to every version: other processors round sums of floats in another order."""

_CLIP = 1e-3
"""Probabilities nearer to 0 or 1 than this count as this: their log-odds say little."""

Ask = Callable[[bytes, str], Mapping[str, Any]]
"""Answer the bytes of a picture by a method, as `HybridClassifier.classify` does."""


@dataclass(frozen=True, slots=True)
class Record:
    """The recorded answers: SHA-256 of a picture to method to answer.

    `logit_shift` is how far logits move between processors at most, as measured for the version;
    `log_odds` how far log-odds of its calibrated probabilities may move.
    """

    logit_shift: float
    log_odds: float
    pictures: dict[str, dict[str, dict[str, Any]]]

    def to_json(self) -> str:
        """Return the text of `golden.json`."""
        content = {
            "logit_shift": self.logit_shift,
            "log_odds_tolerance": self.log_odds,
            "pictures": self.pictures,
        }
        return json.dumps(content, indent=1) + "\n"


def read_record(folder: Path, sha256: str | None = None) -> Record | None:
    """Return what is recorded in a bundle's folder; None if nothing is.

    Raises ModelUnavailable if the file is damaged or its digest is not the one that is given.
    """
    try:
        data = (folder / GOLDEN).read_bytes()
    except FileNotFoundError:
        if sha256 is None:
            return None
        raise ModelUnavailable(f"{GOLDEN} is not there, but config.json names it") from None
    except OSError as error:
        raise ModelUnavailable(f"{GOLDEN} cannot be read: {error.strerror}") from error
    if sha256 is None or hashlib.sha256(data).hexdigest() != sha256:
        raise ModelUnavailable(f"{GOLDEN} is not what config.json names by its SHA-256")
    try:
        content = json.loads(data)
        record = Record(
            float(content["logit_shift"]),
            float(content["log_odds_tolerance"]),
            {str(digest): dict(answers) for digest, answers in content["pictures"].items()},
        )
        for answers in record.pictures.values():
            for method in METHODS:
                _differences(answers[method], answers[method], record.log_odds)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelUnavailable(f"{GOLDEN} is damaged: {error!r}") from error
    return record


def record_answers(
    pictures: Path, ask: Ask, logit_shift: float, least_temperature: float
) -> Record:
    """Ask for each golden picture of a folder, and return the answers to be recorded.

    `least_temperature` is the lowest of the temperatures of network and ensemble.
    """
    return Record(
        logit_shift,
        round(2 * logit_shift / least_temperature + _LEAST_LOG_ODDS, 3),
        {
            digest: {method: _kept(ask(data, method)) for method in METHODS}
            for digest, data in read_pictures(pictures).items()
        },
    )


def read_pictures(folder: Path) -> dict[str, bytes]:
    """Return the pictures of a folder by their SHA-256, in the order of their names."""
    files = sorted(path for path in folder.iterdir() if path.suffix == ".png")
    found = (path.read_bytes() for path in files)
    return {hashlib.sha256(data).hexdigest(): data for data in found}


def differences(record: Record, pictures: Path, ask: Ask) -> list[str]:
    """Ask again for each recorded picture, and return what differs, a line for each answer.

    Raises ModelUnavailable if a recorded picture is not in the folder.
    """
    data = read_pictures(pictures)
    if missing := record.pictures.keys() - data.keys():
        raise ModelUnavailable(
            f"{len(missing)} of {len(record.pictures)} recorded pictures are not among the golden "
            f"pictures, such as {min(missing)[:12]}"
        )
    return [
        f"picture {digest[:12]}, {method}: {difference}"
        for digest, answers in record.pictures.items()
        for method in METHODS
        for difference in _differences(answers[method], ask(data[digest], method), record.log_odds)
    ]


def _kept(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "logo_type": answer["logo_type"],
        "probabilities": answer["probabilities"],
        "method_used": answer["method_used"],
        "tier": answer["routing_decision"]["tier"],
    }


def _differences(
    recorded: Mapping[str, Any], answer: Mapping[str, Any], log_odds: float
) -> list[str]:
    said = [
        f"{name} is {answer[name]}, recorded is {recorded[name]}"
        for name in ("logo_type", "method_used")
        if recorded[name] != answer[name]
    ]
    moved = {
        kind.value: (float(answer["probabilities"][kind]), float(recorded["probabilities"][kind]))
        for kind in LogoType
    }
    kind, (now, before) = max(moved.items(), key=lambda item: abs(_moved(*item[1])))
    if abs(_moved(now, before)) > log_odds:
        said.append(f"the probability of {kind} is {now:.4f}, recorded is {before:.4f}")
    return said


def _moved(one: float, other: float) -> float:
    return _log_odds(one) - _log_odds(other)


def _log_odds(share: float) -> float:
    bounded = min(max(share, _CLIP), 1 - _CLIP)
    return math.log(bounded / (1 - bounded))
