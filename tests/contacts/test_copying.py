"""COPY is no call of Django's, and yet breaks as its calls do: whoever begins a verb again looks for those errors."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from contacts.copying import copy_rows
from contacts.models import Customer
from tests.registry import post

pytestmark = pytest.mark.django_db


def test_it_breaks_with_the_errors_that_a_verb_is_begun_again_for() -> None:
    post()
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_rows(Customer, [Customer.objects.get()])
