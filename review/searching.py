"""Finding customers by whatever somebody has at hand: a name, an e-mail, a phone, a source's key, an id."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from contacts import typeahead
from contacts.models import Contact, Customer
from contacts.normalisation.email import normalise_email
from contacts.normalisation.phone import to_e164
from contacts.normalisation.text import squeeze
from sources.models import SourceSystem, Tenant
from sources.reading import LARGEST_ID

LONGEST = 254
# Looked at, before those that are not the reader's are left out.
MOST_READ = 100
LATEST = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """A customer, by what it was found, and which sources know it."""

    customer: Customer
    by: str
    sources: Sequence[str]
    records: int


def search(asked: str, *, tenant: Tenant, among: QuerySet[Customer], limit: int) -> list[Finding]:
    """Live customers of `among`, exact findings before names; at most `limit`. Each way is one index scan."""
    phrase = squeeze(asked.replace("\0", ""))[:LONGEST]
    reasons: dict[UUID, str] = {}
    for pk, reason in _found(phrase, tenant) if phrase else ():
        reasons.setdefault(pk, reason)
    shown = among.live().in_bulk(list(reasons)[:MOST_READ])  # type: ignore[attr-defined]
    ids = [pk for pk in reasons if pk in shown][:limit]
    held = _held(ids)
    return [Finding(shown[pk], reasons[pk], *held.get(pk, ([], 0))) for pk in ids]


def typed(phrase: str, *, tenant: Tenant, limit: int) -> list[Customer]:
    """Live customers for what somebody is typing: those whose e-mail, phone, source key or id it is, then by names."""
    phrase = squeeze(phrase.replace("\0", ""))[:LONGEST]
    ids = list(dict.fromkeys(pk for pk, _ in _exact(phrase, tenant)))[:limit]
    exact = Customer.objects.of(tenant).live().in_bulk(ids) if ids else {}
    named = [one for one in typeahead.search(phrase, tenant=tenant, limit=limit) if one.pk not in exact]
    return [*(exact[pk] for pk in ids if pk in exact), *named][:limit]


def _found(phrase: str, tenant: Tenant) -> Iterator[tuple[UUID, str]]:
    yield from _exact(phrase, tenant)
    for customer in typeahead.search(phrase, tenant=tenant, limit=MOST_READ):
        yield customer.pk, "name"


def _exact(phrase: str, tenant: Tenant) -> Iterator[tuple[UUID, str]]:
    """By what is one customer's alone, or nearly so. A phrase of letters only asks nothing of the database."""
    yield from _by_id(phrase, tenant)
    contacts = Contact.objects.of(tenant).live()
    if "@" in phrase:
        yield from _owners(contacts.filter(email=normalise_email(phrase)).exclude(email=""), "e-mail")
    if any(sign.isdigit() for sign in phrase):
        if phone := to_e164(phrase, tenant.region):
            yield from _owners(contacts.filter(phone=phone).exclude(phone=""), "phone")
        sources = list(SourceSystem.objects.of(tenant).values_list("pk", flat=True))
        keyed = Contact.objects.live().filter(source__in=sources, source_key=phrase)
        yield from _owners(keyed, "source key")


def _by_id(phrase: str, tenant: Tenant) -> Iterator[tuple[UUID, str]]:
    if phrase.isascii() and phrase.isdigit() and int(phrase) <= LARGEST_ID:
        yield from _owners(Contact.objects.of(tenant).live().filter(pk=int(phrase)), "record id")
        return
    try:
        asked = UUID(phrase)
    except ValueError:
        return
    rows = Customer.objects.of(tenant).filter(pk=asked).values_list("pk", "merged_into")
    yield from ((into or pk, "id of a customer merged into it" if into else "id") for pk, into in rows)


def _owners(contacts: QuerySet[Contact], reason: str) -> Iterator[tuple[UUID, str]]:
    for pk in contacts.values_list("customer_id", flat=True)[:MOST_READ]:
        yield pk, reason


def _held(ids: Sequence[UUID]) -> dict[UUID, tuple[list[str], int]]:
    """The names of the sources that know each, and how many records there are."""
    rows = Contact.objects.filter(customer__in=ids, deleted_at=None).values_list("customer_id", "source__name")
    told: dict[UUID, tuple[list[str], int]] = {}
    for pk, source, number in rows.annotate(number=Count("pk")).order_by("customer_id", "source__name"):
        names, total = told.get(pk, ([], 0))
        told[pk] = ([*names, source], total + number)
    return told


def newest(*, tenant: Tenant, among: QuerySet[Customer], limit: int) -> list[Finding]:
    """What came last, for a page on which nothing was asked yet: those of `among` in the LATEST customers.

    Ids rise with time. Whose records are rare would otherwise have the whole registry looked through.
    """
    latest = Customer.objects.of(tenant).live().order_by("-pk").values("pk")[:LATEST]
    rows = list(among.filter(Q(deleted_at=None), pk__in=latest).order_by("-pk")[:limit])
    held = _held([customer.pk for customer in rows])
    return [Finding(customer, "", *held.get(customer.pk, ([], 0))) for customer in rows]
