"""What waits for whom, in which order, and what never does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts import clock
from contacts.models import Event
from matching.models import CandidatePair
from matching.revising import retire
from review import claims, reconsidering, verdicts
from review.console.filters import Filters
from review.console.queue import claim_following, following, neighbours
from review.queue import BEST_FIRST, NEWEST_FIRST, OLDEST_FIRST, waiting
from sources.models import Tenant
from tests.identity.api.callers import with_key
from tests.registry import default_tenant, post
from tests.review.desk import admin, client_of, near_miss, person, seat, steward, torn

pytestmark = pytest.mark.django_db


def waits() -> list[int]:
    """The records that wait, best first."""
    return [pair.contact_id for pair in waiting(default_tenant()).in_order(BEST_FIRST)]


def only(pair: CandidatePair) -> dict[str, Any]:
    return {"customer_id": pair.contact.customer_id, "alias_id": pair.contact_id, "candidate_id": pair.pk}


def test_it_asks_once_about_a_record_that_came_near_to_three_customers() -> None:
    record = torn()
    leading: list[Any] = [
        pair for pair in waiting(default_tenant()).with_company(timezone.now()) if pair.contact_id == record.contact.pk
    ]
    assert len(leading) == 1
    assert leading[0].further == 2
    assert leading[0].confidence == max(pair.confidence for pair in record.candidates)


def test_it_forgets_what_was_decided() -> None:
    first, second = near_miss(1), near_miss(2)
    verdicts.reject(**only(first.candidates[0]), tenant=default_tenant(), by="jane")
    assert waits() == [second.contact.pk]
    verdicts.approve(**only(second.candidates[0]), tenant=default_tenant(), by="jane")
    assert waits() == []


def test_it_shows_nothing_of_a_deleted_candidate_nor_of_a_deleted_record() -> None:
    candidate_gone, record_gone, alive = near_miss(1), near_miss(2), near_miss(3)
    retire(candidate_gone.candidates[0].customer_id, tenant=default_tenant(), by="jane")
    retire(record_gone.customer.pk, tenant=default_tenant(), by="jane")
    assert waits() == [alive.contact.pk]
    gone = CandidatePair.objects.exclude(contact=alive.contact)
    assert list(gone.values_list("status", "reviewed_by").distinct()) == [("withdrawn", "jane")]
    assert CandidatePair.objects.get(contact=alive.contact).status == "pending"
    closed = Event.objects.filter(kind=Event.Kind.CANDIDATE_CLOSED, by="jane").order_by("pk")
    assert [(event.body["candidate"], event.body["status"]) for event in closed] == [
        (candidate_gone.candidates[0].pk, "withdrawn"),
        (record_gone.candidates[0].pk, "withdrawn"),
    ]


def test_what_was_deleted_is_told_of_but_asked_about_no_more() -> None:
    record = near_miss()
    retire(record.candidates[0].customer_id, tenant=default_tenant(), by="jane")
    [told] = with_key().get(f"/customers/{record.customer.pk}/aliases").json()
    assert [(each["status"], each["reviewed_by"]) for each in told["candidates"]] == [("pending", None)]
    page = client_of(admin()).get(f"/console/customers/{record.customer.pk}").content.decode()
    assert "one of the two was deleted" in page
    assert client_of(steward("joan")).get(f"/console/queue/{record.contact.pk}").status_code == 200


def test_it_follows_a_merge_of_the_candidate_and_drops_a_record_that_joined_its_candidate() -> None:
    moved, joined = near_miss(1), near_miss(2)
    elsewhere = post(person(7), key="C7")
    verdicts.merge(
        target_id=elsewhere.customer.pk, source_id=moved.candidates[0].customer_id, tenant=default_tenant(), by="jane"
    )
    verdicts.merge(
        target_id=joined.candidates[0].customer_id, source_id=joined.customer.pk, tenant=default_tenant(), by="jane"
    )
    pairs = list(waiting(default_tenant()))
    assert [(pair.contact_id, pair.customer_id) for pair in pairs] == [(moved.contact.pk, elsewhere.customer.pk)]


def test_it_never_crosses_a_tenant() -> None:
    near_miss(1)
    assert not waiting(Tenant.objects.create(name="others")).exists()


def test_a_steward_sees_the_records_of_their_own_sources_only_and_an_admin_all() -> None:
    mine, another = near_miss(1), near_miss(2, to="SHOP")
    jane = seat(steward("jane", of=("BILLING",)))
    assert [pair.contact_id for pair in jane.pairs()] == [mine.contact.pk]
    assert {pair.contact_id for pair in seat(admin()).pairs()} == {mine.contact.pk, another.contact.pk}


def test_a_steward_of_no_source_sees_nothing() -> None:
    near_miss(1)
    assert not seat(steward("nobody", of=())).pairs().exists()


def test_what_somebody_cannot_tell_leaves_their_queue_and_stays_in_the_others() -> None:
    record = near_miss(1)
    jane, joan = seat(steward("jane")), seat(steward("joan"))
    reconsidering.defer(record.candidates[0].pk, note="ask them", tenant=default_tenant(), by="jane")
    assert not Filters().pairs(jane).exists()
    assert Filters(view="put-off").pairs(jane).exists()
    assert Filters().pairs(joan).exists()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"band": "low"}, {1, 2}),
        ({"band": "high"}, set()),
        ({"reason": "email"}, {1}),
        ({"reason": "phone"}, {2}),
        ({"reason": "tied"}, set()),
        ({"age": "day"}, {1}),
        ({"claimed": "nobody"}, {2}),
        ({"claimed": "others"}, {1}),
        ({"view": "mine"}, set()),
    ],
)
def test_it_filters(asked: dict[str, str], found: set[int]) -> None:
    with clock.replaying(timezone.now() - timedelta(days=2)):
        by_email = near_miss(1)
    by_phone = near_miss(2, phone="+12148670000")
    claims.take(by_email.contact.pk, tenant=default_tenant(), by="joan")
    numbers = {by_email.contact.pk: 1, by_phone.contact.pk: 2}
    root = seat(admin())
    assert {numbers[pair.contact_id] for pair in Filters.read(asked, root).pairs(root)} == found


def test_it_finds_the_cases_alike() -> None:
    example, alike, unlike = near_miss(1), near_miss(2), near_miss(3, phone="+12148670000")
    root = seat(admin())
    found = Filters.read({"alike": str(example.candidates[0].pk)}, root).pairs(root)
    assert {pair.contact_id for pair in found} == {example.contact.pk, alike.contact.pk}
    assert unlike.contact.pk not in {pair.contact_id for pair in found}


def test_words_that_no_filter_knows_count_for_nothing() -> None:
    near_miss(1)
    root = seat(admin())
    nonsense = {"source": "999999", "band": "<script>", "alike": "٣", "sort": "'; --", "age": "never"}
    assert Filters.read(nonsense, root).asked == {}
    assert Filters.read(nonsense, root).pairs(root).count() == 1


def test_every_order_is_total_so_that_next_and_previous_pass_every_record_once() -> None:
    for number in range(5):
        near_miss(number)
    root = seat(admin())
    for sort, order in (("", BEST_FIRST), ("oldest", OLDEST_FIRST), ("newest", NEWEST_FIRST)):
        asked = Filters(sort=sort)
        expected = list(asked.pairs(root).in_order(order))
        passed = [expected[0]]
        while after := neighbours(root, asked, passed[-1])[1]:
            passed.append(after[0])
        assert passed == expected
        assert [neighbours(root, asked, pair)[0] for pair in passed] == [[], *([pair] for pair in passed[:-1])]


def test_the_next_one_is_what_follows_and_after_the_last_comes_the_first() -> None:
    for number in range(3):
        near_miss(number)
    root = seat(admin())
    first, second, third = Filters().pairs(root).in_order(BEST_FIRST)
    assert following(root, Filters(), after=first) == second
    assert following(root, Filters(), after=third) == first
    assert following(root, Filters(), after=None) == first


def test_what_somebody_else_has_claimed_is_passed_over() -> None:
    for number in range(3):
        near_miss(number)
    root = seat(admin())
    first, second, third = Filters().pairs(root).in_order(BEST_FIRST)
    claims.take(second.contact_id, tenant=default_tenant(), by="joan")
    assert claim_following(root, Filters(), after=first) == third
    claims.take(first.contact_id, tenant=default_tenant(), by="joan")
    assert claim_following(root, Filters(), after=third) == third


def test_there_is_no_next_one_in_an_empty_queue() -> None:
    assert claim_following(seat(admin()), Filters(), after=None) is None
