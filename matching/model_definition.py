"""What a match model says: which fields are compared, how, and from which score on a pair links or goes to a human.

The theory is Fellegi & Sunter, "A Theory for Record Linkage", Journal of the American Statistical Association 64
(1969). For every compared field, *m* is the probability that the field agrees when two records describe the same
somebody, *u* the probability that it agrees by coincidence. Agreement is worth log2(m / u) bits, disagreement
log2((1 - m) / (1 - u)) bits. Pure: no Django.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

from contacts.record import FIELDS, Facts

ADDRESS = "address_composite"
ATTRIBUTE_PREFIX = "attributes."
EXACT, JARO_WINKLER = "exact", "jaro_winkler"
COMPARATORS = (EXACT, JARO_WINKLER)
NORMALISED = "normalised"
SCALES = (NORMALISED,)
IDENTIFYING_FIELDS = frozenset({"email", "phone", "street", ADDRESS})


class InvalidModelError(ValueError):
    """A model definition that cannot be used; `errors` lists every reason."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = list(errors)


def address_line(facts: Facts) -> str:
    """Street, city, state and zip in one line, without those not known. The country is not part of it."""
    return " ".join(filter(None, (facts.street, facts.city, facts.state, facts.zip)))


def value_reader(field: str) -> Callable[[Facts], str]:
    """How to read a compared field from facts: a field of `Facts`, `address_composite` or `attributes.<name>`."""
    if field == ADDRESS:
        return address_line
    if field.startswith(ATTRIBUTE_PREFIX):
        name = field.removeprefix(ATTRIBUTE_PREFIX)
        return lambda facts: facts.attributes.get(name, "")
    return attrgetter(field)


@dataclass(frozen=True)
class Comparison:
    """How one field is compared: the values agree when their similarity, in 0..1, reaches the threshold.

    `unique` marks a custom attribute of which no two people share a value (a loyalty number).
    """

    field: str
    comparator: str
    m: float
    u: float
    threshold: float = 1.0
    unique: bool = False

    @cached_property
    def agreement_weight(self) -> float:
        """In bits, above 0."""
        return math.log2(self.m / self.u)

    @cached_property
    def disagreement_weight(self) -> float:
        """In bits, below 0."""
        return math.log2((1 - self.m) / (1 - self.u))

    @property
    def span(self) -> float:
        """Bits between disagreement and agreement: what the field can move a score by."""
        return self.agreement_weight - self.disagreement_weight

    @property
    def exact(self) -> bool:
        return self.comparator == EXACT

    @property
    def identifying(self) -> bool:
        """Whether the field can tell people apart. Names cannot, nor can a town or a date of birth."""
        return self.unique or self.field in IDENTIFYING_FIELDS

    @cached_property
    def label(self) -> str:
        """The field as a person calls it."""
        names = {"email": "e-mail", ADDRESS: "address"}
        return names.get(self.field, self.field.removeprefix(ATTRIBUTE_PREFIX).strip("_").replace("_", " "))

    def problems(self) -> Iterator[str]:
        if not _known_field(self.field):
            yield f"{self.field}: not a field that can be compared"
        if self.comparator not in COMPARATORS:
            yield f"{self.field}: comparator must be one of {', '.join(COMPARATORS)}"
        if not (_number(self.m) and 0 < self.m < 1):
            yield f"{self.field}: m must lie between 0 and 1"
        if not (_number(self.u) and 0 < self.u < 1):
            yield f"{self.field}: u must lie between 0 and 1"
        elif _number(self.m) and self.m <= self.u:
            yield f"{self.field}: m must be greater than u"
        if not (_number(self.threshold) and 0 < self.threshold <= 1):
            yield f"{self.field}: threshold must lie above 0 and not above 1"


@dataclass(frozen=True)
class ModelDefinition:
    """One version of a tenant's match model, as data.

    From `match_threshold` on a pair links by itself; from `review_threshold` on it is shown to a human. The scale
    `normalised` gives scores in 0..1: (total - minimum) / (maximum - minimum) in bits, over the fields that either
    side has.
    """

    comparisons: tuple[Comparison, ...]
    match_threshold: float = 0.95
    review_threshold: float = 0.70
    scale: str = NORMALISED

    def __post_init__(self) -> None:
        if errors := list(self._problems()):
            raise InvalidModelError(errors)

    def __hash__(self) -> int:
        """Worked out once: what follows from a definition is looked up by it for every pair."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.comparisons, self.match_threshold, self.review_threshold, self.scale))

    def _problems(self) -> Iterator[str]:
        if self.scale not in SCALES:
            yield f"scale must be one of {', '.join(SCALES)}"
        if not self.comparisons:
            yield "at least one field must be compared"
        for comparison in self.comparisons:
            yield from comparison.problems()
        fields = [comparison.field for comparison in self.comparisons]
        yield from (f"{field}: compared twice" for field in sorted({f for f in fields if fields.count(f) > 1}))
        thresholds = (self.review_threshold, self.match_threshold)
        if not (all(map(_number, thresholds)) and 0 < thresholds[0] <= thresholds[1] <= 1):
            yield "thresholds must satisfy 0 < review_threshold <= match_threshold <= 1"

    def to_dict(self) -> dict[str, Any]:
        return {
            "scale": self.scale,
            "match_threshold": self.match_threshold,
            "review_threshold": self.review_threshold,
            "comparisons": [asdict(comparison) for comparison in self.comparisons],
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> ModelDefinition:
        """Raises InvalidModelError with everything that is wrong."""
        rows = stored.get("comparisons") if isinstance(stored, Mapping) else None
        if not isinstance(rows, list | tuple):
            raise InvalidModelError(["comparisons must be a list"])
        if errors := [error for position, row in enumerate(rows) for error in _shape_problems(position, row)]:
            raise InvalidModelError(errors)
        known = {key: stored[key] for key in ("scale", "match_threshold", "review_threshold") if key in stored}
        return cls(comparisons=tuple(Comparison(**row) for row in rows), **known)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _known_field(field: Any) -> bool:
    if not isinstance(field, str):
        return False
    named_attribute = field.startswith(ATTRIBUTE_PREFIX) and field != ATTRIBUTE_PREFIX
    return field in FIELDS or field == ADDRESS or named_attribute


def _shape_problems(position: int, row: Any) -> Iterator[str]:
    required, optional = {"field", "comparator", "m", "u"}, {"threshold", "unique"}
    if not isinstance(row, Mapping):
        yield f"comparisons[{position}] must be an object"
        return
    yield from (f"comparisons[{position}].{key} is required" for key in sorted(required - set(row)))
    yield from (f"comparisons[{position}].{key} is not known" for key in sorted(set(row) - required - optional))


SEED_MODEL = ModelDefinition(
    comparisons=(
        Comparison("first_name", JARO_WINKLER, m=0.95, u=0.005, threshold=0.85),
        Comparison("last_name", JARO_WINKLER, m=0.95, u=0.002, threshold=0.85),
        Comparison("email", EXACT, m=0.90, u=0.0001),
        Comparison("phone", EXACT, m=0.85, u=0.0005),
        Comparison(ADDRESS, JARO_WINKLER, m=0.80, u=0.005, threshold=0.80),
    ),
)
