"""The rules of the house that import contracts cannot see: the other ways up, the sizes, who writes."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Field, ForeignObject, ForeignObjectRel

ROOT = Path(settings.BASE_DIR)
FLOORS = ("sources", "contacts", "matching", "imports", "review", "identity")  # lowest first
LONGEST_FILE = 400  # lines
LONGEST_FUNCTION = 75
RELATIONS = {"ForeignKey", "OneToOneField", "ManyToManyField"}
SIGNALS = ("django.dispatch", "django.db.models.signals", "django.core.signals", "django.db.backends.signals")
# Where Django's own are told to hear less.
SILENCING = {"wsgi.py"}
# What the edge itself keeps: the answers it gave, so that a repeated request gets the same one.
EDGE_OWN_RECORDS = {"idempotency.py"}
WRITING = {"save", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
FORBIDDEN_NAMES = {"utils", "util", "helper", "helpers", "manager", "managers", "handler", "handlers", "misc", "common"}


def modules(floor: str, *, migrations: bool = False) -> list[Path]:
    return [path for path in sorted((ROOT / floor).rglob("*.py")) if migrations or "migrations" not in path.parts]


def everything() -> list[Path]:
    return [path for floor in FLOORS for path in modules(floor)] + sorted((ROOT / "tests").rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the last part of the name of what it calls."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            called = node.func
            yield (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")), node


def text_of(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def is_above(other: str, floor: str) -> bool:
    return other in FLOORS and FLOORS.index(other) > FLOORS.index(floor)


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


@pytest.mark.parametrize("floor", FLOORS)
def test_it_points_to_no_higher_model_by_name(floor: str) -> None:
    found = [
        place(path, call)
        for path in modules(floor, migrations=True)
        for name, call in calls(path)
        if name in RELATIONS
        for pointed in [*call.args[:1], *(word.value for word in call.keywords if word.arg == "to")]
        if is_above(text_of(pointed).partition(".")[0], floor)
    ]
    assert not found


@pytest.mark.parametrize("floor", FLOORS)
def test_it_fetches_no_model_by_name(floor: str) -> None:
    found = [place(path, call) for path in modules(floor) for name, call in calls(path) if name == "get_model"]
    assert not found


@pytest.mark.parametrize("floor", FLOORS)
def test_its_migrations_depend_on_nothing_above(floor: str) -> None:
    found = [
        place(path, node)
        for path in sorted((ROOT / floor).glob("migrations/[0-9]*.py"))
        for node in dependencies(path)
        if is_above(text_of(node.elts[0]), floor)
    ]
    assert not found


def dependencies(migration: Path) -> Iterator[ast.Tuple]:
    for node in ast.walk(tree(migration)):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "dependencies":
            yield from (entry for entry in ast.walk(node.value) if isinstance(entry, ast.Tuple))


@pytest.mark.parametrize("floor", FLOORS)
def test_it_sends_and_hears_no_signals(floor: str) -> None:
    found = [
        place(path, node)
        for path in modules(floor)
        if path.name not in SILENCING
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None) or "", *(f"{_module(node)}{alias.name}" for alias in node.names)]
        if name.startswith(SIGNALS)
    ]
    assert not found


def _module(node: ast.Import | ast.ImportFrom) -> str:
    return f"{node.module}." if isinstance(node, ast.ImportFrom) and node.module else ""


def reverse_names(floor: str) -> set[str]:
    """The names by which this floor's models could reach rows of the models above them."""
    relations = [field for model in apps.get_app_config(floor).get_models() for field in model._meta.get_fields()]
    from_above = {
        relation.get_accessor_name()
        for relation in relations
        if isinstance(relation, ForeignObjectRel) and is_above(relation.related_model._meta.app_label, floor)
    }
    own = {
        field.name
        for lower in FLOORS[: FLOORS.index(floor) + 1]
        for model in apps.get_app_config(lower).get_models()
        for field in model._meta.get_fields()
        if isinstance(field, Field | ForeignObject)
    }
    return {name for name in from_above if name} - own


@pytest.mark.parametrize("floor", FLOORS[:-1])
def test_it_reaches_no_higher_rows_by_a_reverse_name(floor: str) -> None:
    names = reverse_names(floor)
    assert names or floor not in ("sources", "contacts")  # else this test looks for nothing
    found = []
    for path in modules(floor):
        for node in ast.walk(tree(path)):
            said = node.attr if isinstance(node, ast.Attribute) else text_of(node) if isinstance(node, ast.expr) else ""
            if said in names or ("__" in said and said.partition("__")[0] in names):
                found.append(f"{place(path, node)}: {said}")
    assert not found


def test_it_keeps_files_short() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in everything()}
    assert not [f"{path.relative_to(ROOT)}: {lines}" for path, lines in lengths.items() if lines > LONGEST_FILE]


def functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef, int]]:
    for path in everything():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node, (node.end_lineno or node.lineno) - node.lineno + 1


def test_it_keeps_functions_short() -> None:
    assert not [f"{place(path, node)}: {lines}" for path, node, lines in functions() if lines > LONGEST_FUNCTION]


def test_nine_functions_in_ten_fit_in_thirty_lines() -> None:
    lengths = sorted(lines for path, _, lines in functions() if "tests" not in path.parts)
    assert lengths[len(lengths) * 9 // 10] <= 30


def test_it_calls_no_file_by_a_name_that_says_nothing() -> None:
    assert not [path for path in everything() if path.stem in FORBIDDEN_NAMES]


def test_the_api_writes_through_verbs_only() -> None:
    found = [
        place(path, call)
        for path in modules("identity")
        if "api" in path.parts and path.name not in EDGE_OWN_RECORDS
        for name, call in calls(path)
        if name in WRITING or (name in ("create", "delete", "update") and "objects" in ast.unparse(call.func))
    ]
    assert not found


def test_the_api_opens_no_transaction() -> None:
    found = [
        place(path, call)
        for path in modules("identity")
        if "api" in path.parts
        for name, call in calls(path)
        if name == "atomic"
    ]
    assert not found
    assert settings.DATABASES["default"]["ATOMIC_REQUESTS"] is False


def test_the_lock_order_is_written_down() -> None:
    order = importlib.import_module("matching.locks").__doc__ or ""
    steps = [order.find(step) for step in ("1. Advisory", "2. Live customers", "3. Contacts", "4. candidate pairs")]
    assert -1 not in steps
    assert steps == sorted(steps)
    assert "id order" in order


def test_customers_are_locked_in_one_place() -> None:
    """A second way to lock customers would be a second order."""
    found = [
        place(path, call)
        for floor in FLOORS
        for path in modules(floor)
        for name, call in calls(path)
        if name == "select_for_update" and "Customer" in ast.unparse(call) and path.name != "locks.py"
    ]
    assert not found
