"""Every example of docs/api.md, sent to a server in the order of the page; what comes back is what the page shows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from contacts.models import Contact
from tests.docs import guide
from tests.docs.sameness import Ids
from tests.jobs import work

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
PAGES_REGISTRY = "http://127.0.0.1:8000"
COMMAND = re.compile(r"\$\(\.venv/bin/python manage\.py (.*)\)", re.DOTALL)


class Reader:
    """Somebody who types what the page says, with the ids of their own registry in place of the page's."""

    def __init__(self, registry: str) -> None:
        self.registry = registry
        self.ids = Ids()
        self.variables: dict[str, str] = {}
        self.answered = 0

    def follow(self, blocks: list[guide.Block]) -> None:
        for place, block in enumerate(blocks):
            if block.language == "sh":
                shown = next((after for after in blocks[place + 1 : place + 2] if after.language == "http"), None)
                self._type(block, shown)

    def _type(self, block: guide.Block, shown: guide.Block | None) -> None:
        for statement in guide.statements(block):
            assigned = guide.assignment(statement)
            if assigned is not None:
                self._assign(*assigned)
            else:
                assert shown is not None, f"line {block.line}: no answer is shown"
                self._call(guide.curl(statement, self.variables), shown)

    def _assign(self, name: str, value: str) -> None:
        command = COMMAND.fullmatch(value)
        if command:
            printed = StringIO()
            call_command(*guide.words(command[1]), stdout=printed)
            self.variables[name] = printed.getvalue().strip()
        else:
            self.variables[name] = self.ids.actual(value).replace(PAGES_REGISTRY, self.registry)

    def _call(self, request: guide.Request, block: guide.Block) -> None:
        shown, actual = guide.answer(block), request.send()
        told = f"line {block.line}: {request.method} {request.address} answered {actual.status} {actual.body}"
        assert shown.status == actual.status, told
        headers = {name: actual.headers[name].replace(self.registry, PAGES_REGISTRY) for name in shown.headers}
        self.ids.compare(dict(shown.headers), headers, f"line {block.line}: headers")
        self.ids.compare(shown.body, actual.body, f"line {block.line}: answer")
        self.answered += 1
        work("indexes")  # done by the next example; an import, of which the page tells how it is stopped, is not


@pytest.fixture
def reader(registry: str) -> Reader:
    found = Reader(registry)
    found.follow(list(guide.blocks(PAGE)))
    return found


def test_every_example_is_answered_as_the_page_shows(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reader.answered == PAGE.read_text().count("\ncurl ") > 30
    _check_follower(reader.registry, tmp_path, monkeypatch)


def _check_follower(registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program of the page keeps a copy of who holds which alias: the same as the registry's own."""
    [program] = [block.text for block in guide.blocks(PAGE) if block.language == "python"]
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(program.replace(PAGES_REGISTRY, registry), names)  # noqa: S102  # the page's own program
    with pytest.raises(Idle):
        names["follow"](pause=_stop)
    expected: dict[str, list[int]] = defaultdict(list)
    for customer, alias in Contact.objects.live().order_by("pk").values_list("customer_id", "pk"):
        expected[str(customer)].append(alias)
    assert names["aliases"] == expected
    _check_nothing_is_applied_twice(names["follow"], names["aliases"])


def _check_nothing_is_applied_twice(follow: Callable[..., None], aliases: dict[str, list[int]]) -> None:
    aliases.clear()
    with pytest.raises(Idle):
        follow(pause=_stop)
    assert not aliases


class Idle(Exception):
    """The program has read all there is."""


def _stop(seconds: float) -> None:
    raise Idle
