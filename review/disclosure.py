"""Everything the registry holds on one person, as that person may ask for it: nothing of anybody else.

A candidate names another customer, so of it only this person's own side is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Q

from contacts.models import Change, Contact, Customer, Event
from matching.models import CandidatePair, Merge, Split
from review.models import Feedback

KNOWN_BY = ("first_name", "last_name", "email", "phone")
GOLDEN = ("created_by", "created_at", "updated_by", "updated_at", "deleted_by", "deleted_at", "version")
RECORD = (
    "id",
    "source_key",
    "original_payload",
    "source_of_truth",
    "effective_date",
    "added_by",
    "added_at",
    "updated_by",
    "updated_at",
    "deleted_at",
    "match_confidence",
    "match_algorithm",
    "match_model",
    "pins",
)
CANDIDATE = ("id", "confidence", "algorithm", "model_version", "status", "created_at", "reviewed_by", "reviewed_at")
REPORT = ("type", "reported_by", "reported_at", "resolved", "resolved_by", "resolved_at", "withdrawn_at", "notes")
JOURNAL = ("id", "contacts", "by", "at")


def everything_about(customer: Customer) -> dict[str, Any]:
    """Golden record, records, history, what was said of them, and what other systems were told, ready for JSON."""
    contacts = list(Contact.objects.filter(customer=customer).select_related("source").order_by("pk"))
    ids = [contact.pk for contact in contacts]
    return {
        "customer": {"id": customer.pk, **_facts(customer), **_named(customer, GOLDEN)},
        "records": [_record(contact) for contact in contacts],
        "earlier_ids": list(Customer.objects.filter(merged_into=customer).values_list("pk", flat=True)),
        "history": list(
            Change.objects.filter(customer=customer).order_by("pk").values("changed_by", "changed_at", "delta")
        ),
        "candidates": [_candidate(pair, ids) for pair in _candidates(customer, ids)],
        "feedback": [_named(row, REPORT) for row in Feedback.objects.filter(Q(customer=customer) | Q(alias__in=ids))],
        "merges": [
            {**_named(row, JOURNAL), "reason": row.reason, "undone_by": row.undone_by, "undone_at": row.undone_at}
            for row in Merge.objects.filter(Q(target=customer) | Q(source=customer)).defer("trace")
        ],
        "splits": [
            _named(row, JOURNAL) for row in Split.objects.filter(Q(customer=customer) | Q(new_customer=customer))
        ],
        "events": list(
            Event.objects.filter(tenant=customer.tenant_id, customer_id=customer.pk)
            .order_by("pk")
            .values("id", "kind", "by", "at")
        ),
    }


def _facts(row: Customer | Contact) -> dict[str, Any]:
    return {**_named(row, KNOWN_BY), "address": row.address, "attributes": row.attributes}


def _named(row: Any, names: Collection[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _record(contact: Contact) -> dict[str, Any]:
    return {"source": contact.source.name, **_named(contact, RECORD), "as_normalised": _facts(contact)}


def _candidates(customer: Customer, contacts: Collection[int]) -> list[CandidatePair]:
    rows = CandidatePair.objects.filter(Q(contact__in=contacts) | Q(customer=customer))
    return list(rows.exclude(status=CandidatePair.Status.SUPERSEDED).order_by("pk"))


def _candidate(pair: CandidatePair, contacts: Collection[int]) -> dict[str, Any]:
    side = "incoming" if pair.contact_id in contacts else "existing"
    return {**_named(pair, CANDIDATE), "compared": _own_side(pair.evidence, side)}


def _own_side(evidence: Mapping[str, Any], side: str) -> dict[str, str]:
    return {field["field"]: field[side] for field in evidence.get("fields", ())}
