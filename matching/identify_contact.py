"""`POST /contacts/identify`: a contact centre asks who is calling, and has somebody unknown created.

The strategy decides. The match model runs beside it only to file near misses for people; it links nobody here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from contacts.centre_intake import read_attributes
from contacts.errors import InvalidBody, NotFound
from contacts.history import Chronicle
from contacts.normalisation.date_patterns import DEFAULT_PATTERN
from contacts.record import Facts, Record
from contacts.transactions import Restart, begun_again, undone_if_refused, verb
from matching import lookup_search, strategies
from matching.applying import Identified, apply
from matching.deciding import Question
from matching.first_call import create_if_still_unknown
from matching.locks import strong_key
from matching.lookup_keys import head_key, value_of
from matching.outcomes import Create, Decision
from matching.policies.lookups import Creation, Finding, Inquiry, creation, first_found
from matching.policies.probabilistic import likenesses
from matching.predefined_lookups import ANY
from matching.search import neighbourhood
from matching.strategies import CentreSetup, Outdated
from sources.built_in import CONTACT_CENTRE, built_in
from sources.models import Tenant
from sources.round_trips import Statement, run

ATTEMPTS = 5


class SubtenantNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("Subtenant not found")


@dataclass(frozen=True, slots=True)
class ContactRequest:
    """What a client application asks. `create` None: the media type's word counts; `payload` is the body as sent.

    `faults`: what is wrong with the request itself, told along with what is wrong with its attributes.
    """

    attributes: Mapping[str, Any]
    payload: Mapping[str, Any]
    media_type: str = ANY
    create: bool | None = None
    subtenant: int | str | None = None
    date_pattern: str = DEFAULT_PATTERN
    faults: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ContactAnswer:
    """Who it is: `found`, or `created` (the id of a new customer), or nobody, for the `creation`'s reason.

    `findings` are all that was tried, for whoever wants to know why.
    """

    inquiry: Inquiry
    findings: Sequence[Finding]
    creation: Creation
    created: UUID | None = None

    @property
    def found(self) -> Finding | None:
        return first_found(self.findings)


class _HeldElsewhere(Exception):
    """A key of a unique lookup that took part is held by a customer the request may not see."""

    def __init__(self, lookups: Sequence[str]) -> None:
        super().__init__(f"another subtenant's contact has this key of {', '.join(lookups)}")


def identify_contact(asked: ContactRequest, *, tenant: Tenant, by: str) -> ContactAnswer:
    """Find by the media type's lookups, or create. Raises InvalidBody, SubtenantNotFound."""
    for setup in _setups(tenant):
        try:
            return _identify(asked, setup, tenant=tenant, by=by)
        except Outdated:
            continue
    raise Restart


def explain_contact(asked: ContactRequest, *, tenant: Tenant) -> ContactAnswer:
    """Every lookup that takes part, whether or not one before it has found. Nothing is written.

    Raises InvalidBody, SubtenantNotFound.
    """
    setup = strategies.read(tenant)
    inquiry = _inquiry(asked, setup, tenant)
    search = lookup_search.searching(inquiry, tenant=tenant, thorough=True)
    subtenant = _subtenant(inquiry, tenant)
    run(search, *subtenant)
    _subtenant_id(subtenant)
    return ContactAnswer(inquiry, lookup_search.findings(search, inquiry), creation(inquiry))


def _setups(tenant: Tenant) -> Iterator[CentreSetup]:
    """What is remembered, then, as long as that proves outdated, what is read afresh."""
    known = strategies.remembered(tenant)
    if known is not None:
        yield known
    for _ in range(ATTEMPTS):
        yield strategies.read(tenant)


def _identify(asked: ContactRequest, setup: CentreSetup, *, tenant: Tenant, by: str) -> ContactAnswer:
    try:
        inquiry = _inquiry(asked, setup, tenant)
    except InvalidBody:
        if strategies.read(tenant) is not setup:
            raise Outdated from None
        raise
    search, subtenant = lookup_search.searching(inquiry, tenant=tenant), _subtenant(inquiry, tenant)
    asking = strategies.asking(tenant)
    run(asking, search, *subtenant)
    strategies.confirm(setup, asking)
    part = _subtenant_id(subtenant)
    answer = ContactAnswer(inquiry, lookup_search.findings(search, inquiry), creation(inquiry))
    if answer.found or not answer.creation.allowed:
        return answer
    source = built_in(CONTACT_CENTRE, tenant)
    record = Record(inquiry.facts, asked.payload, source.name, subtenant_id=part)
    question = Question(record, source, tenant, in_force=setup.model)
    if not lookup_search.reached(search):
        locks = _lookup_locks(inquiry, tenant)
        created = create_if_still_unknown(inquiry, question, setup, locks=locks, by=by)
        if created is not None:
            return replace(answer, created=created)
    try:
        with undone_if_refused():
            return _create(answer, question, setup, by=by)
    except _HeldElsewhere as elsewhere:
        return ContactAnswer(inquiry, answer.findings, Creation(False, str(elsewhere)))


