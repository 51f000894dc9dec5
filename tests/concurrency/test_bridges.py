"""Two nameless customers become one by one trip, which asks again under the locks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from contacts.history import Chronicle
from contacts.models import Change, Contact, Customer, Event
from contacts.record import Facts, Record
from matching import checkout
from matching.active import active_model
from matching.checkout import check_out
from matching.locks import lock_customers
from matching.lookups import LookupDefinition, create_lookup
from matching.models import CandidatePair, Constraint, LookupKey, MatchKey, Merge
from matching.revising import retire
from matching.undoing import undo_merge
from sources.models import Tenant
from tests.concurrency.checkouts import meanwhile
from tests.concurrency.threads import at_once, overlap
from tests.registry import Bought, aliases_of, buy, live_customers, post, source

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _somebody_came_before(tenant: Tenant) -> None:
    """So that it is remembered which model is in force."""
    buy(email="first@x.org")
    active_model(tenant)


def two(mark: str = "") -> tuple[Customer, Customer]:
    """Two customers, the second of two contacts."""
    first = buy(email=f"a{mark}@x.org", phone=f"555000{mark}1").customer
    second = buy(email=f"b{mark}@x.org", phone=f"555000{mark}2").customer
    buy(email=f"b{mark}@x.org", phone=f"555000{mark}3")
    return first, second


def bridge(mark: str = "") -> Bought:
    return buy(email=f"a{mark}@x.org", phone=f"555000{mark}2")


def the_longer_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkout, "join_if_unchanged", lambda *_, **__: None)


def messages(tenant: Tenant) -> int:
    record, storefront = Record(Facts(email="a@x.org", phone="5550002"), {}, "storefront"), source("storefront")
    with CaptureQueriesContext(connection) as queries:
        done = check_out(record, source=storefront, tenant=tenant, by="tester")
    assert done.outcome == "merged"
    return len([each for each in queries if each["sql"] not in ("BEGIN", "COMMIT")])


def stored(sides: tuple[Customer, Customer]) -> list[Any]:
    """All there is of two customers, with ids and values as they are called here, and without times."""
    ids = [customer.pk for customer in sides]
    contacts = list(Contact.objects.filter(customer__in=ids).order_by("pk").values())
    names = {str(pk): f"customer {place}" for place, pk in enumerate(ids)}
    names |= {str(row["id"]): f"contact {place}" for place, row in enumerate(contacts)}
    names |= {str(merge.pk): "merge" for merge in Merge.objects.filter(target__in=ids)}
    rows = [
        *(Customer.objects.filter(pk=pk).values().get() for pk in ids),
        *contacts,
        *Merge.objects.filter(target__in=ids).values(),
        *Change.objects.filter(customer__in=ids).order_by("pk").values(),
        *Event.objects.filter(customer_id__in=ids).order_by("pk").values(),
    ]
    return [_named({name: value for name, value in row.items() if _kept(name)}, names) for row in rows]


def _kept(name: str) -> bool:
    return name not in ("id", "at") and not name.endswith("_at")


def _named(said: Any, names: dict[str, str]) -> Any:
    if isinstance(said, dict):
        return {names.get(name, name): _named(value, names) for name, value in said.items()}
    if isinstance(said, list):
        return [_named(value, names) for value in said]
    if isinstance(said, int | UUID) and not isinstance(said, bool):
        return names.get(str(said), said)
    return names.get(said, said.replace("5550009", "555000").replace("9@", "@")) if isinstance(said, str) else said


def test_a_bridge_takes_one_trip_behind_the_reading(tenant: Tenant) -> None:
    two()
    assert messages(tenant) == 2


def test_it_writes_what_the_longer_way_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:  # ids that are no other numbers
        cursor.execute("SELECT setval('contacts_contact_id_seq', 1000000), setval('matching_merge_id_seq', 2000000)")
    quick, slow = two(), two("9")
    done = bridge()
    the_longer_way(monkeypatch)
    slowly = bridge("9")
    assert stored(slow) == stored(quick)
    assert (done.outcome, done.customer_id, done.added) == (slowly.outcome, quick[0].pk, slowly.added)
    assert [len(member.contacts) for member in done.members] == [1, 2]
    assert Customer.objects.get(pk=quick[1].pk).merged_into_id == quick[0].pk


def test_it_can_be_undone(tenant: Tenant) -> None:
    first, second = two()
    bridge()
    with transaction.atomic():
        chronicle = Chronicle(tenant, "tester")
        undo_merge(Merge.objects.get().pk, chronicle=chronicle)
        chronicle.write()
    assert (len(aliases_of(first)), len(aliases_of(second))) == (1, 2)
    assert Customer.objects.get(pk=first.pk).facts == first.facts
    assert bridge().outcome == "found"
    assert live_customers() == 3


def _add(tenant: Tenant, first: Customer, second: Customer) -> None:
    buy(email="b@x.org", phone="5550004")


def _delete(tenant: Tenant, first: Customer, second: Customer) -> None:
    retire(second.pk, tenant=tenant, by="tester")


def _join_another(tenant: Tenant, first: Customer, second: Customer) -> None:
    buy(email="c@x.org", phone="5550009")
    buy(email="c@x.org", phone="5550002")


def _bridge(tenant: Tenant, first: Customer, second: Customer) -> None:
    bridge()


@pytest.mark.parametrize(
    ("happens", "outcome", "live", "held"),
    [(_add, "merged", 2, 4), (_delete, "linked", 2, 2), (_join_another, "merged", 2, 4), (_bridge, "found", 2, 3)],
)
def test_what_changed_meanwhile_counts(
    happens: Callable[..., None], outcome: str, live: int, held: int, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two()
    meanwhile(monkeypatch, lambda: happens(tenant, first, second))
    done = bridge()
    assert (done.outcome, done.customer_id) == (outcome, first.pk)
    assert (live_customers(), len(aliases_of(first))) == (live, held)


def keep_apart(tenant: Tenant, first: Customer, second: Customer) -> None:
    left, right = ([contact.pk for contact in aliases_of(customer)] for customer in (first, second))
    Constraint.objects.create(tenant=tenant, kind="not_same", left=right, right=left, said_by="somebody")


def test_whom_a_person_keeps_apart_stay_apart(tenant: Tenant) -> None:
    first, second = two()
    keep_apart(tenant, first, second)
    assert bridge().outcome == "found"
    assert live_customers() == 3


def test_whom_a_person_keeps_apart_meanwhile_stay_apart(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = two()
    meanwhile(monkeypatch, lambda: keep_apart(tenant, first, second))
    assert bridge().outcome == "found"
    assert live_customers() == 3


def test_who_was_merged_before_leads_to_the_survivor() -> None:
    first, second = two()
    third = buy(email="c@x.org", phone="5550009").customer
    buy(email="c@x.org", phone="5550002")
    assert Customer.objects.get(pk=third.pk).merged_into_id == second.pk
    assert bridge().customer_id == first.pk
    assert Customer.objects.get(pk=third.pk).merged_into_id == first.pk


def test_what_was_proposed_of_the_two_is_answered(tenant: Tenant) -> None:
    first, second = two()
    contact = aliases_of(second)[0]
    proposed = CandidatePair.objects.create(
        tenant=tenant,
        contact=contact,
        source_id=contact.source_id,
        customer=first,
        confidence=0.8,
        evidence={},
        algorithm="fellegi-sunter",
        search_tokens=[],
    )
    bridge()
    proposed.refresh_from_db()
    assert proposed.status == CandidatePair.Status.APPROVED


def test_the_keys_of_a_lookup_made_meanwhile_are_inherited(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = two()
    mailbox = LookupDefinition("Mailbox", ["EmailAddress"], "unique")
    meanwhile(monkeypatch, lambda: create_lookup(mailbox, tenant=tenant, by="tester"))
    bridge()
    assert set(LookupKey.objects.values_list("customer_id", flat=True)) == {first.pk}


def test_the_keys_of_the_model_are_inherited(tenant: Tenant) -> None:
    _, second = two()
    MatchKey.objects.create(key=7, customer=second)
    bridge()
    assert not MatchKey.objects.exists()
    assert live_customers() == 2


def test_who_has_a_name_goes_the_longer_way(tenant: Tenant) -> None:
    named = post(address=None)
    other = buy(email="a@x.org", phone="5550001")
    assert buy(email="sylvia.abernathy@example.org", phone="5550001").outcome == "merged"
    assert live_customers() == 2
    assert Customer.objects.filter(merged_into__in=[named.customer_id, other.customer_id]).count() == 1


def test_who_holds_one_of_the_two_is_waited_for(tenant: Tenant) -> None:
    _, second = two()
    both = overlap(lambda: lock_customers(tenant, [second.pk]), bridge)
    assert both.waited
    assert (both.second.outcome, live_customers()) == ("merged", 2)


def test_as_a_part_of_another_transaction_it_is_undone_with_it() -> None:
    two()
    with transaction.atomic():
        assert bridge().outcome == "merged"
        transaction.set_rollback(True)
    assert live_customers() == 3


def test_bridges_in_both_directions_at_once_leave_one_customer() -> None:
    for mark in range(10):
        first, _ = two(str(mark))
        ways = [(f"a{mark}@x.org", f"555000{mark}2"), (f"b{mark}@x.org", f"555000{mark}1")] * 2
        done = at_once([partial(buy, email=email, phone=phone) for email, phone in ways])
        assert {each.customer_id for each in done} == {first.pk}
        assert sorted(each.outcome for each in done) == ["found"] * 3 + ["merged"]
    assert Merge.objects.count() == 10
    assert live_customers() == 11
