"""Reading the recorded vectors and the chosen deviations, and comparing one of them with the product."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contacts.normalisation.names import formal_name
from tests.reference_vectors.adapters import ADAPTERS

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Vector:
    """One recorded call of the reference program: function, arguments, output, and the file it is in."""

    file: str
    function: str
    arguments: list[Any]
    output: Any

    @property
    def key(self) -> str:
        return self.function + json.dumps(self.arguments, sort_keys=True)

    @property
    def reference(self) -> Any:
        """The recorded output, without what has no counterpart here."""
        if self.function == "generateSearchTokens":
            return sorted({token for token in self.output if token.startswith(("fn:", "ln:"))})
        if self.function in ("sanitizeCustomerInput", "sanitizeCustomerUpdate"):
            return _without_refused_remains(self.output)
        return self.output

    @property
    def ours(self) -> Any:
        return ADAPTERS[self.function](*self.arguments)

    def agrees(self) -> bool:
        ours, reference = self.ours, self.reference
        if self.function == "jaroWinkler":
            return abs(ours - reference) < 1e-9
        return type(ours) is type(reference) and ours == reference


def _without_refused_remains(output: dict[str, Any]) -> dict[str, Any]:
    """Of a refused body the errors alone; of an accepted one the first name as the program then stores it."""
    if output["errors"]:
        return {"errors": output["errors"]}
    sanitized = dict(output["sanitized"])
    if "first_name" in sanitized:
        sanitized["first_name"] = formal_name(sanitized["first_name"])
    return {"errors": [], "sanitized": sanitized}


def vectors() -> Iterator[Vector]:
    for path in sorted((FOLDER / "vectors").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line:
                recorded = json.loads(line)
                yield Vector(path.stem, recorded["fn"], recorded["input"], recorded["output"])


@dataclass(frozen=True)
class Deviation:
    """A vector the product answers differently on purpose: its own output, and why (keys of REASONS)."""

    key: str
    ours: Any
    reasons: tuple[str, ...]


def deviations() -> dict[str, Deviation]:
    lines = (FOLDER / "deviations.jsonl").read_text(encoding="utf-8").split("\n")
    listed = [json.loads(line) for line in lines if line]
    found = [
        Deviation(entry["fn"] + json.dumps(entry["input"], sort_keys=True), entry["ours"], tuple(entry["reasons"]))
        for entry in listed
    ]
    return {deviation.key: deviation for deviation in found}
