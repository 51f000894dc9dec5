"""Requests of every sort at all doors, about few people, so that they meet: in odd spellings, and some that are wrong.

Whom a request is about is chosen by place among the rows there are, never by id: told again to another registry that is
in the same state, it is about the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import Any, TypeVar

from contacts.attributes import define_attribute
from contacts.models import Contact, Customer
from matching import versions
from matching.model_definition import EXACT, SEED_MODEL, Comparison
from matching.models import CandidatePair, Lookup, MatchModel, Merge
from review.models import Feedback
from sources.models import SourceSystem, Tenant
from sources.tenants import open_subtenant
from tests.identity.api.callers import Api, with_key
from tests.jobs import work
from tests.properties.people import ELM, OAK
from tests.registry import source

T = TypeVar("T")

EMAILS = (
    "bill@example.org",
    " Bill@Example.ORG ",
    "dora@example.org",
    "DORA@example.org\t",
    "jos\u00e9@example.org",
    "jose\u0301@EXAMPLE.org",
    "\u0645\u062d\u0645\u062f@example.org",
    "stra\u00dfe@example.org",
    "test@test.com",
    "branch@example.org",
    "a\"\\'%(b)s%s@example.org",
    "\U0001f600@example.org",
    f"{'x' * 240}@example.org",
)
ODD_EMAILS: tuple[Any, ...] = (
    f"{'x' * 300}@example.org",
    "no address",
    "\u0130" * 254,
    "a\0b@example.org",
    "a\ud800@example.org",
    5,
    [],
    {},
)
PHONES = (
    "+12148675309",
    "(214) 867-5309",
    12148675309,
    2148675309,
    "214.867.5301",
    "+1 214 867 5301",
    "123456",
    123456,
    "0000000000",
    "\u0661\u0662\u0663\u0664\u0665\u0666",
    "030 901820",
    "+13125550100",
)
ODD_PHONES: tuple[Any, ...] = (
    "1" * 51,
    "no digits",
    10**60,
    2**1100,
    -12,
    1.5,
    True,
    "12\0",
    [],
    {"a": 1},
    "+1" + "9" * 48,
)
NAMES = (
    ("Bill", "Carter"),
    ("William", "CARTER"),
    ("Dora", "Carter"),
    ("Jose\u0301", "N\u00fa\u00f1ez"),
    ("\u05d3\u05d5\u05d3", "\u05db\u05d4\u05df"),
    ("\U0001f600", "O'Neil"),
    ("", "Carter"),
    ("Dora", ""),
)
ODD_NAMES = ("x" * 201, 5, True, {"a": 1}, "a\0b", "  ", None, "constructor")
CLUBS = ("gold", "GOLD", "silver", "", "stra\u00dfe", "STRASSE", "x" * 500)
SOURCES = ("CRM", "ERP", "WEB")
KEYS = ("1", "2", "3", "4", "\u00e9", "e\u0301", " 1 ", 1, "x" * 255)
BLOCKED = ("branch@example.org", "+12148675301", "123456")
LOOSE = replace(
    SEED_MODEL,
    comparisons=(*SEED_MODEL.comparisons, Comparison("city", EXACT, m=0.9, u=0.01)),
    review_threshold=0.35,
)


class NothingThere(Exception):
    """There is no subject for the request yet."""


class Visitor:
    """Says random things at the doors of one tenant; `told` is what was answered, in order."""

    def __init__(self, tenant: Tenant, rng: Random, api: Api, *, works: bool = True) -> None:
        self.tenant, self.rng, self.api, self.works = tenant, rng, api, works
        self.told: list[Any] = []

    def says(self, method: str, path: str, body: Any = None, **headers: str) -> None:
        """Now and then twice, by the same Idempotency-Key."""
        rng, again = self.rng, False
        if method == "POST" and rng.random() < 0.25:
            headers["Idempotency-Key"] = f"k{rng.randrange(10**9)}"
            again = rng.random() < 0.5
        for _ in range(1 + again):
            answer = self.api(method, path, body, **headers)
            told = {name: answer.headers.get(name) for name in ("Location", "X-Match-Keys-Capped", "X-Total-Count")}
            content = answer.getvalue().decode()
            assert answer.status_code < 500, (method, path, body, content)
            self.told.append([method, path, answer.status_code, told, content, body, headers])

    def choose(self, rows: Sequence[T]) -> T:
        if not rows:
            raise NothingThere
        return self.rng.choice(rows)

    def customer(self, *, gone: float = 0.1) -> Customer:
        rows = Customer.objects.of(self.tenant)
        return self.choose(list((rows if self.rng.random() < gone else rows.live()).order_by("pk")))

    def contact(self) -> Contact:
        rows = Contact.objects.of(self.tenant).live().select_related("source")
        return self.choose(list(rows.order_by("pk")))

    def odd(self, usual: Sequence[Any], wrong: Sequence[Any], *, often: float = 0.04) -> Any:
        return self.rng.choice(wrong if self.rng.random() < often else usual)


def record(on: Visitor) -> dict[str, Any]:
    rng = on.rng
    first, last = rng.choice(NAMES)
    body: dict[str, Any] = {
        "first_name": first if rng.random() < 0.95 else rng.choice(ODD_NAMES),
        "last_name": last,
        "email": on.odd(EMAILS, ODD_EMAILS),
        "phone": on.odd(PHONES, ODD_PHONES),
        "address": rng.choice((OAK, ELM, {"city": "Dallas"}, None)),
    }
    body = {name: value for name, value in body.items() if rng.random() < 0.75}
    if rng.random() < 0.3:
        body["attributes"] = {rng.choice(("club", "FacebookId")): rng.choice(CLUBS)}
    if rng.random() < 0.15:
        body["effective_date"] = rng.choice(("2019-05-01", "2024-02-29T12:00:00Z", "2024-02-29T13:00:00+01:00", "x"))
    if rng.random() < 0.15:
        body["source_of_truth"] = rng.choice((True, False, None))
    if rng.random() < 0.1:
        body["country"] = rng.choice(("DE", "us", "XX"))
    return {**body, "source_system": rng.choice(SOURCES), "source_key": rng.choice(KEYS)}


def posting(on: Visitor) -> None:
    on.says("POST", "/customers", record(on))


def batching(on: Visitor) -> None:
    on.says("POST", "/customers/batch", {"records": [record(on) for _ in range(on.rng.randint(1, 6))]})


def asking(on: Visitor) -> None:
    on.says("POST", "/match", record(on))


def reposting(on: Visitor) -> None:
    contact = on.contact()
    if contact.source_key is None:
        raise NothingThere
    on.says("POST", "/customers", {**contact.original_payload, **({} if on.rng.random() < 0.5 else record(on))})


def buying(on: Visitor) -> None:
    rng = on.rng
    body = {"email": on.odd((*EMAILS, "", None), ODD_EMAILS), "phoneNumber": on.odd((*PHONES, "", None), ODD_PHONES)}
    if rng.random() < 0.4:
        del body[rng.choice(("email", "phoneNumber"))]
    headers = {"x_source_system": rng.choice((*SOURCES, "nowhere"))} if rng.random() < 0.15 else {}
    on.says("POST", "/identify", body, **headers)


def calling(on: Visitor) -> None:
    rng = on.rng
    first, last = rng.choice(NAMES)
    body: dict[str, Any] = {
        "EmailAddress": on.odd(EMAILS, ODD_EMAILS),
        "PhoneNumber": on.odd(PHONES, ODD_PHONES),
        "FirstName": first,
        "LastName": last,
        "FacebookId": rng.choice(CLUBS),
        "club": rng.choice(CLUBS),
    }
    often = {"EmailAddress": 0.6, "PhoneNumber": 0.5}
    body = {name: value for name, value in body.items() if rng.random() < often.get(name, 0.2)}
    media = rng.choice(("any", "email", "voice", "sms", "chat", "chat", "fax"))
    body |= {"MediaType": media} if rng.random() < 0.6 else {}
    body |= {"CreateContact": rng.choice((True, "true", "false"))} if rng.random() < 0.3 else {}
    body |= {"SubscriberId": rng.choice(("east", "west", "nowhere"))} if rng.random() < 0.25 else {}
    at = rng.choice(("/contacts/identify", "/contacts/identify", "/OMContacts/Identify", "/OMContacts/IdentifyContact"))
    on.says("POST", at, {"Parameters": body} if rng.random() < 0.2 else body)


def correcting(on: Visitor) -> None:
    contact, said = on.contact(), record(on)
    kept = on.rng.sample(sorted(said), min(len(said), on.rng.randint(1, 3)))
    headers = {"x_source_system": contact.source.name}
    if contact.source_key is not None and contact.source_key.isascii() and on.rng.random() < 0.5:
        headers["x_source_key"] = contact.source_key
    on.says("PUT", f"/customers/{contact.customer_id}", {name: said[name] for name in kept}, **headers)


def merging(on: Visitor) -> None:
    on.says("PATCH", f"/customers/{on.customer().pk}", {"merge": str(on.customer().pk)})


def deleting(on: Visitor) -> None:
    on.says("DELETE", f"/customers/{on.customer().pk}")


def splitting(on: Visitor) -> None:
    customer = on.contact().customer_id
    aliases = list(Contact.objects.live().filter(customer=customer).order_by("pk").values_list("pk", flat=True))
    leaving = on.rng.sample(aliases, on.rng.randint(1, max(1, len(aliases) - 1)))
    on.says("POST", f"/customers/{customer}/split", {"aliases": leaving})


def undoing(on: Visitor) -> None:
    merges = Merge.objects.filter(tenant=on.tenant).order_by("pk")
    standing = merges.filter(undone_at=None) if on.rng.random() < 0.9 else merges
    on.says("POST", f"/merges/{on.choose(list(standing)).pk}/undo")


def deciding(on: Visitor) -> None:
    pairs = CandidatePair.objects.filter(tenant=on.tenant).select_related("contact").order_by("pk")
    pair = on.choose(list(pairs.filter(status="pending") if on.rng.random() < 0.9 else pairs))
    at = f"/customers/{pair.contact.customer_id}/aliases/{pair.contact_id}/candidates/{pair.pk}"
    on.says("POST", f"{at}/{on.rng.choice(('approve', 'reject'))}")


def disputing(on: Visitor) -> None:
    contact = on.contact()
    on.says("POST", f"/customers/{contact.customer_id}/aliases/{contact.pk}/feedback", {"notes": "x"})


def settling(on: Visitor) -> None:
    report = on.choose(list(Feedback.objects.filter(tenant=on.tenant).order_by("pk")))
    on.says("PATCH", f"/match-quality/feedback/{report.pk}", {"resolved": on.rng.random() < 0.5})


def pinning(on: Visitor) -> None:
    contact, field = on.contact(), on.rng.choice(("first_name", "email", "phone", "attributes.club"))
    at = f"/customers/{contact.customer_id}/pins/{field}"
    if on.rng.random() < 0.3:
        on.says("DELETE", at)
    else:
        on.says("PUT", at, {"alias_id": contact.pk, "reason": "seen the passport"})


def keying(on: Visitor) -> None:
    """A lookup is made, taken back or built."""
    rng = on.rng
    attributes = rng.choice(
        (["EmailAddress"], ["PhoneNumber"], ["EmailAddress", "PhoneNumber"], ["club"], ["club", "EmailAddress"])
    )
    if rng.random() < 0.5:
        unique = rng.random() < 0.7
        on.says("POST", "/identification-keys", {"attributes": attributes, "unique": unique})
    else:
        lookup = on.choose(list(Lookup.objects.filter(tenant=on.tenant, built_in=False).order_by("pk")))
        on.says("DELETE", f"/identification-keys/{lookup.name}")
    working(on, 0.6)


def setting_media(on: Visitor) -> None:
    rng = on.rng
    lookups = list(Lookup.objects.filter(tenant=on.tenant).order_by("pk").values_list("name", flat=True))
    strategy = rng.sample(lookups, rng.randint(1, min(3, len(lookups))))
    said = rng.choice(({"strategy": strategy}, {"create-contact": rng.random() < 0.7}, {"create_contact": True}))
    on.says("PUT", f"/media-types/{rng.choice(('email', 'chat', 'chat', 'sms', 'any'))}", said)


def setting_tenant(on: Visitor) -> None:
    rng = on.rng
    said = rng.choice(
        (
            {"merge_protection": rng.random() < 0.5},
            {"placeholders_link": rng.random() < 0.5},
            {"customers_per_value": rng.choice((0, 1, 2, 10))},
            {"blocked_values": rng.sample(BLOCKED, rng.randint(0, 2))},
            {"region": rng.choice(("US", "DE"))},
        )
    )
    on.says("PATCH", f"/tenants/{on.tenant.pk}", said)


def setting_source(on: Visitor) -> None:
    rng = on.rng
    rows = list(SourceSystem.objects.of(on.tenant).live().filter(built_in=False).order_by("pk"))
    if len(rows) < len(SOURCES):
        for name in sorted({*SOURCES} - {row.name for row in rows}):
            on.says("POST", "/sources", {"name": name, "required_fields": []})
        return
    one = on.choose(rows)
    if rng.random() < 0.3:
        on.says("DELETE", f"/sources/{one.pk}")
    else:
        on.says("PUT", f"/sources/{one.pk}", {"required_fields": rng.choice(([], ["email"], ["last_name"]))})


def modelling(on: Visitor) -> None:
    """Another model is put in force, or begun to be."""
    known = list(MatchModel.objects.filter(tenant=on.tenant).order_by("version").values_list("version", flat=True))
    if len(known) < 2:
        with suppress(versions.BeingPrepared):
            versions.add_model(LOOSE, tenant=on.tenant, reason="a try", by="test")
    else:
        on.says("POST", f"/match-models/{on.rng.choice(known)}/activate")
    working(on, 0.6)


def working(on: Visitor, often: float = 1.0) -> None:
    if on.rng.random() < often and on.works:
        work()


def reading(on: Visitor) -> None:
    customer, rng = on.customer(gone=0.3).pk, on.rng
    on.says(
        "GET",
        rng.choice(
            (
                f"/customers/{customer}?show=aliases,changes",
                "/customers?limit=50&include_deleted=true",
                "/events?after=0&limit=500",
                "/merges",
                "/exports/crosswalk",
                "/match-quality/feedback",
                "/customers/search?q=ca",
            )
        ),
    )


Request = Callable[[Visitor], None]
# What happens often stands often.
MIX: tuple[Request, ...] = (
    *(posting,) * 10,
    *(buying,) * 16,
    *(calling,) * 12,
    *(batching,) * 2,
    *(reposting,) * 4,
    *(correcting,) * 5,
    *(merging,) * 3,
    *(splitting,) * 3,
    *(undoing,) * 3,
    *(deciding,) * 4,
    *(deleting,) * 2,
    *(keying,) * 3,
    *(setting_tenant,) * 2,
    *(pinning,) * 2,
    setting_media,
    setting_source,
    modelling,
    working,
    disputing,
    settling,
    asking,
    *(reading,) * 2,
)


def prepared(tenant: Tenant) -> Api:
    """Gives a tenant what the requests are about; a caller with every right in it."""
    for name in SOURCES:
        source(name, tenant=tenant)
    for name in ("east", "west"):
        open_subtenant(name, tenant=tenant, by="test")
    define_attribute("club", "string", tenant=tenant, by="test")
    return with_key(tenant=tenant)
