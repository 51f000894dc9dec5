"""The steps of the demo's story. Each can be told whether it has been taken, so that a broken-off load goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from contacts.intake import read_submission
from contacts.models import Contact
from identity.demo.sources import SYSTEMS
from matching.identify import identify
from sources.models import SourceSystem, Tenant


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the story takes place."""

    tenant: Tenant
    sources: Mapping[str, SourceSystem]

    def contact(self, system: str, key: str) -> Contact:
        """The contact last known under a key, deleted or not."""
        return Contact.objects.filter(source=self.sources[system], source_key=key).latest("id")


class Step(Protocol):
    """Something that happened at a time, to the record of a key."""

    @property
    def at(self) -> datetime: ...
    @property
    def system(self) -> str: ...
    @property
    def key(self) -> str: ...
    def take(self, setting: Setting) -> None: ...


@dataclass(frozen=True, slots=True)
class Submission:
    """A system posts a record; under a key it used before, it says what has changed."""

    at: datetime
    system: str
    key: str
    body: Mapping[str, Any]

    def take(self, setting: Setting) -> None:
        system = SYSTEMS[self.system]
        record = read_submission(dict(self.body), required_fields=system.required_fields, region=setting.tenant.region)
        identify(record, source=setting.sources[self.system], tenant=setting.tenant, by=system.sender)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A person decides something about the contact of a key; `taken` tells whether it has been decided."""

    at: datetime
    system: str
    key: str
    decide: Callable[[Contact, Setting], None]
    taken: Callable[[Contact], bool]

    def take(self, setting: Setting) -> None:
        contact = setting.contact(self.system, self.key)
        if not self.taken(contact):
            self.decide(contact, setting)
