"""All versions are measured on the same pictures, each with code of its own."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from logo_classifier import HybridClassifier
from logo_classifier.values import AUTO, LogoType
from logo_classifier.versions.shipped import shipped
from tests.training.drawn import relabelled
from training.evaluation import answering, history, versions
from training.evaluation.history import METHODS, ROOT, ask, code_of, commits, published
from training.evaluation.table import table
from training.evaluation.versions import TWINS, compare, pair, read_sets, score
from training.labels.dataset import Example, read_examples, read_labels

EARLIER = "1.3.0"
DATA = ROOT / "data"


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def no_history() -> str | None:
    """Return why earlier commits are not here, or None if they are."""
    try:
        shallow = git("rev-parse", "--is-shallow-repository").stdout.strip()
    except FileNotFoundError:
        return "there is no Git"
    return {"true": "the clone is shallow", "false": None}.get(shallow, "this is no clone")


needs_history = pytest.mark.skipif(no_history() is not None, reason=str(no_history()))


@needs_history
@pytest.mark.parametrize("version", commits())
def test_the_commit_of_a_version_is_in_the_history_and_holds_it(version: str) -> None:
    commit = commits()[version]
    config = git("show", f"{commit}:models/logo-type/{version}/config.json")

    assert git("merge-base", "--is-ancestor", commit, "HEAD").returncode == 0
    assert json.loads(config.stdout)["version"] == version


def test_every_released_version_is_measured_and_has_its_code() -> None:
    changelog = (ROOT / "models" / "CHANGELOG.md").read_text("utf-8")
    released = re.findall(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)

    assert set(released) <= set(published())
    assert code_of(shipped().name) is None
    assert {v: code_of(v) for v in released if not (shipped().parent / v).is_dir()} == {
        v: commits()[v] for v in released if not (shipped().parent / v).is_dir()
    }


def test_versions_are_ordered_by_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "commits", lambda: {"1.10.0": "a", "1.9.0": "b"})

    assert [v for v in published() if v in ("1.9.0", "1.10.0")] == ["1.9.0", "1.10.0"]


def test_twins_are_of_bench_and_no_longer_in_the_labels() -> None:
    with open(DATA / TWINS, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    labels = {row.id for row in read_labels(DATA)}

    assert {row["id"] for row in rows} <= {row.id for row in read_labels(DATA, "bench")}
    assert not {row["twin"] for row in rows} & labels
    assert {row["labelled_until"] for row in rows} <= set(published())
    readme = (DATA / "README.md").read_text("utf-8")
    named = set(re.findall(r"\b[a-z]+-[0-9a-f]{10}\b", readme))
    assert {row["twin"] for row in rows if row["labelled_until"] == "1.4.0"} == named


def test_the_sets_of_our_dataset_have_the_sizes_that_its_page_tells() -> None:
    sizes = {name: len(examples) for name, examples in read_sets(DATA).items()}

    assert sizes == {
        "bench": 346,
        "bench without twins in the labels of 1.4.0 or later": 337,
        "bench without twins in the labels of 1.3.0 or later": 325,
        "held-out": 578,
    }


def test_twins_are_left_out_by_the_version_that_had_them_last(logos: Path, tmp_path: Path) -> None:
    data = relabelled(logos, tmp_path / "data", lambda row: row)
    first, second, *_ = (row.id for row in read_labels(logos, "bench"))
    (data / TWINS).write_text(
        f"id,twin,labelled_until\n{first},a,1.9.0\n{first},b,1.9.0\n{second},c,1.10.0\n"
    )

    sets = {name: {e.id for e in examples} for name, examples in read_sets(data).items()}
    bench, later, earlier, _ = sets.values()

    assert bench - later == {second}
    assert bench - earlier == {first, second}
    assert list(read_sets(logos)) == ["bench", "held-out"]


@pytest.fixture(scope="module")
def compared(logos: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    out = tmp_path_factory.mktemp("versions")
    return compare(logos, [shipped().name, EARLIER], out, exact=False), out


@needs_history
def test_versions_are_compared_on_the_same_pictures(
    compared: tuple[dict[str, Any], Path], logos: Path
) -> None:
    scored, out = compared
    bench, classifier = read_examples(logos, "bench"), HybridClassifier(enable_caching=False)
    right = [classifier.classify(e.path)["logo_type"] == e.logo_type.value for e in bench]

    assert scored["code"] == {EARLIER: commits()[EARLIER], shipped().name: None}
    part = scored["sets"]["bench"]
    assert part["pictures"] == len(bench)
    assert part["versions"][shipped().name][AUTO]["accuracy"] == pytest.approx(sum(right) / 16)
    assert list(part["pairs"]) == [EARLIER]
    assert set(part["versions"][EARLIER]) == set(METHODS)
    assert json.loads((out / "versions.json").read_text()) == json.loads(json.dumps(scored))
    assert (out / "versions.md").read_text() == table(scored)


@needs_history
def test_an_earlier_version_answers_with_the_code_of_its_time() -> None:
    (answer,) = ask("1.0.0", [ROOT / "models" / "golden" / "bluetooth.png"])[AUTO]

    # Its rules stood beside its code, and were later replaced there. Later versions pool here.
    assert answer["method_used"] == "rule_based"
    assert answer["confidence"] == pytest.approx(0.789489, abs=1e-5)


CHECKOUT = """
import onnxruntime

