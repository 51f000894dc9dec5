"""The part of the registry that a chunk of records can reach, in memory, kept as the decisions on them change it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from contacts.metrics import CAPPED, kinds_of
from contacts.models import Contact, Customer
from contacts.newcomers import Newcomer
from contacts.quick_rows import another
from contacts.record import Facts
from matching import nearest
from matching.bulk import reading
from matching.bulk.incoming import Incoming
from matching.bulk.reading import Asked, SourceKey
from matching.bulk.shelf import Index
from matching.deciding import Question
from matching.lookup_keys import LookupRule
from matching.nearest import ALWAYS, Reached, weight
from matching.outcomes import Held, Neighbour, Neighbourhood
from matching.search import CAP, ROWS
from sources.models import Tenant


@dataclass(slots=True)
class Known:
    """A customer as it is now: its row, what that says, and its contacts in the order of their ids."""

    customer: Customer
    golden: Facts
    contacts: tuple[Held, ...]

    def as_neighbour(self, tokens: Iterable[str]) -> Neighbour:
        customer = self.customer
        return Neighbour(customer.id, customer.version, self.golden, self.contacts, tuple(sorted(set(tokens))))


class Overlay:
    """Customers by e-mail, phone, match key and source key: those that the records ask for, as far as one would read.

    Those that one of the records may read are locked by this transaction until its end. Of other namesakes it is known
    only that they share a match key.
    """

    def __init__(self, records: Sequence[Incoming], *, tenant: Tenant, lookups: tuple[LookupRule, ...]) -> None:
        self.tenant = tenant
        self.lookups = lookups
        self._known: dict[UUID, Known] = {}
        # New in this chunk, and not known to any record yet.
        self._newcomers: dict[UUID, Newcomer] = {}
        self.customer_of: dict[int, UUID] = {}
        # The contacts of which the database may have candidates: not those that are new in this chunk.
        self.with_candidates: set[int] = set()
        self.whole: dict[int, Contact] = {}
        # Of the keys that are asked for, those that each customer is stored under.
        self._keys_of: dict[UUID, set[int]] = {}
        asked = _asked(records)
        reach, locked = reading.reach_and_hold(asked, tenant=tenant)
        self._emails = Index(asked.emails, reach.emails, most=CAP, rows=ROWS)
        self._phones = Index(asked.phones, reach.phones, most=CAP, rows=ROWS)
        self._keys = Index(asked.keys, reach.keys, most=nearest.DEPTH)
        self._owners = {key: customer for key, (customer, _) in reach.owners.items()}
        self._sources = {each.source.pk: each.source for each in records}
        self._hold_whole([contact for _, contact in reach.owners.values()])
        self._place(locked.values())
        for key, customers in reach.keys.items():
            for customer in customers:
                self._keys_of.setdefault(customer, set()).add(key)
        # Whether there are namesakes whom no record was expected to read.
        self._has_strangers = any(pk not in self._known for pk in self._keys_of)

    def _hold_whole(self, contacts: Collection[int]) -> None:
        """Contacts that may be revised, with everything stored of them."""
        for pk, contact in reading.whole_contacts(contacts).items():
            contact.source = self._sources[contact.source_id]
            self.whole[pk] = contact

    def _place(self, customers: Iterable[Customer]) -> None:
        by_id = {customer.pk: customer for customer in customers}
        contacts = reading.contacts_of(by_id)
        for pk, customer in by_id.items():
            known = self._known[pk] = Known(customer, customer.facts, contacts.get(pk, ()))
            self.customer_of.update((held.id, pk) for held in known.contacts)
            self.with_candidates.update(held.id for held in known.contacts)

    def reaches(self, each: Incoming) -> bool:
        """Whether the record shares a value with anybody, or may do so."""
        plain = each.plain
        return (
            self._emails.leads_on(plain.email)
            or self._phones.leads_on(plain.phone)
            or any(self._keys.leads_on(key) for key in each.keys.asked)
            or each.source_key in self._owners
        )

    def came(self, newcomer: Newcomer) -> None:
        """A customer was made of the record of somebody new. Its match keys are told by themselves."""
        pk, plain = newcomer.customer_id, newcomer.plain
        self._newcomers[pk] = newcomer
        self._emails.put(plain.email, pk)
        self._phones.put(plain.phone, pk)
        if plain.source_key is not None:
            self._owners[newcomer.source.pk, plain.source_key] = pk

    def known(self, pk: UUID) -> Known | None:
        """A customer that the chunk can reach."""
        newcomer = self._newcomers.pop(pk, None)
        if newcomer is not None:
            customer, contact = newcomer.rows
            facts = newcomer.record.facts
            self._known[pk] = Known(customer, facts, (_as_held(contact, facts),))
            self.customer_of[contact.id] = pk
            self.whole[contact.id] = contact
        return self._known.get(pk)

    def _certain(self, pk: UUID) -> Known:
        known = self.known(pk)
        assert known is not None, pk  # noqa: S101 - whoever is reached is known
        return known

    def neighbourhood(self, question: Question) -> Neighbourhood:
        """What `matching.search.neighbourhood` would read now, where that is not `uncertain`."""
        read, capped = self._reached(question).nearest()
        neighbours = {pk: self._certain(pk).as_neighbour(read[pk]) for pk in sorted(read)}
        for kind in kinds_of(capped):
            CAPPED.labels(kind).inc()
        return Neighbourhood(neighbours, tuple(sorted(capped)), lookups=self.lookups)

    def _reached(self, question: Question) -> Reached:
        """Whom the record's values lead to."""
        reached, keys = Reached(), question.keys
        if found := self._emails.read(keys.email):
            reached.add(found, f"em:{keys.email}", most=self._emails.most, weighing=ALWAYS)
        if found := self._phones.read(keys.phone):
            reached.add(found, f"ph:{keys.phone}", most=self._phones.most, weighing=ALWAYS)
        for key in keys.hashed:
            if found := self._keys.read(key.value):
                reached.add(found, key.label, most=self._keys.most, weighing=weight(len(found), sure=key.sure))
        if question.record.source_key is not None and (owner := self._owners.get(_source_key(question))) is not None:
            reached.keep(owner)
        return reached

    def uncertain(self, question: Question) -> bool:
        """Whether only the database can tell whom this record reaches, or has them."""
        keys = question.keys
        return (
            self._emails.uncertain(keys.email)
            or self._phones.uncertain(keys.phone)
            or any(self._keys.uncertain(key.value) for key in keys.hashed)
            or (self._has_strangers and self._reads_strangers(question))
        )

    def _reads_strangers(self, question: Question) -> bool:
        read, _ = self._reached(question).nearest()
        return any(self.known(pk) is None for pk in read)

    def customer(self, pk: UUID) -> Customer:
        """The row of a customer, to be changed: answers given before keep theirs."""
        return another(self._certain(pk).customer)

    def contact(self, pk: int) -> Contact:
        """The row of a contact, to be changed."""
        return another(self.whole[pk])

    def stated(self, customer: Customer, contact: Contact, facts: Facts) -> None:
        """A contact of this customer came, or says something else now."""
        pk = customer.id
        known = self.known(pk) or Known(customer, facts, ())
        for each in known.contacts:
            if each.id == contact.id:
                self._forget_values(pk, each.facts)
        self._note_values(pk, facts)
        held = _as_held(contact, facts)
        golden = customer.facts if known.contacts else facts
        self._known[pk] = Known(customer, golden, _with(known.contacts, held))
        self.customer_of[held.id] = pk
        self.whole[held.id] = contact
        if held.source_key is not None:
            self._owners[held.source_id, held.source_key] = pk

    def _note_values(self, customer: UUID, facts: Facts) -> None:
        self._emails.put(facts.email, customer)
        self._phones.put(facts.phone, customer)

    def _forget_values(self, customer: UUID, facts: Facts) -> None:
        self._emails.take(facts.email, customer)
        self._phones.take(facts.phone, customer)

    def add_keys(self, customer: UUID, keys: Iterable[int]) -> None:
        """The customer is stored under these match keys as well."""
        had = self._keys_of.setdefault(customer, set())
        for key in keys:
            if key in self._keys and key not in had:
                had.add(key)
                self._keys.put(key, customer)

    def restate_keys(self, customer: UUID, keys: Collection[int]) -> None:
        """The customer is stored under these match keys and no others."""
        had = self._keys_of.setdefault(customer, set())
        for key in had.difference(keys):
            had.discard(key)
            self._keys.take(key, customer)
        self.add_keys(customer, keys)

    def read_again(self, ids: Collection[UUID]) -> None:
        """These customers were changed in the database, by this transaction: take them as they are now."""
        for pk in ids:
            self._drop(pk)
        self._place(reading.hold(ids, tenant=self.tenant).values())
        contacts = [(pk, held) for pk in ids if (known := self.known(pk)) for held in known.contacts]
        for pk, held in contacts:
            self._note_values(pk, held.facts)
            if held.source_key is not None:
                self._owners[held.source_id, held.source_key] = pk
        self._hold_whole([held.id for _, held in contacts if held.source_key and held.source_id in self._sources])
        for pk, key in reading.keys_of(ids):
            self.add_keys(pk, [key])

    def _drop(self, pk: UUID) -> None:
        self.restate_keys(pk, ())
        known = self.known(pk)
        if known is None:
            return
        del self._known[pk]
        for held in known.contacts:
            self._forget_values(pk, held.facts)
            self.customer_of.pop(held.id, None)
            if held.source_key is not None:
                self._owners.pop((held.source_id, held.source_key), None)


def _asked(records: Sequence[Incoming]) -> Asked:
    return Asked(
        emails=dict.fromkeys(email for each in records if (email := each.plain.email)),
        phones=dict.fromkeys(phone for each in records if (phone := each.plain.phone)),
        keys=dict.fromkeys(key for each in records for key in each.keys.asked),
        source_keys=dict.fromkeys(key for each in records if (key := each.source_key)),
        keys_of_records=[keys for each in records if (keys := each.keys.asked)],
    )


def _source_key(question: Question) -> SourceKey:
    return question.source.pk, question.record.source_key or ""


def _as_held(contact: Contact, facts: Facts) -> Held:
    return Held(
        contact.pk,
        facts,
        contact.source_of_truth,
        contact.effective_date,
        contact.added_at,
        contact.source_id,
        contact.source_key,
        contact.pins,
    )


def _with(contacts: tuple[Held, ...], held: Held) -> tuple[Held, ...]:
    """In place of what the same contact said before, or last: a new contact has the highest id."""
    if not any(each.id == held.id for each in contacts):
        return (*contacts, held)
    return tuple(held if each.id == held.id else each for each in contacts)
