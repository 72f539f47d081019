"""Read the settings from the environment once, and refuse wrong ones at start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from app.processors import available_processors
from app.settings_file import PREFIX, with_file
from app.variables import (
    ADDRESS,
    FEEDBACK,
    FOLDER,
    KEYS,
    MEMCACHED,
    MODEL,
    MODELS_FOLDER,
    ORIGINS,
    PICTURE_FORMATS,
    PICTURES_FOLDER,
    RATE,
    REDIS,
    SETTINGS_FILE,
    SHARE,
    SWITCH,
    Rule,
    one_of,
    whole,
)

_MIB = 1024 * 1024

_SERVICE_LINK = re.compile(
    r"LOGO_(\w+_)?(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
)
_PORT_LINK = re.compile(r"(tcp|udp|sctp)://\S+")
"""Variables that Kubernetes sets in each pod for a service named `logo` or `logo-...`."""


def default_workers() -> int:
    """Return one worker for each processor that may be used, at most four."""
    return min(4, available_processors())


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a deployment; each field is the variable `LOGO_<NAME>`.

    Raises ValueError with the variable and the allowed values for any other value.
    """

    host: str = field(default="127.0.0.1", metadata=ADDRESS)
    """Address to listen on; IPv6 with or without brackets. No key is asked for unless `api_keys`
    is set, so by default only this machine may connect; a container sets 0.0.0.0."""
    port: int = field(default=8000, metadata=whole(1, 65535))
    """Port to listen on."""

    workers: int = field(default_factory=default_workers, metadata=whole(1, 64))
    """Processes that serve, each with a classifier of its own. The default is one for each
    processor that the machine, or the limit of the container, lets the service use, at most 4."""
    worker_connections: int = field(default=1000, metadata=whole(1, 10_000))
    """Connections that a worker holds, slow and idle ones included. They cost little; what is
    worked on is bounded by `inference_slots`, what waits by `max_pending`."""
    timeout_seconds: int = field(default=60, metadata=whole(1, 3600))
    """How long a worker may give no sign of life. It does not bound a request."""
    graceful_timeout_seconds: int = field(default=30, metadata=whole(1, 3600))
    """How long a worker that is replaced or stopped may finish what it has begun."""
    keepalive_seconds: int = field(default=0, metadata=whole(0, 600))
    """How long an idle connection is kept; 0 closes it after each reply. Kept ones hold places
    of `worker_connections`; a worker that is replaced closes them, whoever may be sending."""
    max_requests: int = field(default=50_000, metadata=whole(0, 10_000_000))
    """Requests after which a worker is replaced; 0 keeps it for ever."""
    max_requests_jitter: int = field(default=5_000, metadata=whole(0, 1_000_000))
    """Requests that each worker adds at most to `max_requests`, so that not all go at once."""

    worker_memory_mb: int = field(default=1024, metadata=whole(0, 1_048_576))
    """Resident memory above which a worker drops its caches and, if that does not help, is
    replaced; each worker adds up to a tenth, so that not all go at once. 0 sets no limit."""

    model_path: Path | None = field(default=None, metadata=FOLDER)
    """A network outside a registry to serve; none means `model`."""
    models_dir: Path | None = field(default=None, metadata=MODELS_FOLDER)
    """The registry: a folder of model versions; unset, the one that came with the library."""
    model: str = field(default="", metadata=MODEL)
    """The version to serve; unset, the one that the file `shipped` in the registry names."""
    candidate: str = field(default="", metadata=MODEL)
    """A version of the registry to try beside the one that serves; unset, none."""
    candidate_share: float = field(default=0.1, metadata=SHARE)
    """The share of clients, by API key, or else of pictures that the candidate gets. Its caches may
    take this share of `cache_mb` in addition."""
    candidate_mode: str = field(default="answer", metadata=one_of("answer", "shadow"))
    """`answer` lets the candidate answer its share (A/B test), `shadow` only judge it behind the
    replies."""
    settings_file: Path | None = field(default=None, metadata=SETTINGS_FILE)
    """A file of settings, which wins over the environment and is read again by each new worker and
    by a reload. Host, port, workers and what else the master reads need a restart."""
    inference_threads: int = field(default=1, metadata=whole(1, 64))
    """Threads that one classification may use."""
    inference_slots: int = field(default=1, metadata=whole(1, 64))
    """Requests that a worker classifies at once; the others wait."""
    max_pending: int = field(default=64, metadata=whole(1, 10_000))
    """Pictures that a worker takes in, in work and waiting; more are refused as `overloaded`."""
    max_pending_bytes: int = field(default=256 * _MIB, metadata=whole(1024, 65536 * _MIB))
    """Bytes of bodies that a worker holds in memory; more are refused as `overloaded`."""
    request_timeout_seconds: int = field(default=30, metadata=whole(1, 3600))
    """How long pictures may wait and be worked on from the moment they have come in."""
    upload_timeout_seconds: int = field(default=60, metadata=whole(1, 3600))
    """How long a request may take to come in before its client is no longer listened to."""
    reply_timeout_seconds: int = field(default=30, metadata=whole(1, 3600))
    """How long a client may take to read a reply before the connection is closed."""
    enable_caching: bool = field(default=True, metadata=SWITCH)
    """Whether answers and features are kept."""
    cache_mb: int = field(default=64, metadata=whole(1, 65536))
    """Memory that a worker's caches of results and features may take, in units of 2^20 bytes."""

    feedback_url: str = field(default="", repr=False, metadata=FEEDBACK)
    """The store of answers and of the labels of clients: a SQLite file on a local disk, or a
    PostgreSQL that several machines share; unset, there is no `/feedback`."""
    feedback_ask: int = field(default=20, metadata=whole(1, 1_000_000))
    """One in how many pictures asks for feedback in its reply. Only labels of these may fit
    anything."""
    feedback_days: int = field(default=30, metadata=whole(1, 3650))
    """Days after which an answer without a label is forgotten."""
    keep_feedback_images: Path | None = field(default=None, metadata=PICTURES_FOLDER)
    """With feedback: the folder in which the pictures of answers are kept, on the machine that
    answered; unset, no picture is kept."""
    keep_feedback_images_mb: int = field(default=1024, metadata=whole(1, 1_048_576))
    """What these pictures may take, in units of 2^20 bytes; the oldest go first. Each worker may
    be above it by a fiftieth for a moment."""
    keep_feedback_images_days: int = field(default=90, metadata=whole(1, 3650))
    """Days after its latest answer for which a picture is kept."""

    live_calibration: str = field(default="watch", metadata=one_of("off", "watch", "apply"))
    """With feedback: `watch` measures live answers and follows what `python -m app
    calibration apply` brought into force, `apply` also adopts what labels prove, `off` does
    neither."""

    trace: str = field(default="off", metadata=one_of("off", "on"))
    """Whether `/trace` and the page turn pictures into SVG; needs VTracer, the extra `trace`. Each
    worker traces one picture at a time, in a process of its own of up to 1 GiB."""

    api_keys: tuple[str, ...] = field(default=(), repr=False, metadata=KEYS)
    """Keys of which a client must send one in `X-API-Key` to classify; none asks for none."""
    cors_origins: tuple[str, ...] = field(default=(), metadata=ORIGINS)
    """Sites whose pages may call the service from a browser."""
    rate_limit: str = field(default="", metadata=RATE)
    """How many requests to classify one client may send, a batch counting as one; unset, any
    number."""
    trusted_proxies: int = field(default=0, metadata=whole(0, 10))
    """Proxies in front whose `X-Forwarded-For` tells the client's address. The nearest one tells
    scheme and path prefix in `X-Forwarded-Proto` and `X-Forwarded-Prefix`; 0 believes none."""
    redis_url: str = field(default="", repr=False, metadata=REDIS)
    """Where workers share answers, and the counts behind `rate_limit`; unset, each worker keeps
    its own. How much it keeps is its own `maxmemory`; whoever may write to it chooses answers."""
    memcached_url: str = field(default="", metadata=MEMCACHED)
    """Where workers share answers instead, if there is no Redis."""

    max_upload_bytes: int = field(default=50 * _MIB, metadata=whole(1024, 1024 * _MIB))
    """Bytes that one picture may have."""
    formats: tuple[str, ...] = field(
        default=("PNG", "JPEG", "BMP", "GIF"), metadata=PICTURE_FORMATS
    )
    """Formats that pictures may have by their content. More than the default means more code that
    strangers' files reach."""
    max_batch_files: int = field(default=32, metadata=whole(1, 500))
    """Pictures that one batch may have."""
    max_batch_pixels: int = field(default=250_000_000, metadata=whole(100, 10**12))
    """Pixels that the pictures of a batch may have together: ten of the largest allowed."""
    max_batch_bytes: int = field(default=100 * _MIB, metadata=whole(1024, 4096 * _MIB))
    """Bytes that the pictures of one batch may have together."""
    log_level: str = field(
        default="info", metadata=one_of("debug", "info", "warning", "error", "critical")
    )
    """The least severe messages that are logged; `info` and `debug` log every request."""
    log_format: str = field(default="text", metadata=one_of("text", "json"))
    """Lines of the log: text for people, or a JSON object a line for programs."""

    def __post_init__(self) -> None:
        for option in fields(self):
            rule, value = option.metadata["rule"], getattr(self, option.name)
            if not rule.holds(value):
                raise _refusal(variable(option.name), rule.shown(value), rule.allowed)
        if self.model and self.model_path:
            raise _refusal("LOGO_MODEL", self.model, "one of this and LOGO_MODEL_PATH")
        if self.redis_url and self.memcached_url:
            allowed = "one store of answers: this or LOGO_REDIS_URL"
            raise _refusal("LOGO_MEMCACHED_URL", self.memcached_url, allowed)
        if self.trace == "on" and find_spec("vtracer") is None:
            allowed = "off, as VTracer is missing: pip install 'logo-classifier[trace]'"
            raise _refusal("LOGO_TRACE", self.trace, allowed)
        if self.max_batch_bytes < self.max_upload_bytes:
            allowed = f"at least LOGO_MAX_UPLOAD_BYTES, {self.max_upload_bytes}"
            raise _refusal("LOGO_MAX_BATCH_BYTES", self.max_batch_bytes, allowed)
        if self.max_pending < self.max_batch_files:
            allowed = f"at least LOGO_MAX_BATCH_FILES, {self.max_batch_files}"
            raise _refusal("LOGO_MAX_PENDING", self.max_pending, allowed)
        if self.max_pending_bytes < self.max_batch_bytes:
            allowed = f"at least LOGO_MAX_BATCH_BYTES, {self.max_batch_bytes}"
            raise _refusal("LOGO_MAX_PENDING_BYTES", self.max_pending_bytes, allowed)

    @property
    def bind(self) -> str:
        """Return host and port in Gunicorn's notation."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Return the settings of an environment, with defaults for variables that are not set.

        The file that LOGO_SETTINGS_FILE names is read too. Raises ValueError for a value that is
        not allowed, for an unknown LOGO_ variable, and for a file that cannot be read. The
        variables that Kubernetes sets for its services are ignored.
        """
        options = {variable(option.name): option for option in fields(cls)}
        given = {
            name: text
            for name, text in with_file(environ).items()
            if name.startswith(PREFIX) and not _is_service_link(name, text)
        }
        unknown = sorted(given.keys() - options.keys())
        if unknown:
            raise ValueError(f"unknown variable {unknown[0]}; known: {', '.join(sorted(options))}")
        values = {
            options[name].name: _parse(name, text, options[name].metadata["rule"])
            for name, text in given.items()
        }
        return cls(**values)


def settings_or_exit(environ: Mapping[str, str]) -> Settings:
    """Return the settings of an environment; end the program with one line if they are wrong."""
    try:
        return Settings.from_env(environ)
    except ValueError as error:
        raise SystemExit(f"logo-classifier does not start: {error}") from None


def _is_service_link(name: str, text: str) -> bool:
    return bool(
        _SERVICE_LINK.fullmatch(name) or (name.endswith("_PORT") and _PORT_LINK.fullmatch(text))
    )


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + name.upper()


def _parse(name: str, text: str, rule: Rule) -> Any:
    # Empty values are refused, because an empty host would mean every address.
    if not text.strip():
        raise _refusal(name, text, rule.allowed)
    try:
        return rule.parse(text.strip())
    except (ValueError, KeyError) as error:
        raise _refusal(name, text, rule.allowed) from error


def _refusal(name: str, value: object, allowed: str) -> ValueError:
    return ValueError(f"{name}={value} is refused; allowed: {allowed}")
