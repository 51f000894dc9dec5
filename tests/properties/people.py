"""A small alphabet of records, so that random ones meet: links, near misses, ties, families, bare names."""

from __future__ import annotations

from random import Random
from typing import Any

SOURCES = ("CRM", "BILLING", "SHOP")
KEYS = tuple("123456789")

OAK = {"street": "12 Oak Avenue", "city": "Dallas", "state": "TX", "zip": "75201"}
ELM = {"street": "7 Elm Street", "city": "Plano", "state": "TX", "zip": "75023"}

# A family under one roof with one telephone, a namesake elsewhere, and somebody who has nothing to do with them.
PEOPLE: tuple[dict[str, Any], ...] = (
    {
        "first_name": "Bill",
        "last_name": "Carter",
        "email": "bill@example.org",
        "phone": "+12148675309",
        "address": OAK,
    },
    {
        "first_name": "Dora",
        "last_name": "Carter",
        "email": "dora@example.org",
        "phone": "+12148675309",
        "address": OAK,
    },
    {
        "first_name": "William",
        "last_name": "Carter",
        "email": "will@example.org",
        "phone": "+12148675301",
        "address": ELM,
    },
    {"first_name": "Otto", "last_name": "Zimmer", "email": "otto@example.net", "phone": "+13125550100", "address": ELM},
)
EMAILS = tuple(somebody["email"] for somebody in PEOPLE)
PHONES = ("+12148675309", "+12148675301", "+13125550100")
FACEBOOK_IDS = ("bill.c", "dora.c", "otto")

# Which fields a source happens to know: everything mostly, or little.
KNOWN = (
    *(("first_name", "last_name", "email", "phone", "address"),) * 5,
    ("first_name", "last_name", "email", "phone"),
    ("first_name", "last_name", "email"),
    ("first_name", "last_name", "phone", "address"),
    ("first_name", "last_name", "address"),
    ("first_name", "last_name"),
    ("email",),
    ("email", "phone"),
)


def somebody(rng: Random) -> dict[str, Any]:
    """What a source may say of one of the people: a part of it, now and then with another's e-mail or phone."""
    person = dict(rng.choice(PEOPLE))
    if rng.random() < 0.4:
        person["email"] = rng.choice(EMAILS)
    if rng.random() < 0.4:
        person["phone"] = rng.choice(PHONES)
    body = {field: person[field] for field in rng.choice(KNOWN)}
    if rng.random() < 0.2:
        body["attributes"] = {"FacebookId": rng.choice(FACEBOOK_IDS)}
    if rng.random() < 0.15:
        body["effective_date"] = rng.choice(("2019-05-01", "2024-02-29T12:00:00Z"))
    if rng.random() < 0.15:
        body["source_of_truth"] = True
    return body


def correction(rng: Random) -> dict[str, Any]:
    """What a source may change about somebody."""
    if rng.random() < 0.2:
        return {"attributes": {"FacebookId": rng.choice(("", *FACEBOOK_IDS))}}
    field = rng.choice(("first_name", "last_name", "email", "phone", "address"))
    return {field: rng.choice(PEOPLE)[field]}
