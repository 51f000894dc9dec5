"""A pinned value stands whatever is said later, goes with the record that says it, and can be let go."""

from __future__ import annotations

from uuid import UUID

import pytest

from contacts.intake import read_submission
from contacts.models import Change, Customer, Event
from matching import pinning
from matching.bulk.identify_many import Submission, identify_many
from matching.splitting import CustomerNotFound
from review import verdicts
from review.portrait import golden_values
from tests.registry import SYLVIA, aliases_of, default_tenant, post, put, source

pytestmark = pytest.mark.django_db

LATER = "2031-01-01"
AMY = {**SYLVIA, "first_name": "Amy", "email": "amy@example.org", "phone": "+13125550100", "address": None}


def pin(customer: UUID, field: str, alias: int, *, reason: str = "seen the passport") -> Customer:
    tenant = default_tenant()
    return pinning.pin(customer, field=field, alias_id=alias, reason=reason, tenant=tenant, by="steward")


def unpin(customer: UUID, field: str) -> Customer:
    return pinning.unpin(customer, field=field, tenant=default_tenant(), by="steward")


def two_records() -> tuple[UUID, int, int]:
    """Sylvia's customer, and her records in CRM and BILLING, of which the later says Abernathy-Moore."""
    crm = post().contact
    billing = post(to="BILLING", last_name="Abernathy-Moore").contact
    assert billing.customer_id == crm.customer_id
    return crm.customer_id, crm.pk, billing.pk


def last_name(customer: UUID) -> str:
    return Customer.objects.get(pk=customer).last_name


def test_it_stands_through_posts_and_corrections_until_it_is_let_go() -> None:
    sylvia, crm, _ = two_records()
    assert pin(sylvia, "last_name", crm).last_name == "Abernathy"
    post(to="SHOP", key="9", last_name="Abernathy-More", source_of_truth=True)
    assert len(aliases_of(sylvia)) == 3
    put(sylvia, by_source="BILLING", last_name="Moore", effective_date=LATER)
    put(sylvia, by_source="CRM", last_name="Abernethy")
    assert last_name(sylvia) == "Abernathy"
    assert unpin(sylvia, "last_name").last_name == "Abernathy-More"


def test_it_stands_through_a_chunk_of_an_import() -> None:
    """Records that are resolved many at once see the pin as those one by one do."""
    sylvia, crm, _ = two_records()
    pin(sylvia, "last_name", crm)
    shop, tenant = source("SHOP"), default_tenant()
    said = {**SYLVIA, "last_name": "Abernathy-More", "source_system": "SHOP", "source_of_truth": True}
    bodies = [{**said, "source_key": key} for key in ("S-1", "S-2")]
    records = [read_submission(body, required_fields=[], region=tenant.region, attribute_types={}) for body in bodies]
    identify_many([Submission(record, shop) for record in records], tenant=tenant, by="import")
    assert (len(aliases_of(sylvia)), last_name(sylvia)) == (4, "Abernathy")
    assert unpin(sylvia, "last_name").last_name == "Abernathy-More"


def test_it_is_told_in_history_and_events_with_who_and_why() -> None:
    sylvia, crm, _ = two_records()
    version = Customer.objects.get(pk=sylvia).version
    pinned = pin(sylvia, "last_name", crm)
    entry, event = Change.objects.latest("pk"), Event.objects.latest("pk")
    assert (entry.changed_by, entry.delta["pin"]["action"], entry.delta["pin"]["reason"]) == (
        "steward",
        "pinned",
        "seen the passport",
    )
    assert entry.delta["last_name"] == {"from": "Abernathy-Moore", "to": "Abernathy"}
    assert (event.kind, event.customer_id, event.body) == ("updated", sylvia, {"contact": crm})
    assert pinned.version == version + 1
    (value,) = [each for each in golden_values(pinned.facts, aliases_of(sylvia)) if each.field == "last_name"]
    assert value.pin is not None
    assert (value.pin.by, value.pin.reason, value.origin and value.origin.pk) == ("steward", "seen the passport", crm)


