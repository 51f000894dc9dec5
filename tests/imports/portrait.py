"""Everything a tenant's registry holds, in a form in which two registries can be compared row for row.

Ids differ between two runs and times do, and nothing else: a contact is called by its source and key, a customer by the
first of its contacts, and whatever mentions an id is rewritten accordingly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from django.db.models import Model

from contacts.models import Change, Contact, Customer, Event
from matching.models import CandidatePair, LookupKey, MatchKey, Merge
from sources.models import Tenant

TIMES = {"created_at", "updated_at", "added_at", "changed_at", "at", "deleted_at", "merged_at", "undone_at"}
OF_MERGES = re.compile(r'("merge(?:_id)?"): "?\d+"?')
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

Portrait = dict[str, list[str]]


def portrait(tenant: Tenant) -> Portrait:
    contacts = list(Contact.objects.of(tenant).select_related("source").order_by("pk"))
    names = {contact.pk: f"{contact.source.name}:{contact.source_key}" for contact in contacts}
    customers: dict[str, str] = {}
    for contact in contacts:
        customers.setdefault(str(contact.customer_id), f"customer of {names[contact.pk]}")
    for event in Event.objects.filter(tenant=tenant, kind="created").order_by("pk"):
        customers.setdefault(str(event.customer_id), f"customer made of {names[event.body['contact']]}")
    ours = Customer.objects.of(tenant).values("pk")
    tables: dict[str, Iterable[Model]] = {
        "contacts": contacts,
        "customers": Customer.objects.of(tenant),
        "candidates": CandidatePair.objects.filter(tenant=tenant),
        "merges": Merge.objects.filter(tenant=tenant),
        "changes": Change.objects.filter(customer__in=ours),
        "events": Event.objects.filter(tenant=tenant),
    }
    drawn = {name: sorted(_drawn(row, names, customers) for row in rows) for name, rows in tables.items()}
    drawn["order of contacts"] = [names[contact.pk] for contact in contacts]
    keys = MatchKey.objects.filter(customer__in=ours).values_list("customer_id", flat=True)
    drawn["match keys"] = sorted(customers[str(customer)] for customer in keys)
    lookups = LookupKey.objects.filter(customer__in=ours).values_list("customer_id", "lookup__name", "held")
    drawn["lookup keys"] = sorted(f"{customers[str(customer)]} {name} {held}" for customer, name, held in lookups)
    return drawn


def _drawn(row: Model, names: dict[int, str], customers: dict[str, str]) -> str:
    values: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if field.attname in TIMES or (field.attname == "id" and not isinstance(row, Customer)):
            value = value is not None
        elif field.attname == "tenant_id":
            continue
        elif field.attname in ("contact_id", "against_id"):
            value = names.get(value, value)
        elif field.attname == "source_id" and not isinstance(row, Merge):
            continue  # the names of the contacts have it
        elif field.attname in ("match_evidence", "evidence") and value:
            value = {**value, "against": names.get(value.get("against"))}
        values[field.attname] = value
    if isinstance(row, Event):
        values["body"] = _in_names(row.body, names)
    if isinstance(row, Merge):
        values = {name: _in_names(value, names) for name, value in values.items() if name != "trace"}
    text = OF_MERGES.sub(r"\1: true", json.dumps(values, default=str, sort_keys=True))
    return UUID.sub(lambda found: customers.get(found[0], found[0]), text)


def _in_names(body: Any, names: dict[int, str]) -> Any:
    if isinstance(body, dict):
        return {key: _in_names(value, names) for key, value in body.items() if key not in ("merge", "candidate")}
    if isinstance(body, list):
        return sorted(str(_in_names(value, names)) for value in body)
    return names.get(body, body) if isinstance(body, int) and not isinstance(body, bool) else body
