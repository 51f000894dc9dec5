"""Which records a request must read so that no pair that can reach the review threshold is overlooked. Pure: no Django.

On the normalised scale a pair's score is r(A) / r(S ∪ T). S and T are the fields that the incoming and the existing
record have, A, a part of S ∩ T, the fields that agree, and r sums the spans (agreement weight minus disagreement
weight) of a set of fields. Only some A reach the review threshold. For each of them the plan chooses a *family*: a few
fields of A that, agreeing together, leave few records to read. E-mail and phone stand alone and are found through the
contacts' own indexes; any other family is stored as hashed keys, one row a key.

Two economies keep the rows few and the blocks small, and lose nothing:

- A record with the fields T is stored under a family only if some A within T reaches the threshold against r(T), the
  best that any partner can offer it. A complete record is stored under no name key: without its e-mail or its phone
  agreeing it can reach nothing.
- A hashed key includes which of the *gates* (fields that suffice alone) the stored record has, and a request reads
  only those combinations that can reach the threshold with it. A request that has a name and an address only reads
  names of records without an e-mail, not every John Smith.

For exactly compared fields the plan is lossless (tests/matching/test_plan.py proves it against brute force). For
similar values it is as good as `key_recipes`, which is measured.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any, NamedTuple

from contacts.record import Facts
from matching.key_recipes import Recipe, filled, pieces_of, recipes, whole
from matching.model_definition import ADDRESS, Comparison, ModelDefinition, value_reader

COLUMNS = ("email", "phone")
# An exact field, or several, that agree by chance this rarely need no help of similar values.
SELECTIVE = 1e-3
# With similar values in the family: some ten records in ten million, before the recipes' loss of sharpness.
SELECTIVE_SIMILAR = 1e-6
# Against the rounding of sums of weights: a pair exactly at the threshold must not be lost.
_ROUNDING = 1e-9

# A set of fields, as bits in the order of the model's comparisons.
Fields = int


class Key(NamedTuple):
    """One entry of the key index: a stable signed 64-bit hash, and what it was made of, for people.

    `sure`: of one exact value that leaves few records to read, as an e-mail does.
    """

    value: int
    label: str
    sure: bool = False


@dataclass(frozen=True, slots=True)
class MatchKeys:
    """What one request reads: contacts with this e-mail, with this phone (empty: not looked for), with these keys."""

    email: str
    phone: str
    hashed: tuple[Key, ...]


class BothKeys(NamedTuple):
    """The values of the hashed keys to look a record up by, and of those to store it under.

    `known_as`: of those to look up the rest of Key.
    """

    asked: tuple[int, ...]
    stored: tuple[int, ...]
    known_as: tuple[tuple[str, bool], ...]

    @property
    def hashed(self) -> tuple[Key, ...]:
        return tuple(Key(value, *rest) for value, rest in zip(self.asked, self.known_as, strict=True))


_NO_KEYS = BothKeys((), (), ())


# Of the recipes that a record has all pieces of: the number, and the pieces.
Filled = list[tuple[str, tuple[str, ...]]]


@dataclass(frozen=True, eq=False)
class Family:
    """Fields that together are worth looking up, and how their keys are made. A plan has one object for each."""

    fields: Fields
    members: tuple[Comparison, ...]

    @cached_property
    def name(self) -> str:
        return "+".join(comparison.field for comparison in self.members)

    @cached_property
    def column(self) -> str:
        """`email` or `phone` where the contacts' own index answers, else empty."""
        return self.members[0].field if len(self.members) == 1 and _in_column(self.members[0]) else ""

    @cached_property
    def recipes(self) -> list[Recipe]:
        exact = tuple(whole(value_reader(c.field)) for c in self.members if c.exact)
        fuzzy = [c for c in self.members if not c.exact]
        return [exact + recipe for recipe in recipes(fuzzy)] if fuzzy else [exact]

    @cached_property
    def sure(self) -> bool:
        """Whether it is of one field that suffices by itself."""
        return len(self.members) == 1 and _suffices(self.members[0])

    @property
    def shape(self) -> object:
        """What its keys depend on beside the facts: the fields, which of them are exact, which of them are read."""
        fuzzy = [c for c in self.members if not c.exact]
        return tuple((c.field, c.exact) for c in self.members), tuple(c.field for c in pieces_of(fuzzy))

    @cached_property
    def numbered_recipes(self) -> list[tuple[str, Recipe]]:
        return [(str(number), recipe) for number, recipe in enumerate(self.recipes)]

    def filled(self, facts: Facts) -> Filled:
        return [(number, pieces) for number, recipe in self.numbered_recipes for pieces in filled(recipe, facts)]

    def keys(self, filled_in: Filled, gates: Fields, scope: int) -> Iterator[Key]:
        name, scoped, gated = self.name, str(scope), str(gates)
        for number, pieces in filled_in:
            yield Key(hashed((scoped, name, gated, number, *pieces)), f"{name}:{'+'.join(pieces)}", self.sure)


Read = tuple[frozenset[str], tuple[tuple[Family, Fields], ...]]


