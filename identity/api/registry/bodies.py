"""What the API says of each model: plain dictionaries, since a list of a thousand must not take a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from contacts.models import Change, Contact, Customer
from contacts.record import ADDRESS_FIELDS
from contacts.survivorship import Pin, resolve
from matching.models import CandidatePair, MatchModel, Merge
from matching.pinning import dotted
from review.models import Feedback

Body = dict[str, Any]

OVERLAID_FIELDS = ("first_name", "last_name", "email", "phone", "attributes")


def customer_body(customer: Customer) -> Body:
    return {
        "id": customer.pk,
        "first_name": customer.first_name or None,
        "last_name": customer.last_name or None,
        "email": customer.email or None,
        "phone": customer.phone or None,
        "address": {part: getattr(customer, part) or None for part in ADDRESS_FIELDS},
        "attributes": customer.attributes,
        "created_by": customer.created_by,
        "created_at": customer.created_at,
        "updated_by": customer.updated_by,
        "updated_at": customer.updated_at,
        "deleted_by": customer.deleted_by,
        "deleted_at": customer.deleted_at,
        "merged_into": customer.merged_into_id,
        "version": customer.version,
    }


def as_source_said(customer: Body, alias: Contact) -> Body:
    """A customer's body with the fields one source sent in place of the resolved ones, exactly as it sent them."""
    payload: Mapping[str, Any] = alias.original_payload
    said = {name: payload[name] for name in OVERLAID_FIELDS if payload.get(name) is not None}
    if isinstance(payload.get("address"), dict):
        said["address"] = {**customer["address"], **payload["address"]}
    return {**customer, **said, "source_system": alias.source.name, "source_key": alias.source_key}


def provenance_body(aliases: Sequence[Contact]) -> Body:
    """By field that is known, named as in the history: the alias its value is from, and who pinned it, if anybody."""
    golden = resolve(aliases)
    by_id = {alias.pk: alias for alias in aliases}
    return {
        dotted(field): {
            "alias_id": origin,
            "source_system": by_id[origin].source.name,
            "source_key": by_id[origin].source_key,
            "pinned": _pin_body(golden.pins.get(field)),
        }
        for field, origin in golden.provenance.items()
    }


def _pin_body(pin: Pin | None) -> Body | None:
    return {"by": pin["by"], "at": datetime.fromisoformat(pin["at"]), "reason": pin["reason"]} if pin else None


def alias_body(alias: Contact) -> Body:
    return {
        "id": alias.pk,
        "source_system": alias.source.name,
        "source_key": alias.source_key,
        "original_payload": alias.original_payload,
        "source_of_truth": alias.source_of_truth,
        "effective_date": alias.effective_date,
        "added_by": alias.added_by,
        "added_at": alias.added_at,
        "updated_by": alias.updated_by,
        "updated_at": alias.updated_at,
        "match_confidence": alias.match_confidence,
        "match_algorithm": alias.match_algorithm,
        "match_model": alias.match_model,
        "candidates": [candidate_body(pair) for pair in alias.candidates.all()],
    }


def candidate_body(pair: CandidatePair) -> Body:
    decided = pair.status != CandidatePair.Status.WITHDRAWN
    return {
        "id": pair.pk,
        "candidate_id": pair.customer_id,
        "confidence": pair.confidence,
        "algorithm": pair.algorithm,
        "status": told_status(pair),
        "search_tokens": pair.search_tokens,
        "reviewed_by": pair.reviewed_by if decided else None,
        "reviewed_at": pair.reviewed_at if decided else None,
    }


def told_status(pair: CandidatePair) -> str:
    """In the document's words: of one that was withdrawn nobody has said anything (docs/adr/0007)."""
    return str(CandidatePair.Status.PENDING if pair.status == CandidatePair.Status.WITHDRAWN else pair.status)


def change_body(change: Change) -> Body:
    return {"changed_by": change.changed_by, "changed_at": change.changed_at, "delta": change.delta}


def feedback_body(feedback: Feedback) -> Body:
    """A false positive follows its alias: `customer_id` is the customer that has it now."""
    return {
        "id": feedback.pk,
        "type": feedback.type,
        "customer_id": feedback.alias.customer_id if feedback.alias else feedback.customer_id,
        "alias_id": feedback.alias_id,
        "related_customer_id": feedback.related_customer_id,
        "merge_id": feedback.merge_id,
        "original_confidence": feedback.original_confidence,
        "original_algorithm": feedback.original_algorithm,
        "reported_by": feedback.reported_by,
        "reported_at": feedback.reported_at,
        "resolved": feedback.resolved,
        "resolved_by": feedback.resolved_by,
        "resolved_at": feedback.resolved_at,
        "notes": feedback.notes,
    }


def merge_body(merge: Merge) -> Body:
    return {
        "id": merge.pk,
        "target_id": merge.target_id,
        "source_id": merge.source_id,
        "reason": merge.reason,
        "aliases": merge.contacts,
        "by": merge.by,
        "at": merge.at,
        "undone_by": merge.undone_by,
        "undone_at": merge.undone_at,
    }


def model_body(model: MatchModel) -> Body:
    return {
        "version": model.version,
        "active": model.active,
        "reason": model.reason,
        "created_by": model.created_by,
        "created_at": model.created_at,
        "definition": model.definition,
    }
