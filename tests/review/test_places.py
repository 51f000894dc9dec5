"""A steward is told where in the queue they are: exactly as far as it is counted, and no more than that beyond."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from matching.models import CandidatePair
from review import claims, reconsidering, verdicts
from review.console import places
from review.console.filters import Filters
from review.console.places import Place, place_of
from review.queue import BEST_FIRST, waiting
from tests.registry import default_tenant
from tests.review.desk import admin, client_of, near_miss, seat, steward, torn

pytestmark = pytest.mark.django_db


def queue() -> list[CandidatePair]:
    return list(waiting(default_tenant()).in_order(BEST_FIRST))


def told(client: Any, pair: CandidatePair, query: str = "") -> str | None:
    page = client.get(reverse("console:queue-case", args=[pair.contact_id]) + query)
    place = page.context["place"]
    assert place is None or f"{place.words}</span>" in page.content.decode()
    return place and place.words


def test_each_record_has_its_place_whatever_the_order() -> None:
    for number in range(3):
        near_miss(number)
    torn(3)
    client = client_of(steward())
    for query in ("", "?sort=newest", "?sort=oldest"):
        rows = client.get("/console/" + query).context["rows"]
        assert [told(client, row.pair, query) for row in rows] == ["1 of 4", "2 of 4", "3 of 4", "4 of 4"]


def test_of_a_part_it_is_the_place_in_that_part() -> None:
    for number in range(3):
        near_miss(number)
    near_miss(3, phone="+13125550100")
    client = client_of(steward())
    rows = client.get("/console/?reason=email").context["rows"]
    assert told(client, rows[2].pair, "?reason=email") == "3 of 3"


def test_what_is_not_in_the_part_has_no_place_there() -> None:
    near_miss(0)
    decided, put_off = near_miss(1).candidates[0], near_miss(2).candidates[0]
    verdicts.reject(
        customer_id=decided.contact.customer_id,
        alias_id=decided.contact_id,
        candidate_id=decided.pk,
        tenant=default_tenant(),
        by="joan",
    )
    client = client_of(steward())
    reconsidering.defer(put_off.pk, note="", tenant=default_tenant(), by="jane")
    assert told(client, decided) is None
    assert told(client, put_off) is None
    assert told(client, put_off, "?view=put-off") == "1 of 1"


def test_the_list_tells_which_part_of_it_a_page_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("review.console.queue.PAGE", 2)
    for number in range(5):
        near_miss(number)
    client = client_of(steward())
    first = client.get("/console/")
    assert first.context["place"].words == "1 to 2 of 5"
    further = client.get(f"/console/?after={first.context['further']}")
    assert further.context["place"].words == "3 to 4 of 5"
    assert client.get("/console/?reason=tied").context["place"] is None


def test_beyond_what_is_counted_it_says_so() -> None:
    assert Place(7, 7, 1001).words == "7 of more than 1,000"
    assert Place(1001, 1001, 1001).words == "after the first 1,000"
    assert Place(951, 1000, 1001).words == "951 to 1,000 of more than 1,000"


def test_a_part_is_counted_less_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "COUNTED_OF_A_PART", 1)
    for number in range(3):
        near_miss(number)
    jane, (first, _, last) = seat(steward()), queue()
    part = Filters(reason="email")
    for pair, words in ((first, "1 of more than 1"), (last, "after the first 1")):
        place = place_of(jane, part, pair)
        assert place is not None
        assert place.words == words


def test_a_page_that_is_fetched_in_advance_counts_nothing() -> None:
    pair = near_miss().candidates[0]
    page = client_of(steward()).get(
        reverse("console:queue-case", args=[pair.contact_id]), headers={"X-Case-Ahead": "1"}
    )
    assert "place" not in page.context


def test_a_row_shows_who_put_it_off_last_and_the_note() -> None:
    pair = near_miss().candidates[0]
    about: dict[str, Any] = {"tenant": default_tenant()}
    reconsidering.defer(pair.pk, note="an older note", by="jane", **about)
    reconsidering.defer(pair.pk, note="asked <the shop>", by="joan", **about)
    claims.take(pair.contact_id, by="joan", **about)
    shown = client_of(admin()).get("/console/").content.decode()
    assert "put off by joan" in shown
    assert "asked &lt;the shop&gt;" in shown
    assert "an older note" not in shown


def test_who_reviews_no_source_is_told_so() -> None:
    near_miss()
    nobodys = client_of(steward("joan", of=()))
    shown = nobodys.get("/console/").content.decode()
    assert "You review no source yet" in shown
    assert "joan@example.org" in shown
    near_miss(1, to="SHOP")
    assert "You review no source yet" not in client_of(steward("jane", of=("RARE",))).get("/console/").content.decode()


def test_a_row_that_was_put_off_without_a_word_shows_no_note() -> None:
    pair = near_miss().candidates[0]
    reconsidering.defer(pair.pk, note="", by="joan", tenant=default_tenant())
    shown = client_of(admin()).get("/console/").content.decode()
    assert "put off by joan" in shown
    assert 'class="note"' not in shown
