"""Custom attributes beside the lookups, with which they share names: what a strategy says means one of the two."""

from __future__ import annotations

from contacts import attributes
from contacts.errors import Conflict
from contacts.models import ContactAttribute
from contacts.transactions import verb
from matching.lookups import hold_strategies, lookups_of
from matching.predefined_lookups import OTHER_NAMES
from sources.models import Tenant


class NamedLikeALookup(Conflict):
    def __init__(self, name: str) -> None:
        super().__init__(f"An identification key is called '{name}': a strategy that says so means that")


@verb
def define_attribute(name: str, kind: str, *, tenant: Tenant, by: str) -> ContactAttribute:
    """Raises AttributeNameTaken, NamedLikeALookup."""
    hold_strategies(tenant)
    if name in OTHER_NAMES or lookups_of(tenant).filter(name=name).exists():
        raise NamedLikeALookup(name)
    return attributes.define_attribute(name, kind, tenant=tenant, by=by)
