"""The systems that may submit records, and who reviews theirs: registered, changed, retired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contacts.models import Contact
from matching.lookups import MOST_COUNTED
from matching.models import CandidatePair
from review.console import administration
from review.console.pages import SeatedRequest, page
from sources import keys, systems
from sources.deeds import ChangedMeanwhile, latest
from sources.errors import Conflict, InvalidBody
from sources.models import DEFAULT_REQUIRED_FIELDS, Deed, SourceSystem
from sources.registration import REQUIRABLE_FIELDS, read_changes, read_registration

BLANK_ROWS = 2
REVIEWER = ("first_name", "last_name", "email")
FIELD_WORDS = {"first_name": "First name", "last_name": "Last name", "email": "E-mail", "phone": "Phone"}


@require_safe
@page(admin=True)
def show(request: SeatedRequest) -> HttpResponse:
    rows = systems.systems(request.seat.tenant, include_deleted=True).annotate(people=Count("reviewers"))
    ordered = sorted(rows, key=lambda system: system.deleted_at is not None)
    return render(request, "console/sources.html", {"systems": ordered})


@require_http_methods(["GET", "HEAD", "POST"])
@page(admin=True)
def new(request: SeatedRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, {"required_fields": list(DEFAULT_REQUIRED_FIELDS)})
    body = _body(request.POST)
    try:
        made = systems.register(read_registration(body), tenant=request.seat.tenant, by=request.seat.name)
    except (InvalidBody, Conflict) as error:
        return _form(request, body, errors=_errors(error), status=400)
    messages.success(request, f"{made.name} may be submitted for. Give it a key of its own below.")
    return redirect("console:sources-one", made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@page(admin=True)
def one(request: SeatedRequest, source: int) -> HttpResponse:
    opened = latest(Deed.Kind.SOURCE, source)  # before the source is read: never newer than what is shown
    system = systems.find_system(source, tenant=request.seat.tenant)
    if request.method != "POST":
        return _form(request, _stored(system), system=system, more={"seen": opened})
    body, seen = _body(request.POST), administration.seen(request.POST)
    try:
        changes = read_changes(body)
        systems.update(system.pk, changes, tenant=request.seat.tenant, by=request.seat.name, seen=seen)
    except ChangedMeanwhile as error:
        done = administration.told_meanwhile(Deed.Kind.SOURCE, source, error)
        return _form(request, body, system=system, more=done, status=409)
    except (InvalidBody, Conflict) as error:
        more = {"seen": request.POST.get("seen", opened)}
        return _form(request, body, system=system, errors=_errors(error), more=more, status=400)
    messages.success(request, "Saved.")
    return redirect("console:sources-one", system.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@page(admin=True)
def retire(request: SeatedRequest, source: int) -> HttpResponse:
    """Asks first, and tells what it is about in numbers."""
    if request.method != "POST" or "confirmed" not in request.POST:
        return _before_retiring(request, systems.find_system(source, tenant=request.seat.tenant))
    gone = systems.retire(source, tenant=request.seat.tenant, by=request.seat.name)
    messages.success(request, f"{gone.name} is retired: its records stay, its name is free, its keys are revoked.")
    return redirect("console:sources")


def _before_retiring(request: SeatedRequest, system: SourceSystem) -> HttpResponse:
    if system.built_in:
        raise systems.BuiltIn("deleted")
    context = {
        "system": system,
        **_at_stake(system),
        "keys": keys.keys_of(request.seat.tenant).filter(source=system, revoked_at=None).count(),
    }
    return render(request, "console/retire_source.html", context)


def _at_stake(system: SourceSystem) -> dict[str, int]:
    """How many records and candidates a change of the source is about, each counted up to MOST_COUNTED."""
    records = Contact.objects.live().filter(source=system).exclude(source_key=None).values("pk")
    waiting = CandidatePair.objects.filter(source=system, status="pending")
    return {
        "records": records[: MOST_COUNTED + 1].count(),
        "waiting": waiting[: MOST_COUNTED + 1].count(),
    }


def _body(form: QueryDict) -> dict[str, Any]:
    """The form as the API's body would have it, for the one reader of both."""
    columns = [form.getlist(f"reviewer_{name}") for name in REVIEWER]
    rows = [dict(zip(REVIEWER, row, strict=True)) for row in zip(*columns, strict=False)]
    return {
        "name": form.get("name", ""),
        "entra_ad_group": form.get("entra_ad_group", ""),
        "required_fields": form.getlist("required_fields"),
        "reviewers": [row for row in rows if any(value.strip() for value in row.values())],
    }


def _stored(system: SourceSystem) -> dict[str, Any]:
    return {
        "name": system.name,
        "entra_ad_group": system.entra_ad_group or "",
        "required_fields": system.required_fields,
        "reviewers": list(system.reviewers.values(*REVIEWER)),
    }


def _errors(error: InvalidBody | Conflict) -> list[str]:
    return error.errors if isinstance(error, InvalidBody) else [str(error)]


def _form(
    request: SeatedRequest,
    values: dict[str, Any],
    *,
    system: SourceSystem | None = None,
    errors: list[str] | None = None,
    more: Mapping[str, object] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        **(more or {}),
        "system": system,
        "values": values,
        "reviewers": [*values.get("reviewers", []), *({} for _ in range(BLANK_ROWS))],
        "fields": [(name, FIELD_WORDS.get(name, name.capitalize())) for name in REQUIRABLE_FIELDS],
        "errors": errors or [],
        "keys": keys.keys_of(request.seat.tenant).filter(source=system) if system else [],
        **(_at_stake(system) if system else {}),
    }
    return render(request, "console/source.html", context, status=status)
