"""What waits for people: pending candidates, grouped by the incoming record they were proposed to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, FloatField, IntegerField, OuterRef, Q, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, JSONObject
from django.db.models.lookups import Exact

from imports.models import OpenedPair
from matching.evidence import DISAGREES
from matching.models import CandidatePair
from review.models import Claim, Decision
from sources.models import Tenant

# More than this is "many": counting fifty thousand rows for every glance at the top bar would cost more than it tells.
COUNTED = 1000


class WaitingPairs(models.QuerySet[CandidatePair]):
    """Pending candidates. Everything begins with `of(tenant)`, so that no query crosses a tenant."""

    def of(self, tenant: Tenant) -> Self:
        """Alive ones only: whatever is gone, merged into one customer or its own candidate asks nobody anything."""
        return self.filter(
            ~Q(contact__customer=F("customer")),
            tenant=tenant,
            status=CandidatePair.Status.PENDING,
            contact__deleted_at=None,
            customer__deleted_at=None,
        )

    def from_sources(self, ids: Sequence[int]) -> Self:
        return self.filter(source__in=ids)

    def leading(self) -> Self:
        """The best candidate of each record: a record is decided on once, however many it came near to.

        Written as “no second one among itself and the better ones”, for the offset has PostgreSQL ask it of one row
        after the other, so that a list ends where it is long enough. For a plain “no better one” it gathers first all
        that wait, and with them end to end a part of the registry.
        """
        better = Q(confidence__gt=OuterRef("confidence")) | Q(confidence=OuterRef("confidence"), pk__lte=OuterRef("pk"))
        rivals = _pending_of_record().filter(better).exclude(customer=F("contact__customer"))
        return self.filter(~Exists(rivals[1:]))

    def put_off_by(self, name: str) -> Self:
        return self.filter(Exists(_deferrals().filter(by=name)))

    def not_put_off_by(self, name: str) -> Self:
        return self.filter(~Exists(_deferrals().filter(by=name)))

    def claimed_by(self, name: str, *, at: datetime) -> Self:
        return self.filter(Exists(_claims(at).filter(by=name)))

    def claimed_by_others_than(self, name: str, *, at: datetime) -> Self:
        return self.filter(Exists(_claims(at).exclude(by=name)))

    def free_for(self, name: str, *, at: datetime) -> Self:
        """Claimed by nobody else."""
        return self.filter(~Exists(_claims(at).exclude(by=name)))

    def unclaimed(self, *, at: datetime) -> Self:
        return self.filter(~Exists(_claims(at)))

    def scoring(self, low: float, high: float) -> Self:
        """From `low` to below `high`."""
        return self.filter(confidence__gte=low, confidence__lt=high)

    def filed_before(self, moment: datetime) -> Self:
        return self.filter(created_at__lt=moment)

    def differing_in(self, field: str) -> Self:
        return self.filter(_telling([{"field": field, "level": DISAGREES}]))

    def tied(self) -> Self:
        """At or above the match threshold, and yet not linked: several fitted, or nothing on both sides identifies."""
        return self.filter(confidence__gte=Cast(KT("evidence__match_threshold"), FloatField()))

    def opened_by(self, imported: int) -> Self:
        """Those that an import left for review, by its id."""
        return self.filter(Exists(OpenedPair.objects.filter(pair=OuterRef("pk"), imported=imported)))

    def alike(self, example: CandidatePair) -> Self:
        """Candidates of which the same fields agree, differ and lack as of this one."""
        levels = [{"field": each["field"], "level": each["level"]} for each in example.evidence["fields"]]
        return self.filter(_telling(levels))

    def in_order(self, order: Order) -> Self:
        return self.order_by(*order.fields)

    def beyond(self, pair: CandidatePair, order: Order) -> Self:
        """What comes after a candidate, be it still waiting or not."""
        return self.filter(order.after(pair))

    def with_company(self, at: datetime) -> Self:
        """As lists show it: the record, its source, the candidate; `further` candidates, `claimant`.

        `put_off`: by whom it was put off last, and the note; None where it was not.
        """
        siblings = _pending_of_record().exclude(pk=OuterRef("pk")).exclude(customer=OuterRef("contact__customer"))
        number = siblings.order_by().values("contact").annotate(number=models.Count("pk")).values("number")
        return self.select_related("contact__source", "customer").annotate(
            further=Coalesce(Subquery(number, output_field=IntegerField()), 0),
            claimant=Subquery(_claims(at).values("by")[:1]),
            put_off=Subquery(_deferrals().order_by("-pk").values(said=JSONObject(by="by", note="note"))[:1]),
        )

    def up_to(self, pair: CandidatePair, order: Order) -> Self:
        """What comes before a candidate, and that itself if it is among these."""
        return self.filter(order.before(pair, itself=True))

    def counted(self, order: Order | None = None, most: int = COUNTED) -> int:
        """How many, up to `most` + 1, which means more. In an order that an index has, so that it can stop there."""
        return self.in_order(order or BEST_FIRST)[: most + 1].count()


def _telling(fields: Sequence[dict[str, Any]]) -> Exact:
    """Evidence that tells this of these fields.

    Bare, PostgreSQL takes it for rare, one in a thousand, and gathers and sorts all that it holds of; half of all
    evidence may tell it. Of a COALESCE it takes that half, and walks the queue in its order until the list is full.
    """
    told = ExpressionWrapper(Q(evidence__contains={"fields": list(fields)}), output_field=models.BooleanField())
    return Exact(Coalesce(told, False), True)


def _pending_of_record() -> models.QuerySet[CandidatePair]:
    return CandidatePair.objects.filter(
        contact=OuterRef("contact"), status=CandidatePair.Status.PENDING, customer__deleted_at=None
    )


def _deferrals() -> models.QuerySet[Decision]:
    return Decision.objects.filter(contact=OuterRef("contact"), kind=Decision.Kind.DEFERRED, undone_at=None)


def _claims(at: datetime) -> models.QuerySet[Claim]:
    return Claim.objects.filter(contact=OuterRef("contact"), until__gt=at)


@dataclass(frozen=True, slots=True)
class Order:
    """A total order of the queue: by `field`, then by id, so that a place in it can be returned to."""

    field: str
    descending: bool

    @property
    def fields(self) -> tuple[str, str]:
        return (f"-{self.field}" if self.descending else self.field), "pk"

    def after(self, pair: CandidatePair) -> Q:
        value: Any = getattr(pair, self.field)
        further = "lt" if self.descending else "gt"
        # The first condition says nothing new, but lets an index begin where the others hold.
        reach = Q(**{f"{self.field}__{further}e": value})
        return reach & (Q(**{f"{self.field}__{further}": value}) | Q(pk__gt=pair.pk))

    def before(self, pair: CandidatePair, *, itself: bool = False) -> Q:
        value: Any = getattr(pair, self.field)
        nearer = "gt" if self.descending else "lt"
        reach = Q(**{f"{self.field}__{nearer}e": value})
        tied = Q(pk__lte=pair.pk) if itself else Q(pk__lt=pair.pk)
        return reach & (Q(**{f"{self.field}__{nearer}": value}) | tied)

    @property
    def backwards(self) -> tuple[str, str]:
        return (self.field if self.descending else f"-{self.field}"), "-pk"


BEST_FIRST = Order("confidence", descending=True)
OLDEST_FIRST = Order("created_at", descending=False)
NEWEST_FIRST = Order("created_at", descending=True)


def waiting(tenant: Tenant) -> WaitingPairs:
    """The tenant's waiting records, each by its best candidate."""
    return WaitingPairs(CandidatePair).of(tenant).leading()


def in_figures(counted: int) -> str:
    """A count as `WaitingPairs.counted` gives it."""
    return f"{COUNTED:,}+" if counted > COUNTED else f"{counted:,}"
