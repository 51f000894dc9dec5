"""A record brought a value that a unique lookup gives to another customer already.

The record is not lost: it is stored, the first holder keeps the key, and a person is asked whether the two are one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from contacts.history import Chronicle
from contacts.models import Contact
from matching import pairs
from matching.active import ActiveModel
from matching.locks import run_or_restart
from matching.lookup_index import LostKey, holders
from matching.models import CandidatePair, Lookup
from matching.policies.probabilistic import best_fit
from matching.search import read_customers
from sources.models import Tenant
from sources.round_trips import Prepared

# Any number may file pairs against one holder at once, and none while somebody changes it. Not waited for, as this
# transaction holds customers already (matching.locks).
_KEEP = """
SELECT id FROM contacts_customer WHERE tenant_id = %(tenant)s AND deleted_at IS NULL AND id = ANY(%(holders)s)
ORDER BY id FOR SHARE NOWAIT
"""


def disputed_lookups(lost: Sequence[LostKey]) -> dict[int, str]:
    """The names, by id, of the lookups concerned, without those that are not in force."""
    if not lost:
        return {}
    in_force = Lookup.objects.filter(pk__in={lookup for lookup, _ in lost}, state=Lookup.State.READY)
    return dict(in_force.values_list("pk", "name"))


def file_disputes(
    lost: Sequence[LostKey],
    lookups: dict[int, str],
    *,
    contact: Contact,
    siblings: Sequence[int],
    model: ActiveModel,
    chronicle: Chronicle,
) -> list[CandidatePair]:
    """Propose to people that the customer of `contact`, which is stored, is the one that holds the keys it lost.

    `siblings` are all contacts of that customer; `lookups` are those of disputed_lookups.
    """
    theirs = holders([key for key in lost if key[0] in lookups]) - {contact.customer_id}
    if not theirs:
        return []
    _keep(chronicle.tenant, theirs)
    tokens = tuple(sorted(lookups.values()))
    fits = [
        best_fit(contact.facts, neighbour._replace(tokens=tokens), model=model.definition)
        for neighbour in read_customers(chronicle.tenant, theirs).values()
    ]
    version = model.version
    return pairs.file_for_known(fits, contact=contact, siblings=siblings, model_version=version, chronicle=chronicle)


def _keep(tenant: Tenant, ids: Collection[UUID]) -> None:
    """Have these customers stay as they are until the commit. Raises Restart where somebody is changing one."""
    run_or_restart([Prepared(_KEEP, {"tenant": tenant.pk, "holders": list(ids)})])
