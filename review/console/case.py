"""One incoming record with its candidates: all that a steward needs to see before deciding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q
from django.http import Http404
from django.utils.functional import cached_property

from contacts import clock
from contacts.models import Contact, Customer
from matching.evidence import AGREES, Evidence
from matching.models import CandidatePair
from review import claims
from review.console import comparing, histories, previews
from review.console.access import Seat
from review.console.labels import full_name, record_label
from review.console.odds import Odds, odds
from review.console.waterfall import Waterfall, waterfall
from review.models import Claim, Decision
from review.queue import WaitingPairs
from review.size import customers_about

# Of a candidate with more records than this the oldest are shown, and the one compared; the customer's page has all.
MOST_RECORDS = 50


@dataclass(frozen=True)
class Case:
    """`pair` is the candidate in view, `candidates` all that still wait, best first, the one in view among them."""

    seat: Seat
    contact: Contact
    pair: CandidatePair
    candidates: Sequence[CandidatePair]
    as_sent: bool
    read_at: datetime

    @property
    def label(self) -> str:
        return record_label(self.contact)

    @property
    def is_open(self) -> bool:
        """Whether there is something to decide: the candidate waits, and both sides are alive and two."""
        return self.pair in self.candidates

    @cached_property
    def evidence(self) -> Evidence:
        return Evidence.from_dict(self.pair.evidence)

    @cached_property
    def chart(self) -> Waterfall:
        return waterfall(self.evidence)

    @cached_property
    def odds(self) -> Odds:
        return odds(self.evidence, customers=customers_about(self.seat.tenant))

    @cached_property
    def incoming_customer(self) -> Customer:
        return self.contact.customer

    @cached_property
    def ours(self) -> list[Contact]:
        return _records(self.contact.customer_id)

    @cached_property
    def theirs(self) -> list[Contact]:
        return _records(self.pair.customer_id)

    @property
    def candidate_name(self) -> str:
        return full_name(self.pair.customer.facts)

    @property
    def incoming_name(self) -> str:
        return full_name(self.contact.facts)

    @cached_property
    def rows(self) -> list[comparing.FieldRow]:
        sent = (self.contact, self._against) if self.as_sent else None
        return comparing.weighed_rows(self.evidence, self.chart, sent=sent, shared=self._shared)

    @cached_property
    def other_rows(self) -> list[comparing.FieldRow]:
        return comparing.other_rows(self.evidence, self.contact.facts, self.pair.customer.facts)

    @property
    def _against(self) -> Contact | None:
        return next((contact for contact in self.theirs if contact.pk == self.pair.against_id), None)

    @cached_property
    def _shared(self) -> dict[str, int]:
        """How many customers share the e-mail and the phone that agree."""
        agreed = {
            f.field: f.existing for f in self.evidence.fields if f.level == AGREES and f.field in ("email", "phone")
        }
        counted = {
            field: Count("customer", distinct=True, filter=Q(**{field: value})) for field, value in agreed.items()
        }
        either = Q(pk__in=[])
        for field, value in agreed.items():
            either |= Q(**{field: value})
        held = Contact.objects.of(self.seat.tenant).live().filter(either)
        return held.aggregate(**counted) if counted else {}

    @cached_property
    def records(self) -> list[comparing.RecordRow]:
        shown = self.theirs[:MOST_RECORDS]
        if self._against is not None and self._against not in shown:
            shown = [*shown, self._against]
        return list(comparing.record_rows(shown, self.contact, against=self.pair.against_id))

    @property
    def columns(self) -> tuple[str, ...]:
        return comparing.COLUMNS

    @property
    def sources(self) -> str:
        return ", ".join(sorted({contact.source.name for contact in self.theirs}))

    @cached_property
    def approval(self) -> previews.Approval:
        closes = len([pair for pair in self.candidates if pair != self.pair])
        return previews.approval(self.pair.customer, self.ours, self.theirs, closes=closes)

    @cached_property
    def history(self) -> list[histories.Happening]:
        return histories.happenings({self.contact.customer_id: "Incoming", self.pair.customer_id: "Candidate"})

    @cached_property
    def held_by_another(self) -> Claim | None:
        return claims.held_by_another(self.contact.pk, tenant=self.seat.tenant, by=self.seat.name, at=self.read_at)

    @cached_property
    def my_claim(self) -> Claim | None:
        return Claim.objects.filter(contact=self.contact, by=self.seat.name, until__gt=self.read_at).first()

    @cached_property
    def deferrals(self) -> list[Decision]:
        rows = Decision.objects.filter(contact=self.contact, kind=Decision.Kind.DEFERRED, undone_at=None)
        return list(rows.order_by("-pk")[:5])


def _records(customer_id: UUID) -> list[Contact]:
    """All of them, oldest first: what a verdict would make of the golden record depends on each."""
    return list(Contact.objects.live().filter(customer=customer_id).select_related("source").order_by("pk"))


def record_of(seat: Seat, contact_id: int) -> Contact:
    """A record that this seat may see. Raises Http404, also for what is somebody else's."""
    rows = Contact.objects.of(seat.tenant).select_related("source", "customer")
    if not seat.is_admin:
        rows = rows.filter(source__in=seat.source_ids)
    contact = rows.filter(pk=contact_id).first()
    if contact is None:
        raise Http404
    return contact


def read_case(seat: Seat, contact_id: int, *, pair_id: int | None = None, as_sent: bool = False) -> Case:
    """`pair_id` None: the best candidate that waits, or else the last that was decided on. Raises Http404."""
    contact = record_of(seat, contact_id)
    waiting = WaitingPairs(CandidatePair).of(seat.tenant).filter(contact=contact).select_related("customer")
    candidates = list(waiting.order_by("-confidence", "pk"))
    pair = _in_view(contact, candidates, pair_id)
    if pair is None:
        raise Http404
    return Case(seat, contact, pair, candidates, as_sent, clock.now())


def _in_view(contact: Contact, candidates: Sequence[CandidatePair], pair_id: int | None) -> CandidatePair | None:
    if pair_id is None and candidates:
        return candidates[0]
    known = CandidatePair.objects.filter(contact=contact).exclude(status=CandidatePair.Status.SUPERSEDED)
    if pair_id is None:
        return known.select_related("customer").order_by("-reviewed_at", "pk").first()
    return known.select_related("customer").filter(pk=pair_id).first()
