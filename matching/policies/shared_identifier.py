"""The policy of `POST /identify`: share one value, be one customer. Pure: no Django.

The exceptions: values that identify nobody link nothing; two customers that a person keeps apart are not joined; and
under a tenant's merge protection two customers that both carry names are joined only where the model would link them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from contacts.record import Facts
from matching.comparison import identified
from matching.model_definition import ModelDefinition
from matching.outcomes import Attach, Create, Doubt, Found, Neighbour, Neighbourhood, Outcome
from matching.policies.probabilistic import best_fit
from matching.policies.sharing import SharingRules, basis, identifying_values, sharers

KeptApart = Callable[[Sequence[Neighbour], Neighbour], bool]


@dataclass(frozen=True, slots=True)
class Bridge:
    """The oldest customer that shares a value with those that join it, and those that do not."""

    group: Sequence[Neighbour]
    apart: Sequence[Doubt]

    @property
    def oldest(self) -> Neighbour:
        return self.group[0]


def decide(
    facts: Facts,
    *,
    known: Neighbourhood,
    rules: SharingRules,
    model: Callable[[], ModelDefinition],
    kept_apart: KeptApart,
) -> Outcome:
    """Which of the outcomes holds for an e-mail and/or phone; `kept_apart` tells what a person said.

    `model` is asked only where two named customers have to be told apart.
    """
    values = identifying_values(facts, known, rules)
    reached = sharers(values, known)
    if not reached:
        return Create()
    bridge = _bridged(reached, rules=rules, model=model, kept_apart=kept_apart)
    new = _new_values(facts, values, bridge, reached)
    if not new and not bridge.group[1:] and not bridge.apart:
        return Found(bridge.oldest)
    return Attach(
        bridge.oldest,
        basis=basis(values, bridge.group) if new else None,
        fold=bridge.group[1:],
        doubts=bridge.apart,
    )


def _bridged(
    reached: Sequence[Neighbour], *, rules: SharingRules, model: Callable[[], ModelDefinition], kept_apart: KeptApart
) -> Bridge:
    group = [reached[0]]
    apart: list[Doubt] = []
    for other in reached[1:]:
        if kept_apart(group, other):
            continue
        doubt = _doubt(group, other, rules=rules, model=model)
        if doubt is None:
            group.append(other)
        else:
            apart.append(doubt)
    return Bridge(group, apart)


def _doubt(
    group: Sequence[Neighbour], other: Neighbour, *, rules: SharingRules, model: Callable[[], ModelDefinition]
) -> Doubt | None:
    """Under merge protection, two named sides that fit too little to be joined; None where they may be."""
    if not (rules.merge_protection and other.named and any(member.named for member in group)):
        return None
    definition = model()
    doubts = [
        Doubt(other, held.id, best_fit(held.facts, member, model=definition))
        for member in group
        if member.named
        for held in other.contacts
        if held.facts.named
    ]
    best = max(doubts, key=lambda doubt: doubt.likeness.confidence)
    if best.likeness.confidence >= definition.match_threshold and identified(best.likeness.evidence):
        return None
    return best


def _new_values(
    facts: Facts, values: Mapping[str, str], bridge: Bridge, reached: Sequence[Neighbour]
) -> dict[str, str]:
    """What nobody reached has yet; of a value that identifies nobody, what the group has not."""
    said = {"email": facts.email, "phone": facts.phone}
    return {
        field: value
        for field, value in said.items()
        if value
        and not any(
            getattr(held.facts, field) == value
            for neighbour in (reached if field in values else bridge.group)
            for held in neighbour.contacts
        )
    }
