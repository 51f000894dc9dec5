"""The database itself refuses to have somebody proposed who is another tenant's."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from contacts.models import Contact
from matching.models import CandidatePair
from matching.tenants import open_tenant
from tests.registry import post

pytestmark = pytest.mark.django_db


def propose(contact: Contact, customer: UUID) -> None:
    with transaction.atomic():
        CandidatePair.objects.create(
            tenant=contact.tenant,
            contact=contact,
            source=contact.source,
            customer_id=customer,
            confidence=0.9,
            algorithm="test",
            evidence={},
            search_tokens=[],
            created_at=timezone.now(),
        )
        connection.check_constraints()


def test_a_candidate_is_of_the_tenant_of_its_customer() -> None:
    contact, theirs = post().contact, post(tenant=open_tenant("other", by="test"), key="2").contact
    for stranger in (theirs.customer_id, uuid4()):
        with pytest.raises(IntegrityError, match="pair_customer_of_tenant"):
            propose(contact, stranger)
    propose(contact, contact.customer_id)
