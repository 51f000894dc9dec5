"""Customers that lack keys under which this version of the program would store them.

An earlier version may have made fewer or other keys of the same record: whoever was stored by it is overlooked where
only a key of today leads there. Nobody has to know which version it was. Some customers are taken at random, and the
keys in the table compared with those that are due. What else is there, as after a change of model, does no harm.
"""

from __future__ import annotations

import logging
from random import randint
from uuid import UUID

from django.db import connection, transaction

from contacts.models import Customer
from matching.models import KeyBuild
from matching.rekeying import due, rebuild
from sources.models import Tenant
from sources.tenants import tenants

SAMPLE = 200
LOWEST, HIGHEST = -(2**63), 2**63 - 1

# Keys are hashes, so that those that follow any number are of anybody.
_STORED = """
SELECT customer.id FROM (
    (SELECT customer_id FROM matching_matchkey WHERE key >= %(key)s ORDER BY key LIMIT %(most)s)
    UNION (SELECT customer_id FROM matching_matchkey WHERE key < %(key)s ORDER BY key DESC LIMIT %(most)s)) AS stored
JOIN contacts_customer AS customer ON customer.id = customer_id
WHERE customer.tenant_id = %(tenant)s AND customer.deleted_at IS NULL
"""
_KEYS = "SELECT key, customer_id FROM matching_matchkey WHERE customer_id = ANY(%s)"

logger = logging.getLogger(__name__)


def renew() -> None:
    """Store the customers of every tenant anew where some lack keys. Broken off, it is repeated from the beginning."""
    for tenant in tenants():
        if are_lacking(tenant):
            logger.warning("customers of tenant %s have match keys of an earlier version: renewing all", tenant.pk)
            done = rebuild(tenant)
            logger.warning("the match keys of all %s customers of tenant %s are renewed", done, tenant.pk)


def are_lacking(tenant: Tenant) -> bool:
    """Whether one of some customers lacks keys, while none are being built. Not for use in a transaction."""
    if KeyBuild.objects.filter(tenant=tenant).exists():
        return False
    for ids in (_with_keys(tenant), _any(tenant)):
        # At one moment: what is said of a customer and the keys change together.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute(_KEYS, [ids])
            if not due(tenant, ids) <= set(cursor.fetchall()):
                return True
    return False


def _with_keys(tenant: Tenant) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_STORED, {"key": randint(LOWEST, HIGHEST), "most": SAMPLE, "tenant": tenant.pk})  # noqa: S311
        return [customer for (customer,) in cursor.fetchall()]


def _any(tenant: Tenant) -> list[UUID]:
    """Neighbours in time, from any moment on: also customers without keys."""
    ids = Customer.objects.of(tenant).live().order_by("pk").values_list("pk", flat=True)
    first, last = ids.first(), ids.last()
    if first is None or last is None:
        return []
    somewhere = UUID(int=randint(first.int, last.int))  # noqa: S311 - nothing depends on its being unforeseeable
    return list(ids.filter(pk__gte=somewhere)[:SAMPLE])
