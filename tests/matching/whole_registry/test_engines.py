"""What the engines find is what the registry's own keys and comparison find, and both engines find the same."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from contacts.normalisation.similarity import jaro_winkler
from matching.comparison import compare, identified, score
from matching.model_definition import SEED_MODEL, ModelDefinition
from matching.plan import Plan
from matching.whole_registry.finding import Match, Task, Workspace
from matching.whole_registry.parquet_material import ParquetMaterial
from matching.whole_registry.preparing import NotPrepared, _write
from matching.whole_registry.statements import Statement, asked_keys, stored_keys
from tests.matching.whole_registry.crowd import MODEL, statements
from tests.matching.whole_registry.engines import Made, find, found, prepared, running

SCOPE = 7
CAP = 100
Scored = dict[tuple[int, int], tuple[float, float]]


def by_hand(crowd: list[Statement], model: ModelDefinition) -> Scored:
    """Weight and score of every pair that shares a key, one asking, and reaches the review threshold."""
    plan = Plan.from_model(model)
    stored: dict[int, set[int]] = {}
    for each in crowd:
        stored.setdefault(each.owner, set()).update(stored_keys(each.facts, plan, SCOPE))
    asked = {each.number: set() if each.golden else set(asked_keys(each.facts, plan, SCOPE)) for each in crowd}
    scored = {}
    for one, other in combinations(crowd, 2):
        meet = asked[one.number] & stored[other.owner] or asked[other.number] & stored[one.owner]
        if one.owner != other.owner and meet and score(model, one.facts, other.facts) >= model.review_threshold:
            evidence = compare(model, one.facts, other.facts)
            scored[min(one.number, other.number), max(one.number, other.number)] = evidence.total, evidence.score
    return scored


def by_engine(space: Workspace) -> Scored:
    rows = [
        row
        for file in sorted((space.directory / "scored").rglob("*.parquet"))
        for row in pq.read_table(file).to_pylist()
    ]
    return {(row["statement_l"], row["statement_r"]): (row["match_weight"], row["score"]) for row in rows}


def assert_same(left: Scored, right: Scored) -> None:
    assert left.keys() == right.keys()
    for pair in left:
        assert left[pair] == pytest.approx(right[pair], abs=1e-6)


@pytest.mark.parametrize("model", [SEED_MODEL, MODEL], ids=["seed", "every kind of comparison"])
def test_every_pair_weighs_what_the_registrys_own_comparison_says(model: ModelDefinition, tmp_path: Path) -> None:
    crowd = statements(400)
    space, matches = found("duckdb", tmp_path, crowd, Task(model, SCOPE, CAP))
    expected = by_hand(crowd, model)
    assert len(expected) > 100
    assert_same(by_engine(space), expected)
    assert_best_of_each_two_customers(matches, crowd, expected, model)


def assert_best_of_each_two_customers(
    matches: list[Match], crowd: list[Statement], expected: Scored, model: ModelDefinition
) -> None:
    said = {each.number: each for each in crowd}
    best: dict[frozenset[str], float] = {}
    for (one, other), (_, value) in expected.items():
        two = frozenset({said[one].customer, said[other].customer})
        best[two] = max(best.get(two, 0.0), value)
    assert {frozenset({match.customer, match.other}): match.score for match in matches} == pytest.approx(best, abs=1e-6)
    assert [match.score for match in matches] == sorted((match.score for match in matches), reverse=True)
    for match in matches:
        asking, fitted = said[match.contact], said[match.against]
        assert (match.contact > 0, asking.customer, fitted.customer) == (True, match.customer, match.other)
        assert match.identified == identified(compare(model, asking.facts, fitted.facts))


def test_it_links_only_whom_nobody_else_resembles_as_much(tmp_path: Path) -> None:
    crowd = statements(400)
    _, matches = found("duckdb", tmp_path, crowd, Task(MODEL, SCOPE, CAP))
    scores: dict[str, list[float]] = {}
    for match in matches:
        scores.setdefault(match.customer, []).append(match.score)
        scores.setdefault(match.other, []).append(match.score)
    links = [match for match in matches if match.proposal == "link"]
    assert 0 < len(links) < len(matches)
    for match in matches:
        sure = match.score >= MODEL.match_threshold - 1e-9 and match.identified
        clear = [
            [value for value in scores[side] if value >= match.score - 1e-9] == [match.score]
            for side in (match.customer, match.other)
        ]
        if match.proposal == "link":
            assert sure
            assert clear[0], "the contact that asks fits nobody else as well"
        else:
            assert not (sure and any(clear)) or match.against < 0


def test_spark_finds_what_duckdb_finds(tmp_path: Path) -> None:
    crowd, task = statements(300), Task(MODEL, SCOPE, cap=5)
    on_duckdb, there = found("duckdb", tmp_path, crowd, task)
    on_spark, here = found("spark", tmp_path, crowd, task)
    assert len(there) > 100
    assert_same(by_engine(on_spark), by_engine(on_duckdb))
    assert here == there


def test_parts_change_nothing(tmp_path: Path) -> None:
    crowd = statements(300)
    _, at_once = found("duckdb", tmp_path / "one", crowd, Task(MODEL, SCOPE, CAP))
    _, in_parts = found("duckdb", tmp_path / "three", crowd, Task(MODEL, SCOPE, CAP, parts=3))
    assert in_parts == at_once


def test_parts_are_alike_though_ids_come_in_strides(tmp_path: Path) -> None:
    crowd = [each._replace(number=4 * each.number + 1_000_001) for each in statements(400) if not each.golden]
    task = Task(MODEL, SCOPE, CAP, parts=4)
    found("duckdb", tmp_path, crowd, task)
    parts = sorted((tmp_path / "duckdb" / "scored").iterdir())
    held = [sum(pq.read_table(file).num_rows for file in part.glob("*.parquet")) for part in parts]
    assert len(held) == task.parts
    assert 2 * min(held) > max(held) > 0


def test_what_was_broken_off_is_taken_up_where_it_stood(tmp_path: Path) -> None:
    task = Task(MODEL, SCOPE, CAP, parts=2)
    space, matches = found("duckdb", tmp_path, statements(200), task)
    (space.directory / "scored" / "part-00001" / "part-0.parquet").unlink()
    (space.directory / "scored" / "part-00001").rename(space.directory / "scored" / "part-00001.unfinished")
    kept = space.directory / "scored" / "part-00000" / "part-0.parquet"
    untouched = kept.stat().st_mtime_ns
    with running("duckdb", tmp_path / "again") as engine:
        compared = find(space, engine, task)
    assert compared > 0
    assert kept.stat().st_mtime_ns == untouched
    assert list(space.matches()) == matches


def test_another_model_does_not_take_up_what_one_has_left(tmp_path: Path) -> None:
    space = prepared(tmp_path / "kept", statements(20), Task(MODEL, SCOPE, CAP))
    with pytest.raises(NotPrepared):
        space.check(Task(SEED_MODEL, SCOPE, CAP))
    with pytest.raises(NotPrepared):
        prepared(tmp_path / "kept", statements(20), Task(SEED_MODEL, SCOPE, CAP))


def test_a_key_of_too_many_is_read_in_part_and_told(tmp_path: Path) -> None:
    task = Task(MODEL, SCOPE, cap=5)
    space = prepared(tmp_path / "kept", statements(300), task)
    with running("duckdb", tmp_path / "scratch") as engine:
        compared = find(space, engine, task)
        crowded = space.crowded(engine)
        held = {
            key: len({owner for owner, at in engine.rows("SELECT owner, key FROM stored") if at == key})
            for key in (each.key for each in crowded)
        }
        most = engine.rows("SELECT max(customers) FROM (SELECT count(*) AS customers FROM kept GROUP BY key) AS by_key")
    assert {each.key: each.customers for each in crowded} == held
    assert [each.customers for each in crowded] == sorted(held.values(), reverse=True)
    assert most == [(task.cap + 1,)]
    assert compared > 0


def test_many_ranges_in_parallel_are_prepared_like_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd, task = statements(120), Task(MODEL, SCOPE, CAP)
    whole = prepared(tmp_path / "whole", crowd, task)
    monkeypatch.setattr("matching.whole_registry.preparing.BATCH", 7)
    split = prepared(tmp_path / "split", crowd, task, rows=17)
    for table in ("statements", "asked", "stored"):
        assert len(list((split.directory / table).iterdir())) == -(-len(crowd) // 17)
        assert read(split, table).equals(read(whole, table))
    assert read_statements(split) == crowd


def read(space: Workspace, table: str) -> pa.Table:
    return pa.concat_tables(map(pq.read_table, sorted((space.directory / table).iterdir())))


def read_statements(space: Workspace) -> list[Statement]:
    material = ParquetMaterial(space.directory)
    with material.opened(material.cuts()) as ranges:
        return [each for statements in ranges for each in statements]


class Broken(Exception):
    pass


class CutAlready(Made):
    def cuts(self) -> list[str]:
        raise Broken


def test_ranges_that_are_there_are_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.whole_registry.preparing.os.cpu_count", lambda: 1)
    crowd, task, space = statements(100), Task(MODEL, SCOPE, CAP), Workspace(tmp_path / "broken off")

    def break_off(done: int, ranges: int) -> None:
        if done == 2:
            raise Broken

    with pytest.raises(Broken):
        space.prepare(Made(crowd, rows=30), task, report=break_off)
    with pytest.raises(NotPrepared):
        space.check(task)
    there = {file: file.stat().st_mtime_ns for file in (space.directory / "statements").iterdir()}
    told: list[tuple[int, int]] = []
    space.prepare(CutAlready(crowd, rows=30), task, report=lambda done, ranges: told.append((done, ranges)))
    ranges = -(-len(crowd) // 30)
    assert told == [(done, ranges) for done in range(3, ranges + 1)]
    assert len(there) == 2
    assert all(file.stat().st_mtime_ns == before for file, before in there.items())
    assert read_statements(space) == crowd
    assert not (space.directory / "unfinished").exists()


def test_a_range_that_was_broken_off_is_not_taken_for_one(tmp_path: Path) -> None:
    def half() -> Iterator[Statement]:
        yield from statements(10)
        raise Broken

    with pytest.raises(Broken):
        _write((0, half()), into=ready(tmp_path), model=MODEL, scope=SCOPE)
    assert [file for table in ("statements", "asked", "stored") for file in (tmp_path / table).iterdir()] == []


def ready(directory: Path) -> Path:
    for table in ("statements", "asked", "stored"):
        (directory / table).mkdir()
    return directory


def test_other_statements_are_not_mixed_with_those_that_are_there(tmp_path: Path) -> None:
    space = prepared(tmp_path / "kept", statements(20), Task(MODEL, SCOPE, CAP))
    with pytest.raises(NotPrepared, match="other statements"):
        space.prepare(Made([], name="others"), Task(MODEL, SCOPE, CAP), report=lambda *_: None)


def test_duckdb_rules_out_nothing_that_the_registry_calls_similar(tmp_path: Path) -> None:
    rng = Random(3)
    alphabets = ("ab", "abcdefgh '-", "aé1ß", "abcdefghijklmnopqrstuvwxyz 0123456789")
    values = [
        "".join(rng.choice(letters) for _ in range(rng.randint(1, most)))
        for letters in alphabets
        for most in (4, 12, 90)
        for _ in range(25)
    ]
    pairs = [(a, b) for a in values for b in values]
    told = pa.table({"a": [a for a, _ in pairs], "b": [b for _, b in pairs]})
    with running("duckdb", tmp_path / "scratch") as engine:
        pq.write_table(told, tmp_path / "told.parquet")
        engine.read("told", tmp_path)
        for least in (0.7, 0.85, 0.95):
            asked = f"SELECT DISTINCT a, b FROM told WHERE {engine.similar('a', 'b', least - 1e-9)}"
            kept = set(engine.rows(asked))
            similar = {(a, b) for a, b in pairs if jaro_winkler(a, b) >= least}
            assert len(similar) > 200
            assert similar <= kept
            assert {(a, b) for a, b in kept - similar if (a + b).isascii()} == set()


@pytest.mark.parametrize("model", [SEED_MODEL, MODEL], ids=["seed", "every kind of comparison"])
def test_few_are_compared_by_the_registrys_own_similarity(model: ModelDefinition, tmp_path: Path) -> None:
    space = prepared(tmp_path / "kept", statements(300), Task(model, SCOPE, CAP))
    with running("duckdb", tmp_path / "scratch") as engine:
        compared = find(space, engine, Task(model, SCOPE, CAP))
        assert len(by_engine(space)) <= engine.count("promising") < compared / 2
