"""Whether an answer is the one a page shows, whatever ids and times it happens to have."""

from __future__ import annotations

import re
from typing import Any

import pytest

ELIDED = "…"
# Integers from here on are ids on the page; counts and versions there are smaller.
LEAST_ID = 1000

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class Ids:
    """Which actual id each id of the page stands for: always the same one, and a UUID for no two of them."""

    def __init__(self) -> None:
        self.uuids: dict[str, str] = {}
        self.numbers: dict[int, int] = {}

    def actual(self, shown: str) -> str:
        """What a reader would have in place of this text of the page."""
        if shown.isdigit() and int(shown) >= LEAST_ID:
            return str(self.numbers[int(shown)])
        return _UUID.sub(lambda found: self.uuids[found[0]], shown)

    def compare(self, shown: Any, actual: Any, at: str = "answer") -> None:
        """Raises AssertionError at the first difference."""
        match shown:
            case dict():
                self._objects(shown, actual, at)
            case list():
                self._lists(shown, actual, at)
            case str():
                self._texts(shown, actual, at)
            case int() if not isinstance(shown, bool) and shown >= LEAST_ID:
                assert isinstance(actual, int), f"{at}: {actual!r} is no id"
                assert self.numbers.setdefault(shown, actual) == actual, f"{at}: {shown} was another id before"
            case float():
                assert actual == pytest.approx(shown, abs=1e-9), at
            case _:
                assert shown == actual, f"{at}: the page says {shown!r}, the registry {actual!r}"

    def _objects(self, shown: dict[str, Any], actual: Any, at: str) -> None:
        assert isinstance(actual, dict), f"{at}: no object but {actual!r}"
        elided = ELIDED in shown
        known = {self._name(name, actual): value for name, value in shown.items() if name != ELIDED}
        missing, further = known.keys() - actual.keys(), actual.keys() - known.keys()
        assert not missing, f"{at}: the registry does not answer {sorted(missing)}"
        assert elided or not further, f"{at}: the page lacks {sorted(further)}"
        for name, value in known.items():
            self.compare(value, actual[name], f"{at}.{name}")

    def _name(self, name: str, actual: dict[str, Any]) -> str:
        """A field's name; customers' ids are names, too, in what events tell."""
        if not _UUID.fullmatch(name):
            return name
        unknown = [each for each in actual if each not in self.uuids.values()]
        return self.uuids.setdefault(name, unknown[0]) if unknown else self.uuids[name]

    def _lists(self, shown: list[Any], actual: Any, at: str) -> None:
        assert isinstance(actual, list), f"{at}: no list but {actual!r}"
        told = [value for value in shown if value != ELIDED]
        assert len(told) == len(actual) or (len(told) < len(actual) and len(told) < len(shown)), f"{at}: {actual!r}"
        for place, value in enumerate(told):
            self.compare(value, actual[place], f"{at}[{place}]")

    def _texts(self, shown: str, actual: Any, at: str) -> None:
        assert isinstance(actual, str), f"{at}: no text but {actual!r}"
        if shown.endswith(ELIDED):
            actual, shown = actual[: len(shown) - 1], shown.removesuffix(ELIDED)
        if _TIME.fullmatch(shown) and _TIME.fullmatch(actual):
            return
        ours, theirs = _UUID.findall(shown), _UUID.findall(actual)
        assert _UUID.split(shown) == _UUID.split(actual), f"{at}: the page says {shown!r}, the registry {actual!r}"
        for one, other in zip(ours, theirs, strict=True):
            assert self.uuids.setdefault(one, other) == other, f"{at}: {one} was another id before"
        assert len(set(self.uuids.values())) == len(self.uuids), f"{at}: two ids of the page are one: {actual}"
