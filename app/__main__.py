"""The commands of the service: `python -m app reload`, `verify`, `settings` and `calibration`."""

from __future__ import annotations

import argparse
import os
import sys

from app import settings_page
from app.config import Settings, settings_or_exit
from app.server import reload


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m app", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("reload", help="replace the workers of the running service")
    commands.add_parser("verify", help="check the model version that the settings ask for")
    commands.add_parser("settings", help=f"write {settings_page.PAGE}")
    commands.add_parser("calibration", help="say how well answers agree with requested labels")
    command = parser.parse_args().command
    if command == "reload":
        reload.main(settings_or_exit(os.environ))
    elif command == "verify":
        _verify(settings_or_exit(os.environ))
    elif command == "calibration":
        # Here, as reload and settings need no runtime.
        from app import calibration  # noqa: PLC0415

        calibration.main(settings_or_exit(os.environ))
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


if __name__ == "__main__":
    main()
