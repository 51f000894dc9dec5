"""How a contact centre finds customers: lookups, the media types that try them in order, and a bench to try them on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.attributes import types_of
from contacts.centre_intake import FIELDS
from contacts.models import Customer
from matching import lookup_building, lookups, media_types
from matching.identify_contact import ContactRequest, explain_contact
from matching.models import Lookup
from matching.predefined_lookups import ANY
from review.console import administration
from review.console.labels import full_name
from review.console.pages import SeatedRequest, page
from review.size import customers_about
from sources.deeds import ChangedMeanwhile, latest
from sources.errors import Conflict, InvalidBody, NotFound
from sources.models import Deed, MediaType

KINDS = (
    (Lookup.Kind.REGULAR, "regular: found by the first attribute, narrowed by the others"),
    (Lookup.Kind.MULTIPLE, "multiple: may find many, creates nobody"),
    (Lookup.Kind.UNIQUE, "unique: all values together belong to one customer"),
)
# Of the customers that share a value, so many are named; the others are counted.
MOST_NAMED = 10


@require_safe
@page(admin=True)
def show(request: SeatedRequest) -> HttpResponse:
    return _page(request, {})


@require_POST
@page(admin=True)
def new_lookup(request: SeatedRequest) -> HttpResponse:
    asked = {name: request.POST.get(name, "") for name in ("name", "attributes", "kind")}
    try:
        definition = lookups.read_definition(asked, tenant=request.seat.tenant)
        made = lookups.create_lookup(definition, tenant=request.seat.tenant, by=request.seat.name)
    except (InvalidBody, Conflict) as error:
        return _page(request, {"lookup": asked}, errors=_errors(error))
    messages.success(request, f"{made.name} is made. A media type that names it in its strategy tries it.")
    return redirect("console:strategies")


@require_http_methods(["GET", "HEAD", "POST"])
@page(admin=True)
def remove_lookup(request: SeatedRequest, lookup: int) -> HttpResponse:
    """Asks first, and tells how many customers are found by it, or what keeps it from being removed."""
    if request.method != "POST" or "confirmed" not in request.POST:
        return _removal(request, lookup)
    try:
        gone = lookups.remove_lookup(lookup, tenant=request.seat.tenant, by=request.seat.name)
    except lookups.LookupInUse:
        return _removal(request, lookup, status=409)
    messages.success(request, f"{gone.name} is removed.")
    return redirect("console:strategies")


def _removal(request: SeatedRequest, lookup: int, *, status: int = 200) -> HttpResponse:
    found = lookups.find_lookup(lookup, tenant=request.seat.tenant)
    context = {
        "lookup": found,
        "users": lookups.users_of(found),
        "keyed": lookups.rule_of(found).keyed,
        "held": lookups.held_by(found),
    }
    return render(request, "console/remove_lookup.html", context, status=status)


@require_POST
@page(admin=True)
def settle(request: SeatedRequest, lookup: int) -> HttpResponse:
    """Its duplicates may be gone by now; a build that was broken off goes on."""
    found = lookups.find_lookup(lookup, tenant=request.seat.tenant)
    settled = lookup_building.settle(found.pk, by=request.seat.name)
    messages.info(request, f"{settled.name} is {settled.get_state_display().lower()}.")
    return redirect("console:strategies")


@require_http_methods(["GET", "HEAD", "POST"])
@page(admin=True)
def media(request: SeatedRequest, media_type: int) -> HttpResponse:
    opened = latest(Deed.Kind.MEDIA_TYPE, media_type)  # before it is read: never newer than what is shown
    found = media_types.find_media_type(media_type, tenant=request.seat.tenant)
    if request.method != "POST":
        return _media_form(request, found, _stored(found), more={"seen": opened})
    asked = request.POST
    said = {
        "create_contact": "create_contact" in asked,
        "minimum_creation_attributes": asked.get("minimum", ""),
        "strategy": [line.strip() for line in asked.get("strategy", "").splitlines() if line.strip()],
    }
    try:
        settings = media_types.read_settings(said, tenant=request.seat.tenant, new=False)
        media_types.change_media_type(
            found.pk, settings, tenant=request.seat.tenant, by=request.seat.name, seen=administration.seen(asked)
        )
    except ChangedMeanwhile as error:
        more = administration.told_meanwhile(Deed.Kind.MEDIA_TYPE, found.pk, error)
        return _media_form(request, found, _typed(asked), more=more, status=409)
    except (InvalidBody, Conflict) as error:
        more = {"seen": asked.get("seen", opened)}
        return _media_form(request, found, _typed(asked), errors=_errors(error), more=more, status=400)
    messages.success(request, f"{found.name} is saved.")
    return redirect("console:strategies")


def _stored(found: MediaType) -> dict[str, Any]:
    return {
        "create_contact": found.create_contact,
        "minimum_creation_attributes": ", ".join(found.minimum_creation_attributes),
        "strategy": "\n".join(found.strategy),
    }


def _typed(form: QueryDict) -> dict[str, Any]:
    return {
        "create_contact": "create_contact" in form,
        "minimum_creation_attributes": form.get("minimum", ""),
        "strategy": form.get("strategy", ""),
    }


def _media_form(
    request: SeatedRequest,
    found: MediaType,
    values: dict[str, Any],
    *,
    errors: list[str] | None = None,
    more: Mapping[str, object] | None = None,
    status: int = 200,
) -> HttpResponse:
    every = list(media_types.media_types_of(request.seat.tenant))
    context = {
        **(more or {}),
        "any": next((each.strategy for each in every if each.name == ANY), []),
        "followers": [each.name for each in every if each.name != ANY and not each.strategy],
        "customers": customers_about(request.seat.tenant),
        "media": found,
        "values": values,
        "errors": errors or [],
        "lookups": _lookups(request),
    }
    return render(request, "console/media_type.html", context, status=status)


@sensitive_post_parameters()
@require_POST
@page(admin=True)
def bench(request: SeatedRequest) -> HttpResponse:
    """Who would be found by these attributes, by which lookup; nothing is written, nobody is created."""
    values, others = _values(request.POST), request.POST.get("others", "")
    asked = {"media": request.POST.get("media", ""), "values": values, "others": others}
    try:
        attributes = {**values, **_other_attributes(others)}
        contact = ContactRequest(attributes, payload={}, media_type=str(asked["media"]))
        answer = explain_contact(contact, tenant=request.seat.tenant)
    except (InvalidBody, NotFound) as error:
        return _page(request, {"bench": asked}, bench_errors=_errors(error))
    return _page(request, {"bench": {**asked, "answer": answer}})


def _values(form: QueryDict) -> dict[str, str]:
    return {name: form.get(name, "").replace("\0", "").strip() for name in FIELDS}


def _other_attributes(text: str) -> dict[str, str]:
    """Lines of `Name=value`. Raises InvalidBody."""
    lines = [line.strip() for line in text.replace("\0", "").splitlines() if line.strip()]
    if wrong := [line for line in lines if "=" not in line]:
        raise InvalidBody([f"'{line[:100]}' is no line of the form Name=value" for line in wrong])
    return {name.strip(): value.strip() for name, _, value in (line.partition("=") for line in lines)}


def _errors(error: Exception) -> list[str]:
    return error.errors if isinstance(error, InvalidBody) else [str(error)]


def _lookups(request: SeatedRequest) -> list[Lookup]:
    return list(lookups.lookups_of(request.seat.tenant))


@dataclass(frozen=True, slots=True)
class _Shared:
    """What a unique lookup gives to one customer only and several have: its values, and the first of them by name."""

    values: str
    customers: list[tuple[UUID, str]]
    more: int


def _shared(lookup: Lookup) -> list[_Shared]:
    groups = lookups.duplicates(lookup)
    shown = [customer for group in groups for customer in group.customers[:MOST_NAMED]]
    named = {customer.pk: full_name(customer.facts) for customer in Customer.objects.filter(pk__in=shown)}
    return [
        _Shared(
            ", ".join(group.values.values()),
            [(customer, named[customer]) for customer in group.customers[:MOST_NAMED] if customer in named],
            max(len(group.customers) - MOST_NAMED, 0),
        )
        for group in groups
    ]


def _page(
    request: SeatedRequest,
    values: dict[str, Any],
    *,
    errors: list[str] | None = None,
    bench_errors: list[str] | None = None,
) -> HttpResponse:
    rows = _lookups(request)
    context = {
        "lookups": [(row, _shared(row) if row.state == Lookup.State.FAILED else []) for row in rows],
        "silent": {row.name for row in rows if row.state != Lookup.State.READY},
        "customers": customers_about(request.seat.tenant),
        "most_shared": lookups.MOST_DUPLICATES,
        "media_types": media_types.media_types_of(request.seat.tenant),
        "kinds": KINDS,
        "fields": [(name, (values.get("bench") or {}).get("values", {}).get(name, "")) for name in FIELDS],
        "attributes": [*FIELDS, *types_of(request.seat.tenant)],
        "errors": errors or [],
        "bench_errors": bench_errors or [],
        **values,
    }
    return render(request, "console/strategies.html", context, status=400 if errors or bench_errors else 200)
