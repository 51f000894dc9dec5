"""The resource API's policy: Fellegi-Sunter in three tiers, with a person in the middle. Pure: no Django.

The rule for a customer with several contacts: a record fits a customer as well as it fits the best of its contacts
and its golden record. A moved person's old address, or a maiden name, stays a way to be recognised.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from contacts.record import Facts
from matching.comparison import compare, identified, score
from matching.model_definition import ModelDefinition
from matching.outcomes import Attach, Create, Held, Likeness, Neighbour, Neighbourhood, Outcome, Refuse, Revise


def decide(
    facts: Facts, *, source_id: int, source_key: str | None, neighbourhood: Neighbourhood, model: ModelDefinition
) -> Outcome:
    """Which of the outcomes holds for a record with these facts."""
    owner = neighbourhood.owner_of(source_id, source_key)
    if owner is not None:
        return _of_held_key(facts, *owner, neighbourhood=neighbourhood, model=model)
    fits = likenesses(facts, neighbourhood, model=model)
    winner = _winner(fits, model=model)
    if winner is None:
        return Create(near_misses=fits)
    return Attach(likeness=winner, near_misses=[fit for fit in fits if fit is not winner])


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
    fits = [best_fit(facts, neighbour, model=model) for neighbour in neighbourhood.neighbours.values()]
    near = [fit for fit in fits if fit.confidence >= model.review_threshold]
    near.sort(key=lambda fit: (-fit.confidence, fit.neighbour.customer_id))
    return near


def best_fit(facts: Facts, neighbour: Neighbour, *, model: ModelDefinition) -> Likeness:
    """The neighbour's likeness by the best of its contacts (the oldest of equals) and, only if better, the golden."""
    oldest_first = sorted(neighbour.contacts, key=attrgetter("id"))
    best = max(oldest_first, key=lambda held: score(model, facts, held.facts))
    evidence = compare(model, facts, best.facts)
    if len(neighbour.contacts) > 1 and score(model, facts, neighbour.golden) > evidence.score:
        return Likeness(neighbour, compare(model, facts, neighbour.golden), against=None)
    return Likeness(neighbour, evidence, against=best.id)


def _winner(fits: Sequence[Likeness], *, model: ModelDefinition) -> Likeness | None:
    """The best, if it may link: at or above the match threshold, identified, and strictly better than the next."""
    if not fits or fits[0].confidence < model.match_threshold or not identified(fits[0].evidence):
        return None
    if len(fits) > 1 and fits[1].confidence == fits[0].confidence:
        return None
    return fits[0]
