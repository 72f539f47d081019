"""The commands of the service: `python -m app reload` and `python -m app settings`."""

from __future__ import annotations

import argparse
import os

from app import settings_page
from app.config import settings_or_exit
from app.server import reload


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m app", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("reload", help="replace the workers of the running service")
    commands.add_parser("settings", help=f"write {settings_page.PAGE}")
    if parser.parse_args().command == "reload":
        reload.main(settings_or_exit(os.environ))
    else:
        settings_page.PAGE.write_text(settings_page.render(), "utf-8")


if __name__ == "__main__":
    main()
