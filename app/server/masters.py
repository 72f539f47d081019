"""The master of the service that listens on a port, found by its PID file."""

from __future__ import annotations

from pathlib import Path

import psutil


def find_master(file: Path, port: int) -> psutil.Process:
    """Return the process whose id is in a PID file and which listens on the port.

    Raises psutil.NoSuchProcess if it has ended, even if another process has its id now. Raises
    OSError or ValueError for a file without a process id, or of another user.
    """
    master = psutil.Process(int(file.read_text()))
    if not _listens(master, port):
        raise psutil.NoSuchProcess(master.pid, msg="the service has ended")
    # Every user may write to the folder.
    if file.stat().st_uid != master.uids().effective:
        raise PermissionError("the file is not the service's own")
    return master


def forget_stale_master(file: Path, port: int) -> None:
    """Remove a PID file whose process does not listen on the port.

    A process id is used again soon after a restart of a machine or container, and Gunicorn would
    refuse to start beside a process that has the id of the old master.
    """
    try:
        find_master(file, port)
    except (FileNotFoundError, PermissionError):  # none, or a service that runs
        return
    except (ValueError, psutil.Error):
        try:
            file.unlink()
        except PermissionError as error:
            raise SystemExit(f"{file} belongs to another user: remove it") from error


def _listens(process: psutil.Process, port: int) -> bool:
    return any(
        connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
        for connection in process.net_connections("tcp")
    )
