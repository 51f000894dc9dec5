"""What a decision is carried out on: the database, row by row, or a part of it held in memory (matching.bulk)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from contacts.history import Chronicle
from contacts.models import Contact, Customer
from contacts.record import FIELDS, Facts
from contacts.rows import drawn, read_back, reserving, selected
from matching import keys
from matching.locks import lock_as_read_late, still_as_read
from matching.lookup_index import LostKey
from matching.lookup_keys import entries
from matching.models import CandidatePair
from matching.outcomes import STAMPS, Held, Neighbour, Neighbourhood
from matching.pairs import Cabinet, InDatabase
from matching.plan import Plan
from sources.models import SourceSystem
from sources.round_trips import Prepared, Statement, run
from sources.rows import stored

_CONTACT = f"SELECT {selected(Contact)} FROM contacts_contact AS contact WHERE id = %(contact)s"
_SOURCE = f"""
SELECT {selected(SourceSystem)} FROM sources_sourcesystem AS sourcesystem
WHERE id = (SELECT source_id FROM contacts_contact WHERE id = %(contact)s)
"""

_OF_CONTACT = (
    *("id", *FIELDS, "attributes", "source_of_truth", "effective_date", "added_at", "pins"),
    *("customer_id", "source_key", "original_payload"),
)
_NOT_OF_LIVE = ("deleted_by", "deleted_at", "merged_into_id")
_OF_CUSTOMER = ("id", "version", "tenant_id", *FIELDS, "attributes", *STAMPS, *_NOT_OF_LIVE)

# Tells, once what was done is written, which keys of unique lookups others hold.
Lost = Callable[[], list[LostKey]]


class Ground(Protocol):
    """The customers concerned, their contacts and keys; what is done to them is told to the chronicle."""

    @property
    def chronicle(self) -> Chronicle: ...

    @property
    def cabinet(self) -> Cabinet:
        """Where candidates are filed."""

    def locked(self, affected: Sequence[Neighbour], *, known: Neighbourhood) -> Mapping[UUID, Customer]:
        """These customers, for the verb alone, as `known` read them. Raises Restart where one has changed since."""

    def changing(self, neighbour: Neighbour, *, known: Neighbourhood) -> Customer:
        """The only customer that is concerned, of which nothing more is read: it may be locked with the writing."""

    def proposing(self, neighbours: Sequence[Neighbour], *, known: Neighbourhood) -> None:
        """A new customer is proposed to these: the only one may be locked with the writing."""

    def revising(
        self, held: Held, affected: Sequence[Neighbour], *, source: SourceSystem, known: Neighbourhood
    ) -> tuple[Contact, Mapping[UUID, Customer]]:
        """`locked`, and this contact of the first of them, which is of this source.

        The only one that is concerned may be locked with the writing; of the contact there is then what may change.
        """

    def contact(self, contact_id: int) -> Contact:
        """A contact of a customer that is locked, with its source."""

    def add_keys(self, customer_id: UUID, statements: Iterable[Facts], *, plan: Plan) -> None:
        """Store a customer under the match keys of these facts as well."""

    def claim(self, customer_id: UUID, statements: Sequence[Facts], *, known: Neighbourhood) -> Lost:
        """Store a customer of whom all this is said under the keys of the lookups."""

    def restate(
        self, customer_id: UUID, said: Sequence[Facts], *, golden: Facts, plan: Plan, known: Neighbourhood
    ) -> Lost:
        """Store a customer, one of those known, under the keys of all this and no others."""


@dataclass(frozen=True, slots=True)
class Directly:
    """The database as it is."""

    chronicle: Chronicle
    cabinet: InDatabase

    @classmethod
    def on(cls, chronicle: Chronicle) -> Directly:
        return cls(chronicle, InDatabase(chronicle))

    def locked(
        self, affected: Sequence[Neighbour], *, known: Neighbourhood, besides: Sequence[Statement] = ()
    ) -> Mapping[UUID, Customer]:
        """Those that were locked before the reading cannot have changed since; the others are not waited for.

        Whoever locked some before holds them even where they turned out to be gone, and is not told of those.
        Of the customers that are locked now, all but one may be proposed to people. `besides` are read under the locks.
        """
        versions = {each.customer_id: each.version for each in affected if each.customer_id not in known.locked}
        if not versions:
            run(*besides)
            return known.locked
        drawing = reserving(CandidatePair, len(affected))
        locked = lock_as_read_late(self.chronicle.tenant, versions, besides=[drawing, *besides])
        self.cabinet.ids += drawn(drawing)
        return {**known.locked, **locked}

    def changing(self, neighbour: Neighbour, *, known: Neighbourhood) -> Customer:
        pk = neighbour.customer_id
        if pk in known.locked or not neighbour.stamps:
            return self.locked([neighbour], known=known)[pk]
        self.chronicle.beside.append(still_as_read(pk, neighbour.version))
        return _row(neighbour, tenant_id=self.chronicle.tenant.pk)

    def proposing(self, neighbours: Sequence[Neighbour], *, known: Neighbourhood) -> None:
        if len(neighbours) > 1 or known.reserved_pair_id is None:
            self.locked(neighbours, known=known)
            return
        (neighbour,) = neighbours
        self.cabinet.ids.append(known.reserved_pair_id)
        self.chronicle.beside.append(still_as_read(neighbour.customer_id, neighbour.version))

    def revising(
        self, held: Held, affected: Sequence[Neighbour], *, source: SourceSystem, known: Neighbourhood
    ) -> tuple[Contact, Mapping[UUID, Customer]]:
        owner, locked = affected[0], known.locked
        if len(affected) > 1 or owner.customer_id in locked or held.payload is None:
            reading = Prepared(_CONTACT, {"contact": held.id})
            locked = self.locked(affected, known=known, besides=[reading])
            (contact,) = read_back(Contact, reading.rows)
        else:
            locked = {owner.customer_id: self.changing(owner, known=known)}
            contact = _contact_of(owner, held)
        contact.source = source
        return contact, locked

    def contact(self, contact_id: int) -> Contact:
        asked = {"contact": contact_id}
        reading, reading_source = Prepared(_CONTACT, asked), Prepared(_SOURCE, asked)
        run(reading, reading_source)
        (contact,) = read_back(Contact, reading.rows)
        (contact.source,) = read_back(SourceSystem, reading_source.rows)
        return contact

    def add_keys(self, customer_id: UUID, statements: Iterable[Facts], *, plan: Plan) -> None:
        keys.add(customer_id, statements, tenant=self.chronicle.tenant, plan=plan, chronicle=self.chronicle)

    def claim(self, customer_id: UUID, statements: Sequence[Facts], *, known: Neighbourhood) -> Lost:
        return keys.claim(customer_id, statements, lookups=known.lookups, chronicle=self.chronicle).lost

    def restate(
        self, customer_id: UUID, said: Sequence[Facts], *, golden: Facts, plan: Plan, known: Neighbourhood
    ) -> Lost:
        earlier = [held.facts for held in known.neighbours[customer_id].contacts]
        # Of what neither was said nor is, there are no keys to be taken or given back.
        lookups = known.lookups if entries(known.lookups, [*said, *earlier]) else ()
        tenant = self.chronicle.tenant
        restated = keys.restating(customer_id, said, golden=golden, lookups=lookups, tenant=tenant, plan=plan)
        self.chronicle.beside += restated.statements
        return restated.lost


def _contact_of(owner: Neighbour, held: Held) -> Contact:
    """What may change of a contact that came with what was received, and what is asked of it then.

    Its customer is at the version read. Another body that says the same leaves that (contacts.customers.keep_payload):
    one received meanwhile was received before.
    """
    facts, known = held.facts, (owner.customer_id, held.source_key, held.payload)
    return stored(Contact, _OF_CONTACT, (held.id, *facts.texts, facts.attributes, *held[2:5], held.pins, *known))


def _row(neighbour: Neighbour, *, tenant_id: int) -> Customer:
    """The row of a live customer that came with its stamps."""
    golden = neighbour.golden
    said = (*(getattr(golden, name) for name in FIELDS), golden.attributes)
    never = (None,) * len(_NOT_OF_LIVE)
    values = (neighbour.customer_id, neighbour.version, tenant_id, *said, *neighbour.stamps, *never)
    return stored(Customer, _OF_CUSTOMER, values)
