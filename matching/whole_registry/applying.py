"""What whole-registry matching found, carried out by the verbs that everything else goes through.

The engine saw the registry as it was when it was read. Here every pair is looked at again, under locks, by the
registry's own comparison: what no longer holds is left out. So is what people have been asked about already, whatever
became of it, and whom they keep apart: that makes a repetition do nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar
from uuid import UUID

from contacts.history import Chronicle
from contacts.models import Contact, Customer
from contacts.record import Record
from contacts.transactions import Restart, begun_again, verb
from matching import merging, pairs
from matching.active import ActiveModel
from matching.deciding import Question
from matching.locks import lock_as_read_late, lock_customers
from matching.models import Merge
from matching.outcomes import Likeness, Neighbour
from matching.plan import Plan
from matching.policies.probabilistic import best_fit, likenesses, winner
from matching.search import neighbourhood, read_customers
from matching.whole_registry.finding import Match
from matching.whole_registry.questions import LINK
from matching.whole_registry.statements import asked_keys, stored_keys
from sources.models import Tenant

# Candidates filed in one transaction: few enough that nobody waits long for a customer.
CHUNK = 50

T = TypeVar("T")


@dataclass(slots=True)
class Applied:
    """How many matches became candidates, how many links, and how many were left out."""

    proposed: int = 0
    linked: int = 0
    left_out: int = 0

    @property
    def looked_at(self) -> int:
        return self.proposed + self.linked + self.left_out


def apply(
    matches: Callable[[], Iterable[Match]],
    *,
    links: bool,
    tenant: Tenant,
    model: ActiveModel,
    by: str,
    report: Callable[[Applied], None],
) -> Applied:
    """Link what may be linked, if `links`, and propose the rest to people. `matches` is gone through once for each.

    Broken off, it can be begun again: what is done is left out then.
    """
    done = Applied()
    for match in matches() if links else ():
        if match.proposal == LINK:
            linked = link(match, tenant=tenant, model=model, by=by)
            done.linked, done.left_out = done.linked + linked, done.left_out + (not linked)
            report(done)
    rest = (match for match in matches() if not (links and match.proposal == LINK))
    for chunk in _chunks(rest):
        proposed = propose(chunk, tenant=tenant, model=model, by=by)
        done.proposed, done.left_out = done.proposed + proposed, done.left_out + len(chunk) - proposed
        report(done)
    return done


def _chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(rows)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk


@verb
def propose(matches: Sequence[Match], *, tenant: Tenant, model: ActiveModel, by: str) -> int:
    """File these for review. Returns for how many there was something to file."""
    chronicle = Chronicle(tenant, by)
    contacts, places = _locked(matches, tenant=tenant)
    known = read_customers(tenant, {*places.values(), *(contact.customer_id for contact in contacts.values())})
    filed = 0
    for match in matches:
        contact, place = contacts.get(match.contact), places.get(UUID(match.other))
        if contact is not None and place in known and contact.customer_id != place:
            filed += _proposed(contact, known[contact.customer_id], known[place], model=model, chronicle=chronicle)
    chronicle.write()
    return filed


def _locked(matches: Sequence[Match], *, tenant: Tenant) -> tuple[Mapping[int, Contact], Mapping[UUID, UUID]]:
    """The contacts that ask, and what the others are now, all customers locked. Raises Restart where one has moved."""
    before = {pk: contact.customer_id for pk, contact in _contacts(tenant, [each.contact for each in matches]).items()}
    places = _survivors(tenant, [UUID(each.other) for each in matches])
    lock_customers(tenant, [*places.values(), *before.values()])
    contacts = _contacts(tenant, before)
    if before != {pk: contact.customer_id for pk, contact in contacts.items()} or places != _survivors(tenant, places):
        raise Restart
    return contacts, places


def _proposed(contact: Contact, own: Neighbour, other: Neighbour, *, model: ActiveModel, chronicle: Chronicle) -> bool:
    fit = best_fit(contact.facts, _with_tokens(other, contact, chronicle.tenant, model), model=model.definition)
    if fit.confidence < model.definition.review_threshold:
        return False
    return bool(_file(fit, contact, own, model=model, chronicle=chronicle))


def _file(
    fit: Likeness, contact: Contact, own: Neighbour, *, model: ActiveModel, chronicle: Chronicle
) -> Sequence[object]:
    siblings, version = own.contact_ids, model.version
    return pairs.file_for_known([fit], contact=contact, siblings=siblings, model_version=version, chronicle=chronicle)


def _with_tokens(other: Neighbour, contact: Contact, tenant: Tenant, model: ActiveModel) -> Neighbour:
    plan = Plan.from_model(model.definition)
    asked = asked_keys(contact.facts, plan, tenant.pk)
    statements = (other.golden, *(held.facts for held in other.contacts))
    stored = {key for facts in statements for key in stored_keys(facts, plan, tenant.pk)}
    return other._replace(tokens=tuple(sorted(label for key, label in asked.items() if key in stored)))


@verb
def link(match: Match, *, tenant: Tenant, model: ActiveModel, by: str) -> bool:
    """Make the two customers one if the contact, were it submitted now, would be linked to the other.

    It would go to the customer that it fits best, identified and at or above the match threshold, if it fits nobody
    else as well. The customer with the older primary contact survives. False where nothing was done.
    """
    contact = _contacts(tenant, [match.contact]).get(match.contact)
    place = _survivors(tenant, [UUID(match.other)]).get(UUID(match.other))
    if contact is None or place is None or contact.customer_id == place:
        return False
    fit = _won(contact, tenant=tenant, model=model)
    if fit is None or fit.neighbour.customer_id != place:
        return False
    own = _own(contact, fit.neighbour, tenant=tenant)
    chronicle = Chronicle(tenant, by)
    if not _file(fit, contact, own, model=model, chronicle=chronicle):
        return False
    older, younger = sorted((own, fit.neighbour), key=lambda each: each.primary.age)
    merging.merge(
        target_id=older.customer_id, source_id=younger.customer_id, reason=Merge.Reason.MATCH, chronicle=chronicle
    )
    chronicle.write()
    return True


def _won(contact: Contact, *, tenant: Tenant, model: ActiveModel) -> Likeness | None:
    """The other customer to which a submission of the contact's facts would be linked, with its locks taken."""
    record = Record(contact.facts, {}, contact.source.name, contact.source_key)
    question = Question(record, contact.source, tenant, in_force=model)
    known = neighbourhood(tenant=tenant, keys=question.keys, locks=question.locks, hold=begun_again())
    fits = likenesses(contact.facts, known, model=model.definition)
    return winner([fit for fit in fits if fit.neighbour.customer_id != contact.customer_id], model=model.definition)


def _own(contact: Contact, other: Neighbour, *, tenant: Tenant) -> Neighbour:
    """The contact's own customer; both customers are locked. Raises Restart where one has changed meanwhile."""
    own = contact.customer_id
    lock_as_read_late(tenant, {other.customer_id: other.version}, also=[own])
    known = read_customers(tenant, [own]).get(own)
    held = {each.id: each.facts for each in known.contacts} if known else {}
    if known is None or held.get(contact.pk) != contact.facts:
        raise Restart
    return known


def _contacts(tenant: Tenant, ids: Iterable[int]) -> Mapping[int, Contact]:
    return Contact.objects.of(tenant).live().select_related("source").in_bulk(list(ids))


def _survivors(tenant: Tenant, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """What these customers are now, by what they were; deleted ones are left out."""
    rows = Customer.objects.of(tenant).filter(pk__in=set(ids)).values_list("pk", "merged_into_id", "deleted_at")
    return {pk: merged or pk for pk, merged, deleted in rows if merged or deleted is None}
