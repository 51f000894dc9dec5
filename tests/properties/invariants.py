"""What must hold of a tenant's registry after every verb. Each function names every breach it finds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

from django.db.models import Count, F, Q

from contacts import survivorship
from contacts.models import Change, Contact, Customer, Event
from matching.active import active_model
from matching.lookup_index import read_keyed
from matching.lookup_keys import entries
from matching.models import CandidatePair, Constraint, LookupKey, MatchKey
from sources.models import Tenant

Pairing = frozenset[int]
NOT_SAME = Constraint.Kind.NOT_SAME


def breaches(tenant: Tenant) -> list[str]:
    return [breach for rule in RULES for breach in rule(tenant)]


def contacts_have_one_live_customer_of_their_tenant(tenant: Tenant) -> Iterator[str]:
    astray = Contact.objects.of(tenant).live().filter(~Q(customer__tenant=tenant) | ~Q(customer__deleted_at=None))
    yield from (f"contact {contact.pk} is with {contact.customer_id}" for contact in astray)
    strangers = Contact.objects.exclude(tenant=F("customer__tenant")).values_list("pk", flat=True)
    yield from (f"contact {pk} is with another tenant's customer" for pk in strangers)
    foreign = Contact.objects.exclude(tenant=F("source__tenant")).values_list("pk", flat=True)
    yield from (f"contact {pk} is of another tenant's source" for pk in foreign)


def live_customers_have_contacts(tenant: Tenant) -> Iterator[str]:
    held = Count("contacts", filter=Q(contacts__deleted_at=None))
    for customer in Customer.objects.of(tenant).live().annotate(held=held).filter(held=0):
        yield f"customer {customer.pk} has no contact"


def merges_end_in_one_hop(tenant: Tenant) -> Iterator[str]:
    for customer in Customer.objects.of(tenant).filter(merged_into__merged_into__isnull=False):
        yield f"customer {customer.pk} is merged into {customer.merged_into_id}, which is merged itself"
    for customer in Customer.objects.of(tenant).exclude(merged_into=None).exclude(merged_into__tenant=tenant):
        yield f"customer {customer.pk} is merged into another tenant's {customer.merged_into_id}"


def golden_records_are_survivorship(tenant: Tenant) -> Iterator[str]:
    held = live_contacts(tenant)
    for customer in Customer.objects.of(tenant).live():
        if customer.facts != survivorship.resolve(held[customer.pk]).facts:
            yield f"customer {customer.pk} says {customer.facts}, its contacts say otherwise"


def source_keys_are_held_once(tenant: Tenant) -> Iterator[str]:
    keyed = Contact.objects.of(tenant).live().exclude(source_key=None).values_list("source", "source_key")
    yield from (f"source key {key} is held {times} times" for key, times in Counter(keyed).items() if times > 1)


def pairs_are_of_two_customers(tenant: Tenant) -> Iterator[str]:
    pending = CandidatePair.objects.filter(tenant=tenant, status="pending").select_related(
        "customer", "contact", "against"
    )
    for pair in pending:
        if pair.customer.merged_into_id:
            yield f"pair {pair.pk} points to the merged {pair.customer_id}"
        if pair.customer_id == pair.contact.customer_id:
            yield f"pair {pair.pk} points to its own contact's customer"
        if pair.against and pair.against.deleted_at is None and pair.against.customer_id != pair.customer_id:
            yield f"pair {pair.pk} points to {pair.customer_id}, its other contact is with {pair.against.customer_id}"
        if pair.source_id != pair.contact.source_id:
            yield f"pair {pair.pk} waits in another source's queue than its contact's"
        if {pair.customer.tenant_id, pair.contact.tenant_id} != {tenant.pk}:
            yield f"pair {pair.pk} crosses tenants"
    sides = Counter((pair.contact_id, pair.customer_id) for pair in pending)
    yield from (f"{both} are proposed {times} times" for both, times in sides.items() if times > 1)


def customers_are_found_by_all_their_keys(tenant: Tenant) -> Iterator[str]:
    plan, held, stored = active_model(tenant).plan, live_contacts(tenant), stored_keys(tenant)
    for customer in Customer.objects.of(tenant):
        statements = [customer.facts, *(contact.facts for contact in held[customer.pk])]
        wanted = {key.value for facts in statements for key in plan.index_keys(facts, scope=tenant.pk)}
        if customer.deleted_at is None and wanted - stored[customer.pk]:
            yield f"customer {customer.pk} cannot be found by all of its contacts"
        if customer.deleted_at is not None and stored[customer.pk]:
            yield f"customer {customer.pk} is gone and still found"


def lookups_find_every_customer_and_unique_keys_have_one_holder(tenant: Tenant) -> Iterator[str]:
    lookups, held = read_keyed(tenant), live_contacts(tenant)
    stored: dict[tuple[int, UUID], dict[UUID, bool]] = defaultdict(dict)
    for row in LookupKey.objects.filter(customer__tenant=tenant):
        stored[row.lookup_id, row.key][row.customer_id] = row.held
    wanted = {
        ((entry.lookup_id, entry.key), customer)
        for customer, contacts in held.items()
        for entry in entries(lookups, [contact.facts for contact in contacts])
    }
    there = {(key, customer) for key, line in stored.items() for customer in line}
    yield from (f"customer {customer} is not stored under {key}" for key, customer in wanted - there)
    yield from (f"customer {customer} is still stored under {key}" for key, customer in there - wanted)
    unique = {lookup.id for lookup in lookups if lookup.unique}
    holders = {key: sum(line.values()) for key, line in stored.items() if key[0] in unique}
    yield from (f"{key} is held {times} times" for key, times in holders.items() if times != 1)


def people_kept_apart_are_apart(tenant: Tenant) -> Iterator[str]:
    owner = {contact.pk: contact.customer_id for held in live_contacts(tenant).values() for contact in held}
    for one, other in pairings(tenant, NOT_SAME):
        if one in owner and owner.get(one) == owner.get(other):
            yield f"contacts {one} and {other} are kept apart and both of {owner[one]}"


def verdicts_do_not_contradict_each_other(tenant: Tenant) -> Iterator[str]:
    both = {*pairings(tenant, NOT_SAME)} & {*pairings(tenant, Constraint.Kind.SAME)}
    yield from (f"contacts {sorted(pairing)} are said to be the same and not the same" for pairing in both)


def history_tells_what_customers_are(tenant: Tenant) -> Iterator[str]:
    """Each change of a field begins where the one before it ended, and the last ended where the field is."""
    told: dict[UUID, dict[str, str | None]] = defaultdict(dict)
    for change in Change.objects.filter(customer__tenant=tenant).order_by("pk"):
        line = told[change.customer_id]
        for name, said in change.delta.items():
            if not isinstance(said, dict) or said.keys() != {"from", "to"}:
                continue
            if line.get(name, said["from"]) != said["from"]:
                yield f"change {change.pk} of {change.customer_id} begins with {name} {said['from']}, not {line[name]}"
            line[name] = said["to"]
    for customer in Customer.objects.of(tenant):
        for name, value in told[customer.pk].items():
            if (customer.facts.value(name.removeprefix("address.")) or None) != value:
                yield f"history of {customer.pk} ends with {name} {value}, which is another"


def events_tell_whose_contacts_are(tenant: Tenant) -> Iterator[str]:
    """Read in the order of the feed, each begins with what those before it ended with, and all end with what is."""
    told: dict[str, list[int]] = {}
    for event in Event.objects.filter(tenant=tenant).order_by("pk"):
        for customer, before in event.body.get("before", {}).items():
            if told.get(customer, []) != sorted(before):
                yield f"event {event.pk} says that {customer} had {before}, those before it {told.get(customer)}"
        told |= {customer: sorted(after) for customer, after in event.body.get("after", {}).items()}
    held = {str(pk): sorted(contact.pk for contact in contacts) for pk, contacts in live_contacts(tenant).items()}
    for customer in held.keys() | told.keys():
        if held.get(customer, []) != told.get(customer, []):
            yield f"customer {customer} has {held.get(customer)}, events tell {told.get(customer)}"


RULES: tuple[Callable[[Tenant], Iterable[str]], ...] = (
    contacts_have_one_live_customer_of_their_tenant,
    live_customers_have_contacts,
    merges_end_in_one_hop,
    golden_records_are_survivorship,
    source_keys_are_held_once,
    pairs_are_of_two_customers,
    customers_are_found_by_all_their_keys,
    lookups_find_every_customer_and_unique_keys_have_one_holder,
    people_kept_apart_are_apart,
    verdicts_do_not_contradict_each_other,
    history_tells_what_customers_are,
    events_tell_whose_contacts_are,
)


def live_contacts(tenant: Tenant) -> dict[UUID, list[Contact]]:
    held: dict[UUID, list[Contact]] = defaultdict(list)
    for contact in Contact.objects.of(tenant).live():
        held[contact.customer_id].append(contact)
    return held


def stored_keys(tenant: Tenant) -> dict[UUID, set[int]]:
    stored: dict[UUID, set[int]] = defaultdict(set)
    for customer_id, key in MatchKey.objects.filter(customer__tenant=tenant).values_list("customer_id", "key"):
        stored[customer_id].add(key)
    return stored


def pairings(tenant: Tenant, kind: Constraint.Kind) -> set[Pairing]:
    """The verdicts in force, as pairs of contacts."""
    standing = Constraint.objects.filter(tenant=tenant, kind=kind, lifted_at=None)
    return {frozenset((one, other)) for said in standing for one in said.left for other in said.right}