def _inquiry(asked: ContactRequest, setup: CentreSetup, tenant: Tenant) -> Inquiry:
    """Raises InvalidBody."""
    facts, media = _facts(asked, setup, tenant), setup.media_type(asked.media_type)
    inquiry = Inquiry(
        facts,
        setup.strategy(media),
        may_create=media.create_contact if asked.create is None else asked.create,
        minimum=media.minimum,
        subtenant=asked.subtenant,
    )
    if not inquiry.taking_part:
        expected = ", ".join(dict.fromkeys(lookup.leading for lookup in inquiry.strategy)) or "nothing yet"
        raise InvalidBody([f"no identifying attribute: MediaType '{media.name}' identifies by {expected}"])
    return inquiry


def _facts(asked: ContactRequest, setup: CentreSetup, tenant: Tenant) -> Facts:
    """Raises InvalidBody with everything that is wrong, the media type among it."""
    try:
        facts = read_attributes(
            asked.attributes, types=setup.attribute_types, region=tenant.region, date_pattern=asked.date_pattern
        )
    except InvalidBody as refusal:
        raise InvalidBody([*asked.faults, *setup.media_faults(asked.media_type), *refusal.errors]) from refusal
    if asked.faults:
        raise InvalidBody([*asked.faults, *setup.media_faults(asked.media_type)])
    return facts


def _subtenant(inquiry: Inquiry, tenant: Tenant) -> list[Statement]:
    reference = inquiry.subtenant
    return [] if reference is None else [lookup_search.subtenant_named(reference, tenant=tenant)]


def _subtenant_id(read: Sequence[Statement]) -> int | None:
    if not read:
        return None
    if not read[0].rows:
        raise SubtenantNotFound
    return int(read[0].rows[0][0])


@verb
def _create(foreseen: ContactAnswer, question: Question, setup: CentreSetup, *, by: str) -> ContactAnswer:
    """Look again under the locks of the values given; nobody else creates by them meanwhile. Raises Outdated."""
    inquiry, tenant = foreseen.inquiry, question.tenant
    search, asking = lookup_search.searching(inquiry, tenant=tenant), strategies.asking(tenant)
    locks = [*question.locks, *_lookup_locks(inquiry, tenant)]
    known = neighbourhood(tenant=tenant, keys=question.keys, locks=locks, hold=begun_again(), besides=[asking, search])
    strategies.confirm(setup, asking)
    findings = lookup_search.findings(search, inquiry)
    if first_found(findings):
        return ContactAnswer(inquiry, findings, foreseen.creation)
    near_misses = likenesses(inquiry.facts, known, model=setup.model.definition)
    chronicle = Chronicle(tenant, by, reserved_contact_id=known.reserved_contact_id, closing=True)
    done = apply(Decision(Create(near_misses), known), question, chronicle=chronicle)
    _refuse_if_held_elsewhere(done, inquiry)
    return ContactAnswer(inquiry, findings, foreseen.creation, created=done.customer_id)


def _lookup_locks(inquiry: Inquiry, tenant: Tenant) -> Iterator[int]:
    """E-mail and phone have locks of their own (Question.locks)."""
    for lookup in inquiry.taking_part:
        head = head_key(lookup, value_of(inquiry.facts, lookup.leading))
        yield strong_key(tenant, "lookup", str(head))


def _refuse_if_held_elsewhere(done: Identified, inquiry: Inquiry) -> None:
    held = {lookup.name for lookup in inquiry.taking_part} & set(done.disputed)
    if held:
        raise _HeldElsewhere(sorted(held))


def golden_facts(answer: ContactAnswer) -> Facts | None:
    """What is known of the one contact found or created; None where there is none, or several."""
    if answer.created is not None:
        return answer.inquiry.facts
    found = answer.found
    return found.answers[0].golden if found and len(found.answers) == 1 else None
