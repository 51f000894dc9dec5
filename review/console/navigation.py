"""The side of the console: the pages a seat may open, in the order of a steward's day."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from review.console.access import Seat


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the side navigation; `topic` is the name of its address and the beginning of those below it.

    `also`: beginnings of further addresses that belong to it.
    """

    label: str
    topic: str
    admin: bool = False
    also: tuple[str, ...] = ()


ENTRIES = (
    Entry("Queue", "queue"),
    Entry("Disputes", "disputes"),
    Entry("Customers", "customers", also=("search", "merges")),
    Entry("Quality", "quality", admin=True),
    Entry("Model", "model", admin=True),
    Entry("Strategies", "strategies", admin=True),
    Entry("Imports", "imports", admin=True),
    Entry("Sources", "sources", admin=True),
    Entry("Audit", "audit", admin=True),
)


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    address: str
    current: bool


def links(seat: Seat, request: HttpRequest) -> list[Link]:
    match = request.resolver_match
    here = match.url_name.partition("-")[0] if match and match.namespace == "console" and match.url_name else ""
    return [
        Link(entry.label, reverse(f"console:{entry.topic}"), here in (entry.topic, *entry.also))
        for entry in ENTRIES
        if seat.is_admin or not entry.admin
    ]