class Plan:
    """The candidate search of one model definition."""

    def __init__(self, model: ModelDefinition) -> None:
        self._model = model
        self._comparisons = model.comparisons
        self._threshold = model.review_threshold
        self._readers = [(1 << bit, _presence(each.field)) for bit, each in enumerate(model.comparisons)]
        self._gates = sum(1 << bit for bit, c in enumerate(model.comparisons) if _suffices(c))
        self._families: dict[Fields, Family] = {}
        self._lately: tuple[Facts, dict[Family, Filled]] | None = None
        # Per instance, so that a plan's tables go when the plan goes. Their size is bounded by 2^fields.
        self._span: Callable[[Fields], float] = lru_cache(maxsize=None)(self._summed_spans)
        self._family: Callable[[Fields], Family] = lru_cache(maxsize=None)(self._chosen)
        self._reach: Callable[[Fields], dict[Family, float]] = lru_cache(maxsize=None)(self._reachable)
        self._stored: Callable[[Fields], tuple[Family, ...]] = lru_cache(maxsize=None)(self._stored_under)
        self._read: Callable[[Fields], Read] = lru_cache(maxsize=None)(self._read_by)

    @classmethod
    def from_model(cls, model: ModelDefinition) -> Plan:
        """The plan of a definition; the same object for the same definition."""
        return _plan(model)

    def __reduce__(self) -> tuple[Any, ...]:
        """To other processes it goes as what it is made from."""
        return _plan, (self._model,)

    def both_keys(self, facts: Facts, scope: int) -> BothKeys:
        """The hashed ones of `lookup_keys`, and the values of `index_keys`. Complete records have neither."""
        present = self._present(facts)
        asked, stored = self._read(present)[1], self._stored(present)
        if not asked and not stored:
            return _NO_KEYS
        filled_in = self._filled_in(facts)
        gates = present & self._gates
        to_store = _keys([(family, gates) for family in stored], facts, scope, filled_in)
        return _both(_keys(asked, facts, scope, filled_in), to_store)

    def index_keys(self, facts: Facts, scope: int = 0) -> tuple[Key, ...]:
        """The hashed keys to store a record under. `scope` separates tenants: keys of two scopes never meet."""
        present = self._present(facts)
        families = self._stored(present)
        if not families:
            return ()
        gates = present & self._gates
        return _keys([(family, gates) for family in families], facts, scope, self._filled_in(facts))

    def lookup_keys(self, facts: Facts, scope: int = 0) -> MatchKeys:
        """What a request with these facts must read."""
        columns, families = self._read(self._present(facts))
        return MatchKeys(
            email=facts.email if "email" in columns else "",
            phone=facts.phone if "phone" in columns else "",
            hashed=_keys(families, facts, scope, self._filled_in(facts)) if families else (),
        )

    def _filled_in(self, facts: Facts) -> dict[Family, Filled]:
        """What was worked out of these very facts so far: a request asks for keys of its record three times."""
        lately = self._lately
        if lately is None or lately[0] is not facts:
            lately = self._lately = facts, {}
        return lately[1]

    @property
    def storage(self) -> object:
        """Equal for two plans that store every record under the same keys."""
        patterns = range(1, 1 << len(self._comparisons))
        stored = tuple(tuple(family.shape for family in self._stored(present)) for present in patterns)
        return tuple(comparison.field for comparison in self._comparisons), self._gates, stored

    def describe(self) -> list[str]:
        """The families in words, those found by a column first."""
        families = {self._family(agreeing) for agreeing in range(1, 1 << len(self._comparisons))}
        ordered = sorted(families, key=lambda family: (not family.column, -len(family.members), family.fields))
        return [self._described(family) for family in ordered]

    def _present(self, facts: Facts) -> Fields:
        present = 0
        for bit, read in self._readers:
            if read(facts):
                present |= bit
        return present

    def _summed_spans(self, fields: Fields) -> float:
        return sum(comparison.span for comparison in self._members(fields))

    def _members(self, fields: Fields) -> tuple[Comparison, ...]:
        return tuple(comparison for bit, comparison in enumerate(self._comparisons) if fields >> bit & 1)

    def _reaches(self, span: float, either: Fields) -> bool:
        return span >= self._threshold * self._span(either) - _ROUNDING

    def _chosen(self, agreeing: Fields) -> Family:
        """The family that stands for these agreeing fields: rare exact ones if they suffice, else similar ones too."""
        chosen = _rare_enough(sorted(self._members(agreeing), key=_preference))
        bits = sum(1 << bit for bit, comparison in enumerate(self._comparisons) if comparison in chosen)
        return self._families.setdefault(bits, Family(bits, self._members(bits)))

    def _reachable(self, shared: Fields) -> dict[Family, float]:
        """For every family the most bits that fields agreeing within `shared` can put on the scale, standing for it."""
        best: dict[Family, float] = {}
        for agreeing in _subsets(shared):
            family = self._family(agreeing)
            best[family] = max(best.get(family, 0.0), self._span(agreeing))
        return best

    def _stored_under(self, present: Fields) -> tuple[Family, ...]:
        # The partner that asks least of the record has no field that the record lacks.
        reach = self._reach(present).items()
        return tuple(family for family, span in reach if not family.column and self._reaches(span, present))

    def _read_by(self, present: Fields) -> Read:
        """The columns to look in; other families to look up, each with the gates of the stored records that matter."""
        read = []
        for gates in (0, *_subsets(self._gates)):
            # The best stored record with these gates has, of the other fields, those that the request has.
            existing = gates | (present & ~self._gates)
            reach = self._reach(present & existing).items()
            read += [(family, gates) for family, span in reach if self._reaches(span, present | existing)]
        columns = frozenset(family.column for family, _ in read if family.column)
        return columns, tuple((family, gates) for family, gates in read if not family.column)

    def _described(self, family: Family) -> str:
        labels = " and ".join(f"{'same' if c.exact else 'similar'} {c.label}" for c in family.members)
        if family.column:
            return f"{labels}: found by the contacts' own index of that field"
        return f"{labels}: {_counted(len(family.recipes), 'key')}, stored for {self._population(family)}"

    def _population(self, family: Family) -> str:
        patterns = range(1, 1 << len(self._comparisons))
        stored = sorted({present & self._gates for present in patterns if family in self._stored(present)})
        return " or ".join(self._having(gates) for gates in stored)

    def _having(self, gates: Fields) -> str:
        having = " and ".join(comparison.label for comparison in self._members(gates))
        lacking = " or ".join(comparison.label for comparison in self._members(self._gates & ~gates))
        told = [f"with {having}" if having else "", f"without {lacking}" if lacking else ""]
        return " ".join(part for part in ("records", *told) if part)


