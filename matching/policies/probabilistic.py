"""The resource API's policy: Fellegi-Sunter in three tiers, with a person in the middle. Pure: no Django.

The rule for a customer with several contacts: a record fits a customer as well as it fits the best of its contacts
and its golden record. A moved person's old address, or a maiden name, stays a way to be recognised.

A customer without a name is known by its contact details alone, and it must not matter whether it came before the
named record or after: whoever shares its e-mail or phone is that customer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Protocol

from contacts.record import Facts, Record
from matching.comparison import compare, identified, scorer
from matching.model_definition import ModelDefinition
from matching.outcomes import (
    FELLEGI_SUNTER,
    Attach,
    Basis,
    Create,
    Held,
    Likeness,
    Neighbour,
    Neighbourhood,
    Outcome,
    Refuse,
    Revise,
)
from matching.policies.sharing import SharingRules, basis, identifying_values, sharers


class Known(Protocol):
    """A customer, as far as it is compared."""

    @property
    def golden(self) -> Facts: ...
    @property
    def contacts(self) -> Sequence[Held]: ...


def decide(
    facts: Facts,
    *,
    source_id: int,
    source_key: str | None,
    known: Neighbourhood,
    model: ModelDefinition,
    rules: SharingRules,
) -> Outcome:
    """Which of the outcomes holds for a record with these facts."""
    if not known.neighbours:
        return Create()
    owner = known.owner_of(source_id, source_key)
    if owner is not None:
        return _of_held_key(facts, *owner, neighbourhood=known, model=model)
    fits = likenesses(facts, known, model=model)
    won = winner(fits, model=model)
    values = identifying_values(facts, known, rules)
    sharing = sharers(values, known)
    nameless = [neighbour for neighbour in sharing if not neighbour.named]
    if won is not None:
        return _attached(won.neighbour, _basis(won), nameless, fits)
    joined = nameless if facts.named else _joined_without_name(sharing, nameless)
    if joined:
        return _attached(joined[0], basis(values, joined), joined, fits)
    return Create(near_misses=fits)


def _attached(to: Neighbour, reason: Basis, nameless: Sequence[Neighbour], fits: Sequence[Likeness]) -> Attach:
    """Joined to one customer, with the nameless ones that share a value folded in; the other fits are near misses."""
    fold = [neighbour for neighbour in nameless if neighbour is not to]
    joined = {to.customer_id, *(neighbour.customer_id for neighbour in fold)}
    misses = [fit for fit in fits if fit.neighbour.customer_id not in joined]
    return Attach(to, reason, fold=fold, near_misses=misses)


def _joined_without_name(sharing: Sequence[Neighbour], nameless: Sequence[Neighbour]) -> Sequence[Neighbour]:
    """Whom a record without a name belongs to: the only named customer that shares its value, or nameless ones.

    Where several named customers share it, nobody can tell whose it is.
    """
    named = [neighbour for neighbour in sharing if neighbour.named]
    return [*named, *nameless] if len(named) == 1 else nameless


def _basis(won: Likeness) -> Basis:
    evidence = {**won.evidence.to_dict(), "against": won.against}
    return Basis(won.confidence, FELLEGI_SUNTER, evidence)


def _of_held_key(
    facts: Facts, neighbour: Neighbour, held: Held, *, neighbourhood: Neighbourhood, model: ModelDefinition
) -> Outcome:
    evidence = best_fit(facts, neighbour, model=model).evidence
    if evidence.score < model.review_threshold:
        return Refuse(neighbour, evidence)
    fits = likenesses(facts, neighbourhood, model=model)
    others = [fit for fit in fits if fit.neighbour is not neighbour]
    return Revise(neighbour, held, evidence, near_misses=others)


def likenesses(facts: Facts, neighbourhood: Neighbourhood, *, model: ModelDefinition) -> list[Likeness]:
    """The neighbours at or above the review threshold, best first; equals in the order of their ids."""
    near, scored = [], scorer(model, facts, floor=model.review_threshold)
    for neighbour in neighbourhood.neighbours.values():
        best, held = _best(scored, neighbour)
        if best >= model.review_threshold:
            near.append(_evidenced(facts, neighbour, held, model=model))
    near.sort(key=lambda fit: (-fit.confidence, fit.neighbour.customer_id))
    return near


def mattering(record: Record, *, source_id: int, model: ModelDefinition) -> Callable[[Known], bool]:
    """Whether `decide` would answer something else if it did not know of a customer: of a namesake it seldom would.

    Such are those who come to the review threshold, share the e-mail or the phone, or hold the source key.
    """
    facts, source_key = record.facts, record.source_key
    email, phone = facts.email, facts.phone
    scored = scorer(model, facts, floor=model.review_threshold)

    def matters(known: Known) -> bool:
        for held in known.contacts:
            said = held.facts
            if (email and said.email == email) or (phone and said.phone == phone):
                return True
            if held.source_key == source_key and source_key is not None and held.source_id == source_id:
                return True
            if scored(said) >= model.review_threshold:
                return True
        return len(known.contacts) > 1 and scored(known.golden) >= model.review_threshold

    return matters


def best_fit(facts: Facts, neighbour: Neighbour, *, model: ModelDefinition) -> Likeness:
    """The neighbour's likeness by the best of its contacts (the oldest of equals) and, only if better, the golden."""
    _, held = _best(scorer(model, facts), neighbour)
    return _evidenced(facts, neighbour, held, model=model)


def _best(scored: Callable[[Facts], float], neighbour: Neighbour) -> tuple[float, Held | None]:
    """The score, and the contact that has it: None for the golden record. Most neighbours are far and need no more."""
    contacts = neighbour.contacts
    if len(contacts) == 1:  # as most have
        return scored(contacts[0].facts), contacts[0]
    best, against = -1.0, None
    for held in sorted(contacts, key=attrgetter("id")):
        likeness = scored(held.facts)
        if likeness > best:
            best, against = likeness, held
    golden = scored(neighbour.golden)
    return (golden, None) if golden > best else (best, against)


def _evidenced(facts: Facts, neighbour: Neighbour, held: Held | None, *, model: ModelDefinition) -> Likeness:
    said = held.facts if held else neighbour.golden
    return Likeness(neighbour, compare(model, facts, said), against=held.id if held else None)


def winner(fits: Sequence[Likeness], *, model: ModelDefinition) -> Likeness | None:
    """The best, if it may link: at or above the match threshold, identified, and strictly better than the next."""
    if not fits or fits[0].confidence < model.match_threshold or not identified(fits[0].evidence):
        return None
    if len(fits) > 1 and fits[1].confidence == fits[0].confidence:
        return None
    return fits[0]
