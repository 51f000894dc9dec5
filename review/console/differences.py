"""How two values stand to each other, told by sign and word, and which characters make the difference. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from matching.evidence import AGREES, DISAGREES, FieldEvidence

SAME, CLOSE, DIFFERS, UNKNOWN = "same", "close", "differs", "unknown"
# Below this share of common characters, two values differ as a whole: marking single characters would only be noise.
RELATED = 0.55


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a value; `marked` where the other value has something else."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Relation:
    """`kind` is one of SAME, CLOSE, DIFFERS, UNKNOWN; `words` say it to people."""

    kind: str
    words: str


def relation(field: FieldEvidence) -> Relation:
    """As the model judged a field."""
    if field.level == AGREES and field.similarity == 1.0:
        return Relation(SAME, "same")
    if field.level == AGREES:
        return Relation(CLOSE, f"close {field.similarity:.2f}")
    if field.level == DISAGREES:
        return Relation(DIFFERS, "differs")
    return Relation(UNKNOWN, "not known")


def plain_relation(left: str, right: str) -> Relation:
    """Of two values that no model compares."""
    if not left or not right:
        return Relation(UNKNOWN, "not known")
    if left.casefold() == right.casefold():
        return Relation(SAME, "same")
    return Relation(CLOSE, "close") if _matcher(left, right).ratio() >= 0.8 else Relation(DIFFERS, "differs")


def pieces(left: str, right: str) -> tuple[list[Piece], list[Piece]]:
    """Both values in pieces. Without marks where one is empty, they are the same, or nothing much is common."""
    matcher = _matcher(left, right)
    if not left or not right or left == right or matcher.ratio() < RELATED:
        return _whole(left), _whole(right)
    codes = matcher.get_opcodes()
    ours = (Piece(left[a:b], tag != "equal") for tag, a, b, _, _ in codes)
    theirs = (Piece(right[a:b], tag != "equal") for tag, _, _, a, b in codes)
    return _filled(ours), _filled(theirs)


def _matcher(left: str, right: str) -> SequenceMatcher[str]:
    return SequenceMatcher(None, left.casefold(), right.casefold(), autojunk=False)


def _whole(text: str) -> list[Piece]:
    return [Piece(text, marked=False)] if text else []


def _filled(found: Iterator[Piece]) -> list[Piece]:
    return [piece for piece in found if piece.text]