class WidePlan(Plan):
    """A plan that stores records under the keys of another one as well, while one gives way to the other."""

    def __init__(self, model: ModelDefinition, also: ModelDefinition) -> None:
        super().__init__(model)
        self._also = Plan.from_model(also)

    def __reduce__(self) -> tuple[Any, ...]:
        return WidePlan, (self._model, self._also._model)

    def both_keys(self, facts: Facts, scope: int) -> BothKeys:
        return _both(self.lookup_keys(facts, scope).hashed, self.index_keys(facts, scope))

    def index_keys(self, facts: Facts, scope: int = 0) -> tuple[Key, ...]:
        return _distinct(chain(super().index_keys(facts, scope), self._also.index_keys(facts, scope)))


@lru_cache(maxsize=64)
def _plan(model: ModelDefinition) -> Plan:
    return Plan(model)


def _presence(field: str) -> Callable[[Facts], object]:
    """Whether a record has a compared field: as truth, without putting an address together."""
    return _has_address if field == ADDRESS else value_reader(field)


def _has_address(facts: Facts) -> str:
    return facts.street or facts.city or facts.state or facts.zip


def _in_column(comparison: Comparison) -> bool:
    return comparison.exact and comparison.field in COLUMNS


def _suffices(comparison: Comparison) -> bool:
    """Whether agreement of this field alone leaves few records to read."""
    return _in_column(comparison) or (comparison.exact and comparison.u <= SELECTIVE)


def _preference(comparison: Comparison) -> tuple[bool, bool, float, str]:
    """Columns first, they cost no rows; then exact before similar, rare before frequent."""
    return (not _in_column(comparison), not comparison.exact, comparison.u, comparison.field)


def _rare_enough(preferred: Sequence[Comparison]) -> list[Comparison]:
    chosen: list[Comparison] = []
    by_chance = 1.0
    for comparison in preferred:
        chosen.append(comparison)
        by_chance *= comparison.u
        if len(chosen) == 1 and _suffices(comparison):
            break
        if by_chance <= (SELECTIVE if comparison.exact else SELECTIVE_SIMILAR):
            break
    return chosen


def _subsets(fields: Fields) -> Iterator[Fields]:
    """All parts of a set but the empty one, the set itself first."""
    part = fields
    while part:
        yield part
        part = (part - 1) & fields


def hashed(parts: Sequence[str]) -> int:
    """The signed 64-bit number of a key made of these parts."""
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _keys(
    families: Iterable[tuple[Family, Fields]], facts: Facts, scope: int, filled_in: dict[Family, Filled]
) -> tuple[Key, ...]:
    """Under these families, each with gates. What is worked out of the record is kept in `filled_in`."""
    keys: dict[Key, None] = {}
    for family, gates in families:
        if family not in filled_in:
            filled_in[family] = family.filled(facts)
        keys.update(dict.fromkeys(family.keys(filled_in[family], gates, scope)))
    return tuple(keys)


def _both(to_ask: Iterable[Key], to_store: Iterable[Key]) -> BothKeys:
    asked = tuple(to_ask)
    return BothKeys(
        tuple(key.value for key in asked),
        tuple(key.value for key in to_store),
        tuple((key.label, key.sure) for key in asked),
    )


def _distinct(keys: Iterator[Key]) -> tuple[Key, ...]:
    return tuple(dict.fromkeys(keys))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
