"""`/administration`: the journal of who changed how the registry works."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from identity.api.documentation import answered, breaches
from identity.api.listings import Listing
from identity.api.orders import Column, Order
from identity.api.paging import PAGING, page_of
from identity.api.registry.filters import InstantFilter
from identity.api.rendering import Response
from identity.api.views import ApiView, Call
from sources.models import Deed, Scope
from sources.reading import as_id

NEWEST_FIRST: Order[Deed] = Order((Column("id"),), descending=True)


class DeedBody(serializers.ModelSerializer[Deed]):
    """A deed: what was changed, from what to what. Of people, and of blocked values, how many there are."""

    class Meta:
        model = Deed
        fields = ["id", "at", "by", "door", "key", "kind", "subject_id", "name", "action", "before", "after"]
        read_only_fields = fields


class DeedFilters(django_filters.FilterSet):
    """What of the journal is asked for; all of it together."""

    by = django_filters.CharFilter(help_text="Who did it.")
    door = django_filters.ChoiceFilter(choices=Deed.Door.choices, help_text="Through which door.")
    key = django_filters.CharFilter(help_text="By which API key: its first characters.")
    kind = django_filters.ChoiceFilter(choices=Deed.Kind.choices, help_text="What kind of thing was changed.")
    subject_id = django_filters.CharFilter(
        method="by_subject", help_text="Which of its kind. Of a membership: its account."
    )
    name = django_filters.CharFilter(help_text="What it was called then.")
    action = django_filters.ChoiceFilter(choices=Deed.Action.choices, help_text="What was done.")
    since = InstantFilter("at", "gte", help_text="ISO 8601, inclusive.")
    until = InstantFilter("at", "lt", help_text="ISO 8601, exclusive.")

    class Meta:
        model = Deed
        fields: list[str] = []

    def by_subject(self, rows: QuerySet[Deed], name: str, value: str) -> QuerySet[Deed]:
        return rows.filter(subject_id=as_id(value))


CHANGED = {
    "id": 12,
    "at": "2026-03-06T14:30:00Z",
    "by": "jane.smith",
    "door": "api",
    "key": "idr_3q2-7wAA",
    "kind": "source",
    "subject_id": 3,
    "name": "CRM",
    "action": "changed",
    "before": {"required_fields": ["first_name", "last_name", "email"]},
    "after": {"required_fields": ["last_name"]},
}
_CHOICES = {"door": Deed.Door, "kind": Deed.Kind, "action": Deed.Action}


def _parameter(name: str, given: Any) -> OpenApiParameter:
    kind = OpenApiTypes.DATETIME if isinstance(given, InstantFilter) else OpenApiTypes.STR
    among = _CHOICES[name].values if name in _CHOICES else None
    return OpenApiParameter(name, kind, enum=among, description=given.extra["help_text"])


class Administration(ApiView):
    scopes = {"GET": Scope.ADMIN, "HEAD": Scope.ADMIN}

    @extend_schema(
        operation_id="list_administration",
        summary="Read the journal of administration",
        description=(
            "Who changed how the registry works: its settings, sources, API keys, media types, identification keys,"
            " attributes, match models and members, newest first. `by` is who the caller said to act for, `key` the API"
            " key it was done with. The journal only grows."
        ),
        parameters=[*PAGING, *(_parameter(name, given) for name, given in DeedFilters.base_filters.items())],
        responses={200: DeedBody(many=True), 400: breaches("since: Enter a valid date/time.")},
        examples=[answered([CHANGED])],
    )
    def get(self, request: Call) -> Response:
        asked = DeedFilters(request.query_params, queryset=Deed.objects.filter(tenant=request.tenant))
        if not asked.is_valid():
            raise ValidationError(asked.errors)
        found = page_of(request, Listing(asked.qs.order_by(), NEWEST_FIRST))
        return Response(DeedBody(found.rows, many=True).data, headers=found.headers)
