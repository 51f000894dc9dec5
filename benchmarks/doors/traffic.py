"""What callers send: for each door, kinds of traffic over the people of a filled registry. Seeded, endless.

Even numbers are named customers of CRM, odd ones nameless shoppers (benchmarks.filling).
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator

from benchmarks import people

Request = tuple[str, bytes]
Traffic = Iterator[Request]


def traffics(size: int, seed: int) -> dict[str, Traffic]:
    """Every kind of traffic by name. `seed` tells clients apart: what is new to one is new to all."""
    rng = random.Random(seed)
    fresh = _fresh(seed)
    return {
        "identify repeat": _endless(lambda: _identify(known := _shopper(rng, size), known)),
        "identify mixed": _endless(lambda: _mixed_identify(rng, size, fresh)),
        "identify bridging": _endless(lambda: _bridging(rng, size)),
        "customers mixed": _endless(lambda: _mixed_customers(rng, size, fresh)),
        "contacts repeat": _endless(lambda: _contact_centre(_shopper(rng, size))),
        "contacts mixed": _endless(lambda: _contact_centre(_any(rng, size) if rng.random() < 0.8 else next(fresh))),
    }


def _endless(make: Callable[[], Request]) -> Traffic:
    while True:
        yield make()


def _fresh(seed: int) -> Iterator[int]:
    """Numbers of people whom nobody has seen."""
    number = 100_000_000 + seed * 1_000_000
    while True:
        yield number
        number += 1


def _any(rng: random.Random, size: int) -> int:
    return rng.randint(1, size)


def _shopper(rng: random.Random, size: int) -> int:
    return rng.randrange(1, size, 2)


def _identify(email: int, phone: int) -> Request:
    body = {"email": people.email_of(email), "phoneNumber": people.phone_of(phone)}
    return "/identify", json.dumps(body).encode()


def _mixed_identify(rng: random.Random, size: int, fresh: Iterator[int]) -> Request:
    """Of a hundred: 70 repeats, 20 newcomers, 8 with a new phone, 2 that bridge two customers."""
    roll = rng.random()
    if roll < 0.70:
        known = _shopper(rng, size)
        return _identify(known, known)
    if roll < 0.90:
        new = next(fresh)
        return _identify(new, new)
    if roll < 0.98:
        return _identify(_shopper(rng, size), next(fresh))
    return _bridging(rng, size)


def _bridging(rng: random.Random, size: int) -> Request:
    """Always the same two of four: at random, everybody would soon be one customer of thousands of contacts."""
    one = _shopper(rng, size)
    return _identify(one, one ^ 2)


def _mixed_customers(rng: random.Random, size: int, fresh: Iterator[int]) -> Request:
    """Of a hundred: 40 newcomers, 40 known to CRM and now in ERP, 15 namesakes, 5 corrections of CRM's own."""
    roll = rng.random()
    number = 2 * rng.randint(1, size // 2)
    if roll < 0.40:
        new = next(fresh)
        return _customer(people.body_of(new), "ERP", f"N{new}")
    if roll < 0.80:
        return _customer(people.misspelt(number), "ERP", f"L{next(fresh)}")
    if roll < 0.95:
        return _customer({**people.body_of(number), "first_name": "Quentin"}, "ERP", f"M{next(fresh)}")
    return _customer({**people.body_of(number), "note": rng.random()}, "CRM", f"K{number}")


def _customer(body: dict[str, object], source: str, key: str) -> Request:
    return "/customers", json.dumps({**body, "source_system": source, "source_key": key}).encode()


def _contact_centre(number: int) -> Request:
    """By a name that the registry does not have: where a named customer has the e-mail, another one is created."""
    body = {"MediaType": "email", "EmailAddress": people.email_of(number), "LastName": "Caller"}
    return "/contacts/identify", json.dumps(body).encode()
