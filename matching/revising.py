"""A source corrects what it said (PUT), and a customer is deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from contacts import customers
from contacts.errors import NotFound
from contacts.history import Chronicle
from contacts.intake import ABSENT, Revision
from contacts.models import Contact, Customer
from contacts.record import Record
from contacts.transactions import Restart, verb
from matching import keys, pairs
from matching.active import ActiveModel, active_model
from matching.disputed_keys import disputed_lookups, file_disputes
from matching.locks import lock_as_read, lock_customers, strong_key, take_strong
from matching.outcomes import Likeness, Neighbour
from matching.policies.probabilistic import likenesses
from matching.search import lookup_keys, neighbourhood, read_customers
from matching.splitting import CustomerNotFound
from sources.models import Tenant

# What a body says of whose record it is: the headers of a correction say it.
WHOSE = frozenset({"source_system", "source_key"})


class AliasNotFoundForSource(NotFound):
    def __init__(self, source_system: str) -> None:
        super().__init__(f"No alias found for source_system '{source_system}'")


@verb
def revise(
    customer_id: UUID,
    *,
    revision: Revision,
    source_system: str,
    source_key: str | None,
    tenant: Tenant,
    by: str,
) -> Customer:
    """Change what a source said of a customer and rebuild the golden record; near misses are filed, nothing links.

    Changes the source's newest alias, or the one of `source_key`. Raises CustomerNotFound, AliasNotFoundForSource.
    """
    model = active_model(tenant)
    foreseen = _revised(_find(customer_id, source_system, source_key, tenant=tenant)[1], revision)
    _take_keys(foreseen, tenant=tenant, model=model)
    misses = _near_misses(foreseen, customer_id, tenant=tenant, model=model)
    versions = {miss.neighbour.customer_id: miss.neighbour.version for miss in misses}
    locked = lock_as_read(tenant, versions, also=[customer_id])
    # Read once more now that nobody can change it: many sources may correct one customer at once.
    neighbour, contact = _find(customer_id, source_system, source_key, tenant=tenant)
    record, customer = _revised(contact, revision), locked[customer_id]
    if record.facts != foreseen.facts:
        raise Restart
    others = [held for held in neighbour.contacts if held.id != contact.pk]
    chronicle = Chronicle(tenant, by)
    if customers.keep_payload(contact, record, customer=customer, chronicle=chronicle):
        chronicle.write()
        return customer
    if customers.revise(contact, record, customer=customer, others=others, delta={}, chronicle=chronicle):
        said = [record.facts, *(held.facts for held in others)]
        lost = keys.restate(customer.pk, said, golden=customer.facts, tenant=tenant, plan=model.plan)
        siblings = neighbour.contact_ids
        version = model.version
        pairs.file_for_known(misses, contact=contact, siblings=siblings, model_version=version, chronicle=chronicle)
        disputed = disputed_lookups(lost)
        if disputed:
            chronicle.write()  # or whoever is a near miss and holds a key, too, would be proposed twice
        file_disputes(lost, disputed, contact=contact, siblings=siblings, model=model, chronicle=chronicle)
        chronicle.write()
    return customer


def _find(
    customer_id: UUID, source_system: str, source_key: str | None, *, tenant: Tenant
) -> tuple[Neighbour, Contact]:
    neighbour = read_customers(tenant, [customer_id]).get(customer_id)
    if neighbour is None:
        raise CustomerNotFound
    aliases = Contact.objects.of(tenant).live().filter(customer=customer_id, source__name=source_system)
    if source_key is not None:
        aliases = aliases.filter(source_key=source_key)
    contact = aliases.select_related("source").order_by("-added_at", "-id").first()
    if contact is None:
        raise AliasNotFoundForSource(source_system)
    if contact.pk not in neighbour.contact_ids:
        raise Restart
    return neighbour, contact


def _revised(contact: Contact, revision: Revision) -> Record:
    return Record(
        facts=revision.apply(contact.facts),
        original_payload=_overlaid(contact.original_payload, revision.original_payload),
        source_system=contact.source.name,
        source_key=contact.source_key,
        source_of_truth=contact.source_of_truth if revision.source_of_truth is None else revision.source_of_truth,
        effective_date=contact.effective_date if revision.effective_date is ABSENT else revision.effective_date,
    )


def _overlaid(said: Mapping[str, Any], payload: Mapping[str, Any]) -> dict[str, Any]:
    """The body as first sent, with what the revision says in place of what it replaces; objects part by part.

    Whose record it is, the headers say: what a body says of that is not kept, as it would be another's.
    """
    overlaid = dict(said)
    for name, value in payload.items():
        if name in WHOSE:
            continue
        earlier = said.get(name)
        both = isinstance(earlier, dict) and isinstance(value, dict)
        overlaid[name] = {**earlier, **value} if both else value  # type: ignore[dict-item]
    return overlaid


def _take_keys(record: Record, *, tenant: Tenant, model: ActiveModel) -> None:
    facts = record.facts
    wanted = [
        strong_key(tenant, kind, value) for kind, value in (("email", facts.email), ("phone", facts.phone)) if value
    ]
    hashed = model.plan.index_keys(facts, scope=tenant.pk)
    take_strong(tenant, [*wanted, *(strong_key(tenant, "key", str(key.value)) for key in hashed)])


def _near_misses(record: Record, own: UUID, *, tenant: Tenant, model: ActiveModel) -> list[Likeness]:
    known = neighbourhood(tenant=tenant, keys=lookup_keys(model.plan, record.facts, tenant=tenant))
    fits = likenesses(record.facts, known, model=model.definition)
    return [fit for fit in fits if fit.neighbour.customer_id != own]


@verb
def retire(customer_id: UUID, *, tenant: Tenant, by: str) -> None:
    """Soft-delete a customer with its contacts; candidates that wait on either side go. Raises CustomerNotFound."""
    customer = lock_customers(tenant, [customer_id]).get(customer_id)
    if customer is None:
        raise CustomerNotFound
    chronicle = Chronicle(tenant, by)
    held = list(Contact.objects.filter(customer=customer).live().values_list("pk", flat=True))
    pairs.withdraw(customer.pk, held=held, chronicle=chronicle)
    customers.retire(customer, held=held, chronicle=chronicle)
    keys.restate(customer.pk, [], tenant=tenant, plan=active_model(tenant).plan)
    chronicle.write()
