"""A record brought a value that a unique lookup gives to another customer already.

The record is not lost: it is stored, the first holder keeps the key, and a person is asked whether the two are one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contacts.history import Chronicle
from contacts.models import Contact
from matching import pairs
from matching.active import ActiveModel
from matching.locks import lock_customers
from matching.lookup_index import LostKey, holders
from matching.models import CandidatePair, Lookup
from matching.policies.probabilistic import best_fit
from matching.search import read_customers


def disputed_lookups(lost: Sequence[LostKey]) -> dict[int, str]:
    """The names, by id, of the lookups concerned, without those that are not in force."""
    if not lost:
        return {}
    in_force = Lookup.objects.filter(pk__in={lookup for lookup, _ in lost}, state=Lookup.State.READY)
    return dict(in_force.values_list("pk", "name"))


def file_disputes(
    lost: Sequence[LostKey],
    lookups: dict[int, str],
    *,
    contact: Contact,
    siblings: Sequence[int],
    model: ActiveModel,
    chronicle: Chronicle,
) -> list[CandidatePair]:
    """Propose to people that the customer of `contact`, which is stored, is the one that holds the keys it lost.

    `siblings` are all contacts of that customer; `lookups` are those of disputed_lookups.
    """
    theirs = holders([key for key in lost if key[0] in lookups]) - {contact.customer_id}
    if not theirs:
        return []
    lock_customers(chronicle.tenant, theirs)
    tokens = tuple(sorted(lookups.values()))
    fits = [
        best_fit(contact.facts, replace(neighbour, tokens=tokens), model=model.definition)
        for neighbour in read_customers(chronicle.tenant, theirs).values()
    ]
    version = model.version
    return pairs.file_for_known(fits, contact=contact, siblings=siblings, model_version=version, chronicle=chronicle)
