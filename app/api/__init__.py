"""The HTTP API of the classifier, and its composition root."""

from __future__ import annotations

import os
import time

from flask import Flask

from app.api import errors, hardening, recording, request_ids, request_log
from app.api.access import guard as access
from app.api.admission import Admission
from app.api.follow_up import keeper_of
from app.api.intake.uploads import MemoryRequest
from app.api.service import Service
from app.api.views import classify, form, health, metrics, models, site
from app.api.views import feedback as feedback  # its view joins the blueprint of classify
from app.api.views import trace as trace  # and so does this one
from app.assembly import process_classifier
from app.candidate import build_trial
from app.classifier import Classifier
from app.config import Settings
from app.feedback.feedback import Feedback
from app.live.starting import start_live
from app.serving_info import SERVING, show_version


def create_app(settings: Settings | None = None, classifier: Classifier | None = None) -> Flask:
    """Return the Flask application.

    The settings default to those of the environment, and the classifier to the one of this
    process. Raises ValueError for wrong variables in the environment.
    """
    settings = settings or Settings.from_env(os.environ)
    app = Flask(__name__)
    app.request_class = MemoryRequest
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    app.logger.setLevel(settings.log_level.upper())
    admission = Admission(settings)
    kept = Feedback(settings) if settings.feedback_url else None
    app.extensions["logo"] = Service(
        settings,
        classifier or process_classifier(settings),
        admission,
        time.monotonic(),
        trial=build_trial(settings, admission.is_busy, keeper_of(kept)),
        feedback=kept,
        live=start_live(settings),
    )
    _wrap_requests(app)
    errors.register(app)
    for module in (classify, health, metrics, models, site):
        app.register_blueprint(module.blueprint)
    metrics.prepare(app)
    show_version(SERVING, app.extensions["logo"].classifier.get_model_info())
    access.guard_access(app, classify.blueprint, settings)
    return app


def _wrap_requests(app: Flask) -> None:
    """Register what happens before and after each view; the last stamp is applied first."""
    app.before_request(request_ids.assign)
    app.before_request(request_log.begin)
    app.before_request(metrics.start_clock)
    app.before_request(hardening.check_host)
    stamps = (
        request_ids.stamp,
        request_log.finish,
        recording.record,
        metrics.observe_request,
        hardening.harden,
        form.show_problem,
    )
    for stamp in stamps:
        app.after_request(stamp)
