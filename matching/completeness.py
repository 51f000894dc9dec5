"""Whether candidate search overlooks anybody: what the planned keys find, next to reading the whole registry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from contacts.models import Contact, Customer
from contacts.record import Facts
from matching.active import ActiveModel, active_model
from matching.comparison import score
from matching.model_definition import ModelDefinition, value_reader
from matching.policies.probabilistic import likenesses
from matching.search import lookup_keys, neighbourhood
from sources.models import Tenant

Statement = tuple[UUID, Facts]
"""A live customer, and what one of its contacts, or its golden record, says."""

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Probe:
    """One record, looked up as if it were posted now.

    `read`: customers read for it, its own among them. `near`: other customers at or above the review threshold when
    every customer is compared. `missed`: those of them that the keys did not find.
    """

    contact: int
    read: int
    capped: tuple[str, ...]
    near: frozenset[UUID]
    missed: frozenset[UUID]


def probe(contacts: Sequence[Contact], *, tenant: Tenant) -> Iterator[Probe]:
    """Look each of these contacts up both ways. Reads the whole registry into memory."""
    model = active_model(tenant)
    everybody = list(statements(tenant))
    sieve = Sieve(model.definition, everybody)
    for contact in contacts:
        yield _probe(contact, sieve, tenant=tenant, model=model)


def _probe(contact: Contact, sieve: Sieve, *, tenant: Tenant, model: ActiveModel) -> Probe:
    facts, own = contact.facts, contact.customer_id
    known = neighbourhood(tenant=tenant, keys=lookup_keys(model.plan, facts, tenant=tenant))
    found = {fit.neighbour.customer_id for fit in likenesses(facts, known, model=model.definition)}
    near = frozenset(sieve.near(facts)) - {own}
    return Probe(contact.pk, len(known.neighbours), known.capped, near, near - found)


def statements(tenant: Tenant) -> Iterator[Statement]:
    """Everything a record can be compared with: all live contacts, and the golden records of those with several."""
    for contact in Contact.objects.of(tenant).live().iterator():
        yield contact.customer_id, contact.facts
    several = Customer.objects.of(tenant).live().annotate(held=Count("contacts")).filter(held__gt=1)
    for customer in several.iterator():
        yield customer.pk, customer.facts


class Sieve:
    """Comparison with everybody, sparing only those who could not reach the threshold whatever their names are.

    Exact fields are compared; similar ones are taken to agree wherever both sides have them. Who stays below the
    threshold even so is left out, everybody else is scored in full. Nothing is lost by it.
    """

    def __init__(self, model: ModelDefinition, everybody: Iterable[Statement]) -> None:
        self._model = model
        self._readers = [(value_reader(each.field), each) for each in model.comparisons]
        self._exact = [(read, each) for read, each in self._readers if each.exact]
        self._everybody = [
            (customer, facts, self._shape(facts), self._exact_values(facts)) for customer, facts in everybody
        ]

    def near(self, facts: Facts) -> set[UUID]:
        """The customers of which a statement scores at or above the review threshold with these facts."""
        shape, values = self._shape(facts), self._exact_values(facts)
        hopes: dict[tuple[Shape, Shape], bool] = {}
        found = set()
        for customer, other, their_shape, their_values in self._everybody:
            agree = tuple(
                position for position, value in enumerate(values) if value and value == their_values[position]
            )
            case = (their_shape, agree)
            if case not in hopes:
                hopes[case] = self._best(shape, their_shape, agree) >= self._model.review_threshold
            if hopes[case] and score(self._model, facts, other) >= self._model.review_threshold:
                found.add(customer)
        return found

    def _shape(self, facts: Facts) -> Shape:
        """Which of the compared fields there are, by position."""
        return tuple(position for position, (read, _) in enumerate(self._readers) if read(facts))

    def _exact_values(self, facts: Facts) -> tuple[str, ...]:
        return tuple(read(facts).casefold() for read, _ in self._exact)

    def _best(self, ours: Shape, theirs: Shape, agree: Shape) -> float:
        """The most that two records of these shapes can score when these of the exact fields agree and no others."""
        agreeing = {self._exact[position][1].field for position in agree}
        total = possible = 0.0
        for position in {*ours, *theirs}:
            comparison = self._readers[position][1]
            possible += comparison.span
            both = position in ours and position in theirs
            if both and (not comparison.exact or comparison.field in agreeing):
                total += comparison.span
        return total / possible + 1e-9 if possible else 0.0
