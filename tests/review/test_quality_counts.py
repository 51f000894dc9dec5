"""What the figures of the machine's links count."""

import pytest

from review import feedback
from review.quality import quality
from tests.registry import default_tenant, post

pytestmark = pytest.mark.django_db


def test_two_reports_on_one_alias_are_one_wrong_link() -> None:
    post()
    linked = post(to="BILLING")
    for reporter in ("anna", "otto"):
        feedback.report(
            customer_id=linked.customer.pk, alias_id=linked.contact.pk, notes=None, tenant=default_tenant(), by=reporter
        )
    assert quality(default_tenant()).false_positives == 1
