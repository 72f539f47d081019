"""What processes share lies where each service finds its own."""

from __future__ import annotations

from app.server.places import memory_folder, metrics_folders, pid_file


def test_each_port_has_its_files() -> None:
    assert pid_file(8000) != pid_file(8001)
    assert metrics_folders(8000) != metrics_folders(8001)


def test_they_lie_in_memory_or_among_temporary_files() -> None:
    assert pid_file(8000).parent == memory_folder()
    assert memory_folder().is_dir()
