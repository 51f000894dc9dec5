"""Who it is, in the document's words."""

from __future__ import annotations

from typing import Any

from contacts.record import Facts
from matching.identify_contact import ContactAnswer, golden_facts
from matching.lookup_keys import FIELD_OF
from matching.policies.lookups import Finding

Body = dict[str, Any]


def contact_body(answer: ContactAnswer, *, return_unique: bool) -> Body:
    """The contact's attributes first, so that none of them can pass for a word of the answer."""
    facts = golden_facts(answer)
    return {**(attributes(facts) if facts else {}), **_told(answer, return_unique=return_unique)}


def attributes(facts: Facts) -> Body:
    """What is known, without what is not."""
    fields = {name: getattr(facts, field) for name, field in FIELD_OF.items() if getattr(facts, field)}
    return {**facts.attributes, **fields}


def _told(answer: ContactAnswer, *, return_unique: bool) -> Body:
    found = answer.found
    if found is None:
        return _not_found(answer)
    several = found.answers
    body: Body = {
        "NumberOfContactsFound": len(several),
        "ContactId": several[0].customer_id,
        "ContactCreated": False,
    }
    if len(several) > 1 and not return_unique:
        body["ContactIdList"] = [customer.customer_id for customer in several]
    if len(several) > 1 and found.more:
        body["MoreContactsFound"] = True
    return body


def _not_found(answer: ContactAnswer) -> Body:
    body: Body = {
        "NumberOfContactsFound": 0,
        "ContactId": answer.created,
        "ContactCreated": answer.created is not None,
    }
    if not answer.creation.allowed:
        body["Reason"] = f"Not found, and not created: {answer.creation.reason}"
    if answer.creation.missing:
        body["MissingAttributes"] = list(answer.creation.missing)
    return body


def explanation(answer: ContactAnswer) -> Body:
    """Which lookup answers and why, with what every other one would have found."""
    found, taking_part = answer.found, answer.inquiry.taking_part
    tried = {finding.lookup.name: finding for finding in answer.findings}
    return {
        "Answered": found.lookup.name if found else None,
        "Because": _because(answer),
        "WouldCreate": found is None and answer.creation.allowed,
        "Lookups": [
            {
                "Lookup": lookup.name,
                "Kind": lookup.kind,
                "Attributes": list(lookup.attributes),
                "TookPart": lookup in taking_part,
                "Because": _took_part(lookup.leading, lookup in taking_part),
                **_found(tried.get(lookup.name)),
            }
            for lookup in answer.inquiry.strategy
        ],
    }


def _because(answer: ContactAnswer) -> str:
    if answer.found:
        return f"{answer.found.lookup.name} is the first in the strategy that finds somebody"
    if answer.creation.allowed:
        return "no lookup finds anybody: a contact would be created"
    return f"no lookup finds anybody, and nobody would be created: {answer.creation.reason}"


def _took_part(leading: str, took_part: bool) -> str:
    return f"{leading} is given" if took_part else f"{leading} is not given"


def _found(finding: Finding | None) -> Body:
    customers = finding.customers if finding else ()
    return {
        "NumberOfContactsFound": len(customers),
        "ContactIds": [customer.customer_id for customer in customers],
        "MoreContactsFound": bool(finding and finding.more),
    }
