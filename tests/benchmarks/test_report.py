"""What a benchmark run writes says what was measured, and what is invalid."""

from __future__ import annotations

import argparse
import json
import shutil
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import __main__ as command
from benchmarks.load import Load
from benchmarks.peers import PEERS
from benchmarks.pictures import NoPictures, choose, resized, write_forms
from benchmarks.report import Goal, Plot, Section, Table, show
from benchmarks.sections.comparison import goals_against
from benchmarks.service import ROOT, ServerFailed
from benchmarks.trials import Bench, Trials
from logo_classifier.errors import InvalidImage
from logo_classifier.pictures.header import check_image

GOLDEN = Path(__file__).parents[2] / "models" / "golden"
GOOD, BAD = Load(100, 50.0, 1.0, 2.0, 0), Load(100, 500.0, 1.0, 2.0, 1)


@pytest.mark.parametrize(
    ("value", "relation", "met"),
    [(2, "<=", True), (2, "<", False), (2, ">=", True), (3, "<=", False), (None, "<=", None)],
)
def test_a_goal_is_met_not_met_or_unknown(
    value: float | None, relation: str, met: bool | None
) -> None:
    assert Goal("g", value, relation, 2).met is met


def trials(*second: Load) -> Trials:
    collected = Trials()
    for load in second:
        collected.add("mark", 4, GOOD)
        collected.add("ours", 4, load)
    return collected


def test_one_failed_request_makes_every_figure_of_its_row_invalid() -> None:
    spoilt = trials(GOOD, BAD, GOOD)

    assert spoilt.ratio(("ours", 4), ("mark", 4)) is None
    assert spoilt.median("ours", 4, "p99_ms") is None
    assert spoilt.median("mark", 4, "p99_ms") == 2
    assert [row[-2:] for row in spoilt.table("t").rows] == [[0, "ok"], [1, "INVALID"]]


def test_ratios_are_medians_of_rounds() -> None:
    half, twice = Load(1, 25.0, 1.0, 2.0, 0), Load(1, 100.0, 1.0, 2.0, 0)

    assert trials(half, twice, half).ratio(("ours", 4), ("mark", 4)) == 0.5


def test_an_invalid_goal_is_shown_as_such() -> None:
    out = StringIO()

    show(
        Section("s", [Table("t", ("a", "b"), [("x", 1.0)])], [Goal("speed", None, ">=", 0.15)]),
        Console(file=out, width=100),
    )

    assert "speed" in out.getvalue()
    assert out.getvalue().count("INVALID") == 2


def test_ours_is_held_against_a_peers_best_setting_of_each_round() -> None:
    names = [name for name, peer in PEERS.items() if peer.kind == "BentoML"]
    compared = Trials()
    for first, *others in ((50, 80), (90, 40), (50, 100)):
        compared.add("service", 4, Load(9, 100, 1.0, 10.0, 0))
        compared.add(names[0], 4, Load(9, first, 1.0, 20.0, 0))
        for name in names[1:]:
            compared.add(name, 4, Load(9, others[0], 1.0, 5.0, 0))

    rate, tail = goals_against(compared, "BentoML", 4)

    assert (rate.value, tail.value) == (pytest.approx(100 / 90), 2)

    compared.add("service", 4, GOOD)
    for name in names:
        compared.add(name, 4, BAD if name == names[-1] else GOOD)
    assert [goal.value for goal in goals_against(compared, "BentoML", 4)] == [None, None]


def test_each_run_writes_to_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks"])

    out = command._arguments().out

    assert out.parent == ROOT / "runs" / "bench"
    datetime.strptime(out.name, "%Y-%m-%dT%H-%M-%SZ").replace(tzinfo=UTC)


def arguments(out: Path, *sections: str) -> argparse.Namespace:
    return argparse.Namespace(
        only=list(sections), rounds=1, seconds=1, seed=1, out=out, peers_python=Path("none")
    )


def test_a_run_writes_results_tables_and_plots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def curve(bench: Bench) -> Section:
        bench.say("curve")
        points = [(1.0, 1.0), (2.0, 2.0), (4.0, 2.1)]
        plot = Plot("curve", "Curve", "clients", "requests/s", {"a": points}, {"a": 2.0})
        return Section("Curve", [Table("t", ("x",), [(1,)])], [Goal("g", 1, ">=", 2)], [plot])

    def broken(bench: Bench) -> Section:
        raise ServerFailed("it did not start")

    monkeypatch.setattr(command, "SECTIONS", {"curve": curve, "broken": broken})

    command.run(arguments(tmp_path, "curve", "broken"), [])

    written = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert written["sections"]["curve"]["goals"][0]["met"] is False
    assert written["sections"]["broken"]["error"] == "ServerFailed: it did not start"
    assert {"cpu", "cores", "kernel", "packages", "commit"} <= set(written["machine"])
    assert "it did not start" in (tmp_path / "tables.txt").read_text("utf-8")
    assert "<svg" in (tmp_path / "curve.svg").read_text("utf-8")


@pytest.mark.parametrize("error", [OSError("no such picture"), InvalidImage("a damaged one")])
def test_what_spoils_one_section_leaves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(bench: Bench) -> Section:
        raise error

    monkeypatch.setattr(command, "SECTIONS", {"broken": broken, "fine": lambda _: Section("fine")})

    done = command.run(arguments(tmp_path, "broken", "fine"), [])

    assert str(error) in (done["broken"].error or "")
    assert done["fine"].error is None


def test_figures_of_a_busy_machine_are_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "SECTIONS", {"fine": lambda _: Section("fine")})
    for load, marked in ((99.0, True), (0.0, False)):
        monkeypatch.setattr("os.getloadavg", lambda load=load: (load, load, load))
        command.run(arguments(tmp_path, "fine"), [])
        assert ("busy at the start" in (tmp_path / "tables.txt").read_text()) is marked


def test_every_section_is_named_on_the_command_line() -> None:
    assert list(command.SECTIONS) == [
        *("throughput", "latency", "path", "comparison", "large", "footprint"),
        *("workers", "clients", "sizes", "batches", "repeats", "uploads"),
    ]


def test_the_same_seed_chooses_the_same_pictures() -> None:
    first, again, other = (choose(GOLDEN, 5, seed) for seed in (1, 1, 2))

    assert first == again != other
    assert len(set(first)) == 5


def test_of_our_dataset_only_pictures_on_which_nothing_was_fitted_are_sent(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    for name in ("learnt", "unseen"):
        shutil.copy(GOLDEN / "moon.png", tmp_path / "images" / f"{name}.png")
    (tmp_path / "labels.csv").write_text("id,split\nlearnt,train\nunseen,bench\n")

    assert [path.stem for path in choose(tmp_path / "images", 5, 1)] == ["unseen"]


def test_a_missing_folder_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(NoPictures, match="make dataset"):
        choose(tmp_path / "missing", 5, 1)


def test_forms_hold_all_pictures_of_a_batch(tmp_path: Path) -> None:
    pictures = choose(GOLDEN, 5, 1)

    assert [len(write_forms(tmp_path, pictures, size)) for size in (1, 2, 32)] == [5, 2, 1]
    assert (tmp_path / "batch-32-0").read_bytes().count(b'name="images"') == 32


def test_a_resized_picture_has_the_side_asked_for() -> None:
    facts = check_image(resized(GOLDEN / "moon.png", 700, "JPEG"))

    assert (facts.format, max(facts.width, facts.height)) == ("JPEG", 700)
