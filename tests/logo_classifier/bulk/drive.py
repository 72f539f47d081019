"""Run a job in a process of its own, with small shards, so that tests can kill it.

python -m tests.logo_classifier.bulk.drive SOURCE FOLDER PICTURES_PER_SHARD WORKERS [ENGINE]
"""

from __future__ import annotations

import sys
from pathlib import Path

from logo_classifier.bulk.job import finish, opened_job, unfinished
from logo_classifier.bulk.local import LocalEngine
from logo_classifier.bulk.models import find_model
from logo_classifier.bulk.settings import Settings
from logo_classifier.bulk.sources import open_source
from logo_classifier.cli.answering import widest_limits


def settings_of(per_shard: int, form: str = "jsonl") -> Settings:
    return Settings(find_model(None), "auto", form, widest_limits().formats, per_shard)


def main(source: str, folder: str, per_shard: str, workers: str) -> None:
    with opened_job(Path(folder), open_source(source), settings_of(int(per_shard))) as job:
        LocalEngine(job, int(workers), lambda progress: None).run(unfinished(job))
        finish(job)


if __name__ == "__main__":
    main(*sys.argv[1:])