class HybridClassifier:
    model_loaded = {loaded}

    def __init__(self, model, enable_caching):
        self.model = model

    def get_model_info(self):
        return {{"error": "no weights"}}

    def classify(self, path, method):
        kept = dict.fromkeys(("confidence", "probabilities", "prediction_set", "traits"))
        try:
            entry = "session.x64quantprecision"
            sums = onnxruntime.SessionOptions().get_session_config_entry(entry)
        except RuntimeError:
            sums = ""
        return {{"logo_type": f"{{self.model}} {{path}}", "method_used": method + sums, **kept}}
"""


def answer_in(folder: Path, home: str, exact: bool, loaded: bool = True) -> Any:
    """Return what the script says in a checkout whose public class stands in `home`."""
    package = folder.joinpath(*home.split("."))
    package.mkdir(parents=True)
    for part in [package, *package.parents[: len(home.split(".")) - 1]]:
        (part / "__init__.py").touch()
    (package / "__init__.py").write_text(CHECKOUT.format(loaded=loaded))
    request = {"model": "m", "paths": ["a", "b"], "methods": ["auto"], "exact": exact}
    return subprocess.run(
        [sys.executable, "-P", str(answering.__file__)],
        check=False,
        cwd=folder,
        input=json.dumps(request),
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("home", answering.HOMES)
@pytest.mark.parametrize(("exact", "method"), [(True, "auto1"), (False, "auto")])
def test_checkouts_of_any_age_answer_with_the_sums_asked_for(
    tmp_path: Path, home: str, exact: bool, method: str
) -> None:
    done = answer_in(tmp_path, home, exact)

    answers = [json.loads(line)["auto"] for line in done.stdout.splitlines()]
    assert [answer["logo_type"] for answer in answers] == ["m a", "m b"]
    assert {answer["method_used"] for answer in answers} == {method}


def test_a_version_whose_network_does_not_load_answers_nothing(tmp_path: Path) -> None:
    done = answer_in(tmp_path, "logo_classifier", exact=True, loaded=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert "no network: no weights" in done.stderr


def test_a_version_that_cannot_answer_all_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ChildProcessError, match=r"answers 0 of 1 pictures"):
        ask(shipped().name, [tmp_path / "missing.png"])


@pytest.mark.parametrize(
    ("version", "said"), [("0.0.1", "git fetch --unshallow"), ("0.0.2", "neither in models/")]
)
def test_the_command_says_which_version_is_not_here(
    logos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, said: str
) -> None:
    monkeypatch.setattr(history, "commits", lambda: {"0.0.1": "0" * 40})
    words = ["--data", str(logos), "--out", str(tmp_path), "--versions", version]
    monkeypatch.setattr(sys, "argv", ["versions", *words])

    with pytest.raises(SystemExit, match=said):
        versions.main()

    assert not list(tmp_path.iterdir())


TRUTH = [Example(str(k), Path(), LogoType.TEXT, None, "bench", "", "") for k in range(12)]


def replies(right: list[bool]) -> list[dict[str, Any]]:
    return [
        {
            "logo_type": "text" if own else "simple",
            "confidence": 0.7,
            "probabilities": {"simple": 0.3, "text": 0.7, "gradient": 0.0, "complex": 0.0},
            "prediction_set": ["text"],
        }
        for own in right
    ]


def test_missing_pictures_are_told_before_any_version_is_asked(
    logos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "ask", lambda *_: pytest.fail("a version was asked"))
    (tmp_path / "labels.csv").write_bytes((logos / "labels.csv").read_bytes())

    with pytest.raises(FileNotFoundError, match="make dataset"):
        compare(tmp_path, [shipped().name], tmp_path / "out")


def test_pairs_count_what_only_one_gets_right_with_an_exact_p() -> None:
    newest, older = [True] * 10 + [False] * 2, [True] * 2 + [False] * 8 + [True, False]

    counts = pair(TRUTH, replies(newest), replies(older))

    assert counts == {
        "newest_alone": 8,
        "older_alone": 1,
        "p": pytest.approx(2 * (1 + 9) / 2**9),
    }
    assert pair(TRUTH, replies(newest), replies(newest))["p"] == 1


def test_the_table_has_a_column_a_version_and_a_row_a_score() -> None:
    given = {}
    for version, right in (("1.9.0", [True] * 9 + [False] * 3), ("1.10.0", [True] * 12)):
        by_id = dict(zip(map(str, range(12)), replies(right), strict=True))
        given[version] = dict.fromkeys(METHODS, by_id)

    code = {"1.9.0": "0123456789", "1.10.0": None}
    text = table({"code": code, "exact": True, "sets": {"bench": score(TRUTH, given)}})

    assert "| bench (12 logos) | 1.9.0 | 1.10.0 |\n|---|---|---|\n" in text
    assert "| routed, right | 75.0 % | 100.0 % |\n" in text
    assert "| network, newest : this | 3 : 0, p = 0.25 | - |\n" in text
    assert "| routed, recall of text | 0.750 | 1.000 |\n" in text
    assert "| routed, recall of complex | - | - |\n" in text
    assert "1.9.0 of 0123456, 1.10.0 of this checkout" in text
