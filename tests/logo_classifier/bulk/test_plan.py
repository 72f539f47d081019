"""The plan of a job holds each picture once, in the shard that its name says."""

from __future__ import annotations

import itertools
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logo_classifier.bulk.plan import PLAN, Plan, Rows, plan_names, plan_rows, read_shard, shard_of


def planned(job: Path, plan: Plan) -> list[str]:
    shards = [read_shard(job, number) for number in range(plan.shards)]
    return [name for shard in shards if isinstance(shard, list) for name in shard]


def test_every_name_is_there_once_and_repetitions_are_counted(tmp_path: Path) -> None:
    names = [f"/logos/{number}.png" for number in range(1000)]

    plan = plan_names([*names, *names[:50]], tmp_path, per_shard=100)

    assert plan == Plan(pictures=1000, shards=21, repeated=50)
    assert sorted(planned(tmp_path, plan)) == sorted(names)


def test_a_name_stands_in_the_shard_of_its_hash(tmp_path: Path) -> None:
    plan = plan_names((f"{number}.png" for number in range(100)), tmp_path, per_shard=20)

    for number in range(plan.shards):
        shard = read_shard(tmp_path, number)
        assert isinstance(shard, list)
        assert {shard_of(name, plan.shards) for name in shard} <= {number}


def test_shards_are_about_of_one_size(tmp_path: Path) -> None:
    plan = plan_names((f"{number}.png" for number in range(80_000)), tmp_path, per_shard=1000)

    sizes = [len(planned(tmp_path, Plan(0, 1)))] + [
        len(shard)
        for number in range(plan.shards)
        if isinstance(shard := read_shard(tmp_path, number), list)
    ]

    assert plan.shards == 80
    assert min(sizes) > 800
    assert max(sizes) < 1200


@pytest.mark.parametrize(
    ("pictures", "shards"), [(1, 1), (99, 1), (100, 2), (3000, 60), (20_000, 64)]
)
def test_a_small_job_has_shards_for_all_workers(tmp_path: Path, pictures: int, shards: int) -> None:
    assert plan_names(map(str, range(pictures)), tmp_path, per_shard=1000).shards == shards
    assert plan_rows(pictures, tmp_path, per_shard=1000).shards in (shards, shards - 1)


def test_names_with_any_characters_come_back_as_they_are(tmp_path: Path) -> None:
    names = ["new\nline.png", "\udcff.png", "ü.png", ' "quoted".png', "{}"]

    plan = plan_names(names, tmp_path, per_shard=2)

    assert sorted(planned(tmp_path, plan)) == sorted(names)


def test_a_plan_that_was_cut_off_is_made_anew(tmp_path: Path) -> None:
    plan_names(["old.png"], tmp_path, per_shard=1)
    (tmp_path / f".{PLAN}").mkdir()
    (tmp_path / f".{PLAN}" / "names").write_text("half")

    plan = plan_names(["new.png"], tmp_path, per_shard=1)

    assert planned(tmp_path, plan) == ["new.png"]
    assert [path.name for path in tmp_path.iterdir()] == [PLAN]


def test_memory_does_not_grow_with_the_number_of_names(tmp_path: Path) -> None:
    names = ("x" * 200 + str(number) for number in itertools.count())

    tracemalloc.start()
    plan_names(itertools.islice(names, 300_000), tmp_path, per_shard=1000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 120_000_000  # a buffer of 100,000 names twice; all names would take 150 MB more


def test_rows_of_a_table_are_neighbours(tmp_path: Path) -> None:
    plan = plan_rows(25, tmp_path, per_shard=10)

    assert plan == Plan(25, 3)
    assert [read_shard(tmp_path, number) for number in range(3)] == [
        Rows(0, 9),
        Rows(9, 18),
        Rows(18, 25),
    ]


@given(st.text(), st.integers(1, 1000))
def test_a_shard_is_one_of_those_there_are(name: str, shards: int) -> None:
    assert 0 <= shard_of(name, shards) < shards
