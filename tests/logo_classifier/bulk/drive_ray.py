"""Run a job on a cluster of two nodes of Ray on this machine, and lose one of them midway.

python -m tests.logo_classifier.bulk.drive_ray SOURCE FOLDER PICTURES_PER_SHARD PARTS_BEFORE_LOSS
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any

from ray.cluster_utils import Cluster

from logo_classifier.bulk.cluster import RayEngine
from logo_classifier.bulk.job import finish, opened_job, unfinished
from logo_classifier.bulk.sources import open_source
from tests.logo_classifier.bulk.drive import settings_of

STORE_BYTES = 150 * 1024 * 1024


def main(source: str, folder: str, per_shard: str, parts_before_loss: str) -> None:
    node = {"num_cpus": 1, "object_store_memory": STORE_BYTES, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=node)
    second = cluster.add_node(num_cpus=1, object_store_memory=STORE_BYTES)
    cluster.wait_for_nodes()
    loss = (cluster, second, Path(folder) / "parts", int(parts_before_loss))
    threading.Thread(target=lose, args=loss, daemon=True).start()
    with opened_job(Path(folder), open_source(source), settings_of(int(per_shard))) as job:
        RayEngine(job, 2, lambda progress: None, cluster.address).run(unfinished(job))
        finish(job)
    cluster.shutdown()


def lose(cluster: Any, node: Any, parts: Path, least: int) -> None:
    """Kill all processes of a node as soon as there are so many parts."""
    while len(list(parts.glob("part-*"))) < least:
        time.sleep(0.05)
    cluster.remove_node(node, allow_graceful=False)
    print("a node was lost", flush=True)  # noqa: T201 - the test waits for it


if __name__ == "__main__":
    main(*sys.argv[1:])
