"""The part of the registry that a chunk of records can reach, in memory, kept as the decisions on them change it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from uuid import UUID

from contacts.metrics import CAPPED, kinds_of
from contacts.models import Contact, Customer
from contacts.newcomers import Newcomer
from contacts.quick_rows import another
from contacts.record import Facts
from contacts.transactions import begun_again
from matching import nearest
from matching.bulk import known, reading
from matching.bulk.holding import Holding
from matching.bulk.incoming import Incoming
from matching.bulk.known import Known
from matching.bulk.reading import Asked, Reach, SourceKey
from matching.bulk.shelf import Id, Index
from matching.deciding import Question
from matching.lookup_keys import LookupRule
from matching.nearest import ALWAYS, Reached, weight
from matching.outcomes import Neighbour, Neighbourhood
from matching.policies.probabilistic import mattering
from matching.search import CAP, ROWS
from sources.models import Tenant


class Overlay:
    """Customers by e-mail, phone, match key and source key: those that the records ask for, as far as one would read.

    They are read without being locked: whoever is decided on is `concerned`, and `holding` locks it, as it was read,
    before anything is written. Of other namesakes it is known only that they share a match key.
    """

    def __init__(
        self,
        records: Sequence[Incoming],
        *,
        tenant: Tenant,
        lookups: tuple[LookupRule, ...],
        contact_ids: Collection[int] = (),
    ) -> None:
        """`contact_ids` are reserved for the contacts to come."""
        self.tenant = tenant
        self.lookups = lookups
        # New in this chunk, and not known to any record yet.
        self._newcomers: dict[Id, Newcomer] = {}
        # Of the customers that are decided on, by contact.
        self.customer_of: dict[int, UUID] = {}
        # The contacts of which the database has no candidates: those new in this chunk, until some are written.
        self._without_candidates = set(contact_ids)
        self.whole: dict[int, Contact] = {}
        self.holding = Holding()
        asked = _asked(records)
        reach = self._read(asked)
        self._emails = Index(asked.emails, reach.emails, most=CAP, rows=ROWS)
        self._phones = Index(asked.phones, reach.phones, most=CAP, rows=ROWS)
        self._keys = Index(asked.keys, reach.keys, most=nearest.DEPTH)
        self._owners = {key: customer for key, (customer, _) in reach.owners.items()}
        self._sources = {each.source.id: each.source for each in records}
        self._hold_whole([contact for _, contact in reach.owners.values()])
        self._known = reach.customers

    def _read(self, asked: Asked) -> Reach:
        """Whoever began again takes no chances: all are locked that will most likely be read, and then read."""
        if begun_again():
            self.holding.wait_for(each.id for each in reading.reach(asked, tenant=self.tenant).customers.values())
        return reading.reach(asked, tenant=self.tenant)

    def _hold_whole(self, contacts: Collection[int]) -> None:
        """Contacts that may be revised, with everything stored of them."""
        for pk, contact in reading.whole_contacts(contacts).items():
            contact.source = self._sources[contact.source_id]
            self.whole[pk] = contact

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
        pk, plain = newcomer.pk, newcomer.plain
        self._newcomers[pk] = newcomer
        self._emails.put(plain.email, pk)
        self._phones.put(plain.phone, pk)
        if plain.source_key is not None:
            self._owners[newcomer.source.id, plain.source_key] = pk

    def _find(self, pk: Id) -> Known | None:
        """A customer that the chunk can reach."""
        found = self._known.get(pk)
        if found is None and (newcomer := self._newcomers.pop(pk, None)) is not None:
            found = self._known[pk] = known.newly(newcomer)
            contact = newcomer.rows[1]
            self.whole[contact.id] = contact
        return found

    def neighbourhood(self, question: Question) -> Neighbourhood | None:
        """Those who matter of whom `search.neighbourhood` would read now; None where only the database can tell."""
        if self._uncertain(question):
            return None
        read, capped = self._reached(question).nearest()
        matters = mattering(question.record, source_id=question.source.id, model=question.model.definition)
        neighbours: dict[UUID, Neighbour] = {}
        for pk in sorted(read):
            found = self._find(pk)
            if found is None:  # a namesake whom no record was expected to read
                return None
            if matters(found):
                neighbours[found.id] = found.as_neighbour(read[pk])
        for kind in kinds_of(capped):
            CAPPED.labels(kind).inc()
        return Neighbourhood(neighbours, tuple(sorted(capped)), lookups=self.lookups)

    def _reached(self, question: Question) -> Reached[Id]:
        """Whom the record's values lead to."""
        keys = question.keys
        reached: Reached[Id] = Reached(nearest.least((key.label, key.sure) for key in keys.hashed))
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

    def _uncertain(self, question: Question) -> bool:
        """Whether somebody is gone whom one of its values led to, and in whose place others would be read."""
        if not (self._emails.taken or self._phones.taken or self._keys.taken):
            return False
        keys = question.keys
        return (
            self._emails.uncertain(keys.email)
            or self._phones.uncertain(keys.phone)
            or any(self._keys.uncertain(key.value) for key in keys.hashed)
        )

    def concern(self, customers: Iterable[UUID]) -> list[Known]:
        """Customers that are decided on: they are locked before anything is written."""
        concerned = []
        for pk in customers:
            found = self._find(pk.bytes)
            assert found is not None, pk  # noqa: S101 - whoever is decided on was read
            self.holding.note(found)
            self.customer_of.update((held.id, pk) for held in found.contacts)
            concerned.append(found)
        return concerned

    def concerned(self, customers: Iterable[UUID]) -> dict[UUID, Customer]:
        """Their rows, to be changed: answers given before keep theirs."""
        return {found.id: another(found.customer) for found in self.concern(customers)}

    def filed(self, contacts: Iterable[int]) -> None:
        """The database has candidates of these contacts, or may have some."""
        self._without_candidates.difference_update(contacts)

    def with_candidates(self, contacts: Iterable[int]) -> set[int]:
        """Of which of these contacts the database may have candidates."""
        return {pk for pk in contacts if pk not in self._without_candidates}

    def contacts(self) -> Iterator[int]:
        """Of all customers that are known."""
        return (held.id for each in self._known.values() for held in each.contacts)

    def contact(self, pk: int) -> Contact:
        """The row of a contact, to be changed."""
        return another(self.whole[pk])

    def stated(self, customer: Customer, contact: Contact, facts: Facts) -> None:
        """A contact of this customer came, or says something else now."""
        pk = customer.id.bytes
        before = self._find(pk)
        for each in before.contacts if before else ():
            if each.id == contact.id:
                self._forget_values(pk, each.facts)
        self._note_values(pk, facts)
        held = known.as_held(contact, facts)
        self._known[pk] = known.stated(before, customer, held)
        self.customer_of[held.id] = customer.id
        self.whole[held.id] = contact
        if held.source_key is not None:
            self._owners[held.source_id, held.source_key] = pk

    def _note_values(self, customer: Id, facts: Facts) -> None:
        self._emails.put(facts.email, customer)
        self._phones.put(facts.phone, customer)

    def _forget_values(self, customer: Id, facts: Facts) -> None:
        self._emails.take(facts.email, customer)
        self._phones.take(facts.phone, customer)

    def add_keys(self, customer: Id, keys: Iterable[int]) -> None:
        """The customer is stored under these match keys as well."""
        for key in keys:
            if key in self._keys and not self._keys.leads_to(key, customer):
                self._keys.put(key, customer)

    def restate_keys(self, customer: Id, keys: Collection[int]) -> None:
        """The customer is stored under these match keys and no others."""
        for key in self._keys.leading_to(customer):
            if key not in keys:
                self._keys.take(key, customer)
        self.add_keys(customer, keys)

    def read_again(self, ids: Collection[UUID]) -> None:
        """These customers were changed in the database, by this transaction: take them as they are now."""
        for pk in ids:
            self._drop(pk.bytes)
        read = reading.customers(ids, tenant=self.tenant)
        self._known |= read
        contacts = [(customer, held) for customer, each in read.items() for held in each.contacts]
        self.filed(held.id for _, held in contacts)
        for each in read.values():
            each.held = True
        for customer, held in contacts:
            self._note_values(customer, held.facts)
            if held.source_key is not None:
                self._owners[held.source_id, held.source_key] = customer
        self._hold_whole([held.id for _, held in contacts if held.source_key and held.source_id in self._sources])
        for pk, key in reading.keys_of(ids):
            self.add_keys(pk.bytes, [key])

    def _drop(self, pk: Id) -> None:
        self.restate_keys(pk, ())
        found = self._find(pk)
        if found is None:
            return
        del self._known[pk]
        for held in found.contacts:
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
        keys_of_records=[each.keys for each in records if each.keys.asked],
    )


def _source_key(question: Question) -> SourceKey:
    return question.source.id, question.record.source_key or ""
