"""People at the console, and records that wait for them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client

from matching.identify import Identified
from review.console.access import Seat, seat_of
from sources.memberships import enrol
from sources.models import Membership, Reviewer, Tenant
from tests.registry import default_tenant, post, source

PASSWORD = "a long made-up password"


def somebody(name: str, *, role: str = Membership.Role.STEWARD, tenant: Tenant | None = None) -> Any:
    user = get_user_model().objects.create_user(name, email=f"{name}@example.org", password=PASSWORD)
    enrol(user, tenant=tenant or default_tenant(), role=role)
    return user


def steward(name: str = "jane", *, of: tuple[str, ...] = ("BILLING",)) -> Any:
    """Who reviews the records of these sources."""
    user = somebody(name)
    for each in of:
        Reviewer.objects.create(source=source(each), first_name=name, last_name="Steward", email=f"{name}@example.org")
    return user


def admin(name: str = "root") -> Any:
    return somebody(name, role=Membership.Role.ADMIN)


def seat(user: Any) -> Seat:
    found = seat_of(user)
    assert found is not None
    return found


def client_of(user: Any, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(user)
    return client


def person(number: int) -> dict[str, Any]:
    """People that no model would take for one another."""
    letters = "".join(chr(ord("a") + int(digit)) for digit in f"{number:04d}")
    return {
        "first_name": f"{letters.capitalize()}bert",
        "last_name": f"Mc{letters[::-1].capitalize()}son",
        "email": f"{letters}@example.org",
        "phone": f"+1214867{number:04d}",
        "address": {
            "street": f"{number + 1} {letters.capitalize()} Avenue",
            "city": "Dallas",
            "state": "TX",
            "zip": "75201",
        },
    }


def near_miss(number: int = 0, *, to: str = "BILLING", **differing: Any) -> Identified:
    """A customer of CRM, and a record of another source that waits beside it: another e-mail, unless told otherwise."""
    body = person(number)
    post(body, key=f"C{number}")
    done = post(body, to=to, key=f"B{number}", **(differing or {"email": f"other{number}@example.com"}))
    assert len(done.candidates) == 1, done
    return done


def form_of(page: Any) -> dict[str, str]:
    """What the verdict form of a Compare page carries."""
    case = page.context["case"]
    return {
        "customer": str(case.contact.customer_id),
        "version": str(case.incoming_customer.version),
        "candidate": str(case.pair.customer_id),
        "candidate_version": str(case.pair.customer.version),
        "read_at": case.read_at.isoformat(),
    }


def torn(number: int = 0, *, to: str = "BILLING") -> Identified:
    """A record that came near to three customers, each of which differs from it in something else."""
    body = person(number)
    post(body, key=f"C{number}a", email=f"other{number}@example.com")
    post(body, key=f"C{number}b", phone="+12065550199")
    post(body, key=f"C{number}c", address={"street": "990 Willow Lane", "city": "Boise", "state": "ID", "zip": "83702"})
    done = post(body, to=to, key=f"B{number}")
    assert len(done.candidates) == 3, done
    return done
