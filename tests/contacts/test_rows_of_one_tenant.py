"""What the database itself refuses: rows that refer to another tenant's, and to have gone what others refer to."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from contacts.models import Contact, Customer
from matching.tenants import open_tenant
from sources.models import SourceSystem, Tenant
from tests.registry import post, source

pytestmark = pytest.mark.django_db


@pytest.fixture
def other() -> Tenant:
    return open_tenant("other", by="test")


@pytest.fixture
def contact() -> Contact:
    return post().contact


def refused(rows: QuerySet[Model], **changes: object) -> str:
    """Why the database refuses to change, or, where nothing is named, to delete these rows."""
    with pytest.raises(IntegrityError) as error:
        _changed(rows, changes)
    return str(error.value)


@transaction.atomic
def _changed(rows: QuerySet[Model], changes: dict[str, object]) -> None:
    rows.update(**changes) if changes else rows._raw_delete(rows.db)
    connection.check_constraints()


def only(row: Model) -> QuerySet[Model]:
    return type(row)._default_manager.filter(pk=row.pk)


def test_a_contact_is_of_the_tenant_of_its_customer(contact: Contact, other: Tenant) -> None:
    theirs = post(tenant=other, key="2").contact.customer_id
    assert "contact_customer_of_tenant" in refused(only(contact), customer=theirs)


def test_a_contact_has_a_customer(contact: Contact) -> None:
    assert "contact_customer_of_tenant" in refused(only(contact), customer=uuid4())


def test_a_contact_is_of_the_tenant_of_its_source(contact: Contact, other: Tenant) -> None:
    assert "contact_source_of_tenant" in refused(only(contact), source=source(tenant=other))


def test_a_customer_is_of_the_tenant_of_its_contacts(contact: Contact, other: Tenant) -> None:
    assert "contact_customer_of_tenant" in refused(Customer.objects.filter(pk=contact.customer_id), tenant=other)


def test_a_customer_is_merged_into_one_of_its_tenant(contact: Contact, other: Tenant) -> None:
    theirs, now = post(tenant=other, key="2").contact.customer_id, timezone.now()
    gone = {"merged_into": theirs, "deleted_at": now, "deleted_by": "test"}
    assert "customer_merged_within_tenant" in refused(Customer.objects.filter(pk=contact.customer_id), **gone)


def test_a_source_of_contacts_stays_with_its_tenant(contact: Contact, other: Tenant) -> None:
    system = SourceSystem.objects.filter(pk=contact.source_id)
    assert "contact_source_of_tenant" in refused(system, tenant=other)
    assert "contact_source_of_tenant" in refused(system)


@pytest.mark.parametrize("change", [{}, {"id": uuid4()}])
def test_a_customer_stays(contact: Contact, change: dict[str, object]) -> None:
    # Without what refers to it: nothing but the trigger is left to refuse it.
    lonely = Customer.objects.create(tenant=contact.tenant, created_by="test")
    assert "never removed" in refused(only(lonely), **change)


@pytest.mark.parametrize("change", [{}, {"id": 12345}])
def test_a_contact_stays(contact: Contact, change: dict[str, object]) -> None:
    assert "never removed" in refused(only(contact), **change)


@pytest.mark.parametrize("change", [{}, {"id": 12345}])
def test_a_tenant_stays(change: dict[str, object]) -> None:
    empty = Tenant.objects.create(name="empty", created_by="test")
    assert "never removed" in refused(only(empty), **change)
