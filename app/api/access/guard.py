"""Access control for classification, tracing and feedback: API keys, a rate, and CORS.

All three are off by default. Probes, metrics and pages are never refused.
"""

from __future__ import annotations

from flask import Blueprint, Flask
from flask_cors import CORS

from app.api import request_ids
from app.api.access import keys
from app.api.access.proxies import trust_proxies
from app.api.access.rates import LEFT_HEADER, POLICY_HEADER, limit_rate
from app.config import Settings

_PREFLIGHT_SECONDS = 600


def guard_access(app: Flask, protected: Blueprint, settings: Settings) -> None:
    """Add the checks of the settings to every view of `protected`."""
    if settings.trusted_proxies:
        app.wsgi_app = trust_proxies(app.wsgi_app, settings.trusted_proxies)  # type: ignore[assignment,method-assign]
    if settings.rate_limit:
        limit_rate(app, protected, settings)
    if settings.api_keys:
        app.before_request(keys.key_check(protected, settings.api_keys))
    if settings.cors_origins:
        CORS(
            app,
            resources={"/classify*": {}, "/feedback": {}, "/trace": {}},
            origins=list(settings.cors_origins),
            methods=["POST"],
            allow_headers=["Content-Type", keys.HEADER, request_ids.HEADER],
            expose_headers=[request_ids.HEADER, "Retry-After", LEFT_HEADER, POLICY_HEADER],
            max_age=_PREFLIGHT_SECONDS,
        )
