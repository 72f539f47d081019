"""The commands of the service: `python -m app serve`, `doctor`, `reload`, `feedback` and others."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import date
from pathlib import Path

from app import settings_page
from app.config import Settings, settings_or_exit
from app.server import reload

_CONFIGURATION = Path(__file__).parents[1] / "gunicorn.conf.py"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m app", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="start the service (Gunicorn with gunicorn.conf.py)")
    doctor = commands.add_parser("doctor", help="check settings, stores, machine and model")
    doctor.add_argument("--json", action="store_true", help="write one JSON object")
    commands.add_parser("reload", help="replace the workers of the running service")
    commands.add_parser("verify", help="check the model version that the settings ask for")
    commands.add_parser("settings", help=f"write {settings_page.PAGE}")
    commands.add_parser("cleanup", help="forget old answers without a label")
    kept = commands.add_parser("feedback", help="show or export the labels that clients reported")
    shown = kept.add_subparsers(dest="feedback", required=True)
    shown.add_parser("status", help="count the labels of each model version")
    export = shown.add_parser("export", help="write the labels to a CSV file")
    export.add_argument("--out", type=Path, required=True, metavar="FILE.csv")
    export.add_argument("--since", type=date.fromisoformat, metavar="YYYY-MM-DD", help="a UTC day")
    export.add_argument("--requested-only", action="store_true")
    export.add_argument(
        "--with-pictures",
        action="store_true",
        help="one row for each kept picture, with its path, as make evaluate takes",
    )
    live = commands.add_parser("calibration", help="let requested labels move confidences, or not")
    live.add_argument("action", choices=["status", "propose", "apply", "undo"])
    _run(parser.parse_args())


def _run(chosen: argparse.Namespace) -> None:
    command = chosen.command
    if command == "serve":
        # The same process, so that signals reach the master.
        options = ("-m", "gunicorn", "-c", str(_CONFIGURATION))
        os.execv(sys.executable, (sys.executable, *options))  # noqa: S606 - nothing from outside
    elif command == "doctor":
        from app import doctor  # noqa: PLC0415 - see _verify

        sys.exit(doctor.main(os.environ, chosen.json))
    elif command == "reload":
        reload.main(settings_or_exit(os.environ))
    elif command == "verify":
        _verify(settings_or_exit(os.environ))
    elif command in ("cleanup", "feedback"):
        _feedback(settings_or_exit(os.environ), chosen)
    elif command == "calibration":
        from app.live import commands as live_commands  # noqa: PLC0415 - see _verify

        live_commands.main(settings_or_exit(os.environ), chosen.action)
    else:
        settings_page.PAGE.write_text(settings_page.render(), "utf-8")


def _verify(settings: Settings) -> None:
    """Say whether the model of these settings is fit to serve; exit with the reason if not."""
    # Here, as reload and settings need no runtime.
    from app.rollout import asked_for, require  # noqa: PLC0415
    from logo_classifier import ModelUnavailable  # noqa: PLC0415

    try:
        found = require(settings)
    except ModelUnavailable as error:
        sys.exit(f"{asked_for(settings)} is refused: {error}")
    sys.stdout.write(f"{asked_for(settings)} is fit to serve: {found.recorded} golden pictures\n")


def _feedback(settings: Settings, chosen: argparse.Namespace) -> None:
    """Run a command about what is kept; exit with the reason if the store cannot be used."""
    from app.feedback import commands  # noqa: PLC0415 - see _verify
    from logo_classifier import BadParameter, FeedbackUnavailable  # noqa: PLC0415

    try:
        if chosen.command == "cleanup":
            said = f"{commands.cleanup(settings)} answers are forgotten\n"
        elif chosen.feedback == "status":
            said = commands.status(settings)
        else:
            count = commands.export(
                settings, chosen.out, chosen.since, chosen.requested_only, chosen.with_pictures
            )
            said = f"{count} labels are in {chosen.out}\n"
    except (BadParameter, FeedbackUnavailable, OSError) as error:
        sys.exit(str(error))
    sys.stdout.write(said)


if __name__ == "__main__":
    main()
