"""Rules that parse and validate environment variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Rule:
    """The parser of a variable, and its allowed values as text and as a check."""

    parse: Callable[[str], Any]
    allowed: str
    holds: Callable[[Any], bool] = lambda value: True
    secret: bool = False

    def shown(self, value: Any) -> str:
        """Return the value as messages may show it; secrets are hidden."""
        if self.secret:
            return "…"
        return ", ".join(value) if isinstance(value, tuple) else str(value)


Metadata = Mapping[str, Rule]


def whole(low: int, high: int) -> Metadata:
    """Allow whole numbers from `low` to `high`, both inclusive."""
    allowed = f"a whole number from {low} to {high}"

    def parse(text: str) -> int:
        if not re.fullmatch("-?[0-9]+", text):  # int() accepts 1_000 and digits of any script
            raise ValueError(text)
        return int(text)

    return {"rule": Rule(parse, allowed, lambda value: low <= value <= high)}


SHARE: Metadata = {"rule": Rule(float, "a number from 0 to 1", lambda value: 0 <= value <= 1)}


def one_of(*words: str) -> Metadata:
    """Allow the given words."""
    return {"rule": Rule(str, " or ".join(words), lambda value: value in words)}


def listed(allowed: str, pattern: str, *, secret: bool = False) -> Metadata:
    """Allow a comma-separated list whose parts all match a pattern."""

    def split(text: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in text.split(","))

    def all_match(parts: tuple[str, ...]) -> bool:
        return all(re.fullmatch(pattern, part) for part in parts)

    return {"rule": Rule(split, allowed, all_match, secret)}


def _port_is_valid(url: str) -> bool:
    """Return whether the port of an address is valid; an address without a port is too."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


KEYS = listed(
    "keys of 16 to 128 letters, digits, - or _, with commas between",
    r"[A-Za-z0-9_-]{16,128}",
    secret=True,
)
ORIGINS = listed(
    "origins like https://app.example.org, with commas between",
    r"https?://[a-z0-9.-]+(:[0-9]{1,5})?",
)
PICTURE_FORMATS = listed(
    "formats of PNG, JPEG, BMP, GIF, WEBP, AVIF, TIFF and ICO, with commas between",
    r"PNG|JPEG|BMP|GIF|WEBP|AVIF|TIFF|ICO",
)
RATE = {
    "rule": Rule(
        str,
        "a rate like 60/minute, of second, minute, hour or day",
        lambda value: (
            not value or bool(re.fullmatch(r"[1-9][0-9]{0,6}/(second|minute|hour|day)", value))
        ),
    )
}
REDIS = {
    "rule": Rule(
        str,
        "an address like redis://host:6379/0",
        lambda value: (
            not value or bool(_port_is_valid(value) and re.match(r"(rediss?|unix)://", value))
        ),
        secret=True,
    )
}
MEMCACHED = {
    "rule": Rule(
        str,
        "an address like memcached://host:11211",
        lambda value: (
            not value
            or bool(
                _port_is_valid(value)
                and re.fullmatch(r"memcached://(\[[0-9a-f:.]+\]|[A-Za-z0-9_.-]+):[0-9]{1,5}", value)
            )
        ),
        secret=True,  # a refused address may contain a password
    )
}
FEEDBACK = {
    "rule": Rule(
        str,
        "an address like sqlite:///feedback.db or postgresql://user@host/name",
        lambda value: (
            not value
            or bool(re.fullmatch("sqlite:///.+", value))
            or bool(
                re.fullmatch(r"postgres(ql)?://[^/?#]+/[^/?#]+([?].*)?", value)
                and _port_is_valid(value)
            )
        ),
        secret=True,  # it may hold a password
    )
}
SWITCH = {"rule": Rule(lambda text: {"true": True, "false": False}[text.lower()], "true or false")}
ADDRESS = {
    "rule": Rule(
        lambda text: text[1:-1] if re.fullmatch(r"\[[^\[\]]*:[^\[\]]*\]", text) else text,
        "an address or a host name",
        lambda value: _is_address(value) or bool(re.fullmatch(r"[A-Za-z0-9_.-]+", value)),
    )
}
FOLDER = {"rule": Rule(Path, "the path of a model's folder, of an .onnx or of a .pth")}
MODELS_FOLDER = {"rule": Rule(Path, "the path of a folder that holds <name>/<version>/")}
PICTURES_FOLDER = {
    "rule": Rule(
        Path,
        "the absolute path of a folder for pictures alone",
        lambda value: value is None or (value.is_absolute() and value != Path("/")),
    )
}
_PART = r"[A-Za-z0-9](?:[A-Za-z0-9._+-]{0,62}[A-Za-z0-9])?"
MODEL = {
    "rule": Rule(
        str,
        "name/version, such as logo-type/1.6.0",
        lambda value: (
            not value or (bool(re.fullmatch(f"{_PART}/{_PART}", value)) and ".." not in value)
        ),
    )
}
SETTINGS_FILE = {
    "rule": Rule(
        Path,
        "the absolute path of a file of LOGO_ variables",
        lambda value: value is None or value.is_absolute(),
    )
}
