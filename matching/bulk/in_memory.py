"""Carrying decisions out in memory, one after the other, and writing what they did all at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from contacts.history import Chronicle
from contacts.models import Contact, Customer
from contacts.record import Facts
from matching.bulk.filing import ChunkCabinet
from matching.bulk.overlay import Overlay
from matching.bulk.reading import array
from matching.bulk.shelf import Id
from matching.ground import Lost
from matching.lookup_index import LostKey
from matching.outcomes import Held, Neighbour, Neighbourhood
from matching.plan import Plan
from sources.models import SourceSystem
from sources.round_trips import Statement, run

_REMOVE_KEYS = """
DELETE FROM matching_matchkey AS stored
WHERE customer_id = ANY(%(restated)s::uuid[]) AND NOT EXISTS (
    SELECT FROM unnest(%(keys)s::bigint[], %(owners)s::uuid[]) AS wanted (key, customer_id)
    WHERE wanted.key = stored.key AND wanted.customer_id = stored.customer_id)
"""
_ADD_KEYS = """
INSERT INTO matching_matchkey (key, customer_id)
SELECT * FROM unnest(%(keys)s::bigint[], %(owners)s::uuid[]) ON CONFLICT DO NOTHING
"""


class InMemory:
    """A ground (matching.ground) over an overlay. What concerns keys of lookups is not for it: see `needs_database`."""

    def __init__(self, overlay: Overlay, *, chronicle: Chronicle) -> None:
        self.chronicle = chronicle
        self.cabinet = ChunkCabinet(overlay, tenant=chronicle.tenant)
        self._overlay = overlay
        self._added: dict[Id, set[int]] = {}
        self._restated: set[Id] = set()
        self._keyed: tuple[Facts, Collection[int]] | None = None

    def keyed(self, facts: Facts, keys: Collection[int]) -> None:
        """What a record says that is decided on, and the match keys of that: they were worked out beforehand."""
        self._keyed = facts, keys

    def locked(self, affected: Sequence[Neighbour], *, known: Neighbourhood) -> Mapping[UUID, Customer]:
        """They are locked before anything is written."""
        return self._overlay.concerned([neighbour.customer_id for neighbour in affected])

    def changing(self, neighbour: Neighbour, *, known: Neighbourhood) -> Customer:
        return self.locked([neighbour], known=known)[neighbour.customer_id]

    def proposing(self, neighbours: Sequence[Neighbour], *, known: Neighbourhood) -> None:
        self._overlay.concern(neighbour.customer_id for neighbour in neighbours)

    def revising(
        self, held: Held, affected: Sequence[Neighbour], *, source: SourceSystem, known: Neighbourhood
    ) -> tuple[Contact, Mapping[UUID, Customer]]:
        locked = self.locked(affected, known=known)
        return self.contact(held.id), locked

    def contact(self, contact_id: int) -> Contact:
        return self._overlay.contact(contact_id)

    def add_keys(self, customer_id: UUID, statements: Iterable[Facts], *, plan: Plan) -> None:
        self.add_key_values(customer_id.bytes, self._keys(statements, plan))

    def add_key_values(self, pk: Id, keys: Collection[int]) -> None:
        """As `add_keys`, for match keys that were worked out beforehand."""
        if keys:
            self._added.setdefault(pk, set()).update(keys)
            self._overlay.add_keys(pk, keys)

    def claim(self, customer_id: UUID, statements: Sequence[Facts], *, known: Neighbourhood) -> Lost:
        return _nothing_lost

    def restate(
        self, customer_id: UUID, said: Sequence[Facts], *, golden: Facts, plan: Plan, known: Neighbourhood
    ) -> Lost:
        wanted, pk = self._keys([golden, *said], plan), customer_id.bytes
        self._restated.add(pk)
        self._added[pk] = set(wanted)
        self._overlay.restate_keys(pk, wanted)
        return _nothing_lost

    def _keys(self, statements: Iterable[Facts], plan: Plan) -> set[int]:
        scope = self.chronicle.tenant.pk
        found: set[int] = set()
        before = None
        for facts in statements:
            if self._keyed is not None and facts is self._keyed[0]:
                found.update(self._keyed[1])
            # A record and the customer made of it say the same.
            elif facts != before:
                found.update(key.value for key in plan.index_keys(facts, scope=scope))
            before = facts
        return found

    def write(self) -> None:
        """Write all that was done since the last time, once everybody whom it concerns is locked.

        Raises Restart where one of them is not as it was read any more.
        """
        relied_on = self.cabinet.relied_on()
        self._overlay.holding.lock(besides=relied_on)
        self.cabinet.confirm(relied_on)
        self.chronicle.write()
        self.cabinet.write()
        rows = sorted((key, customer) for customer, keys in self._added.items() for key in keys)
        parameters = {
            "restated": array(customer.hex() for customer in self._restated),
            "keys": array(key for key, _ in rows),
            "owners": array(customer.hex() for _, customer in rows),
        }
        removing = [Statement(_REMOVE_KEYS, parameters)] if self._restated else []
        run(*removing, *([Statement(_ADD_KEYS, parameters)] if rows else []))
        self._added, self._restated = {}, set()


def _nothing_lost() -> list[LostKey]:
    return []