def test_saying_it_again_writes_nothing() -> None:
    sylvia, crm, _ = two_records()
    pin(sylvia, "last_name", crm)
    before = Change.objects.count(), Event.objects.count()
    pin(sylvia, "last_name", crm)
    assert (Change.objects.count(), Event.objects.count()) == before


def test_a_new_pin_takes_the_place_of_the_one_before() -> None:
    sylvia, crm, billing = two_records()
    pin(sylvia, "last_name", crm)
    pin(sylvia, "last_name", billing)
    assert [set(alias.pins or {}) for alias in aliases_of(sylvia)] == [set(), {"last_name"}]
    assert unpin(sylvia, "last_name").last_name == "Abernathy-Moore"


def test_it_goes_with_its_record_to_the_side_of_a_split_that_has_it() -> None:
    sylvia, crm, _ = two_records()
    pin(sylvia, "phone", crm)
    put(sylvia, by_source="CRM", phone="+13125550111")
    kept, new, _ = verdicts.split(customer_id=sylvia, aliases=[crm], tenant=default_tenant(), by="steward")
    assert (new.phone, kept.phone) == (SYLVIA["phone"], SYLVIA["phone"])
    unpin(new.pk, "phone")
    assert Customer.objects.get(pk=new.pk).phone == "+13125550111"
    with pytest.raises(pinning.NotPinned):
        unpin(kept.pk, "phone")


def test_a_merge_hears_who_spoke_last_and_its_undoing_gives_each_side_its_own() -> None:
    sylvia, crm, _ = two_records()
    amy = post(AMY, key="2").contact
    pin(amy.customer_id, "first_name", amy.pk)
    pin(amy.customer_id, "email", amy.pk)
    pin(sylvia, "first_name", crm)
    tenant = default_tenant()
    survivor = verdicts.merge(target_id=sylvia, source_id=amy.customer_id, tenant=tenant, by="steward")
    assert (survivor.first_name, survivor.email) == ("Sylvia", "amy@example.org")
    verdicts.undo_merge(survivor.merges.latest("pk").pk, tenant=tenant, by="steward")
    assert Customer.objects.get(pk=amy.customer_id).first_name == "Amy"
    assert Customer.objects.get(pk=sylvia).email == SYLVIA["email"]
    unpin(amy.customer_id, "first_name")
    unpin(sylvia, "first_name")


def test_letting_go_after_a_merge_does_not_uncover_the_other_sides_pin() -> None:
    sylvia, crm, _ = two_records()
    amy = post(AMY, key="2", effective_date="2001-01-01").contact
    pin(amy.customer_id, "first_name", amy.pk)
    pin(sylvia, "first_name", crm)
    verdicts.merge(target_id=sylvia, source_id=amy.customer_id, tenant=default_tenant(), by="steward")
    assert unpin(sylvia, "first_name").first_name == "Sylvia"


def test_only_what_one_of_its_own_records_says_can_be_pinned() -> None:
    sylvia, crm, _ = two_records()
    amy = post(AMY, key="2").contact
    for field, alias in (("first_name", amy.pk), ("country", crm), ("attributes.FacebookId", crm), ("email", 0)):
        with pytest.raises(pinning.NothingToPin):
            pin(sylvia, field, alias)
    with pytest.raises(CustomerNotFound):
        pin(UUID(int=0), "email", crm)
    with pytest.raises(pinning.NotPinned):
        unpin(sylvia, "email")


def test_fields_are_named_as_the_history_names_them() -> None:
    assert pinning.field_named("address.zip") == "zip"
    assert pinning.field_named("attributes.born") == "attributes.born"
    assert pinning.dotted("zip") == "address.zip"
    for unknown in ("zip", "address", "address.email", "attributes", "source_key", ""):
        with pytest.raises(pinning.UnknownField):
            pinning.field_named(unknown)
