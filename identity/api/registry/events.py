"""`/events`: what happened, in order, for systems that keep a copy."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers

from contacts import events
from contacts.models import Event
from identity.api.asked import MAX_ID, whole_number
from identity.api.rendering import Response
from identity.api.views import ApiView, Call

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000


def _membership(told: str) -> serializers.DictField:
    held = serializers.ListField(child=serializers.IntegerField())
    return serializers.DictField(child=held, required=False, help_text=told)


class EventBody(serializers.Serializer[Any]):
    """One event. Beside these fields it has those of its kind: ids and membership, no personal data."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Event.Kind.choices)
    customer_id = serializers.UUIDField()
    by = serializers.CharField()
    at = serializers.DateTimeField()
    before = _membership("Which aliases each customer concerned held, where the event moves any.")
    after = _membership("Which of them it holds now.")


class Feed(serializers.Serializer[Any]):
    """Some events, oldest first, and the cursor to ask with next."""

    events = EventBody(many=True)
    next = serializers.IntegerField()


MERGED = {
    "id": 4711,
    "kind": "merged",
    "customer_id": "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "by": "jane.smith",
    "at": "2026-03-06T14:30:00Z",
    "before": {"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b": [1, 2], "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c": [3]},
    "after": {"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b": [1, 2, 3]},
}


class Events(ApiView):
    @extend_schema(
        summary="Follow events",
        description="Events after a cursor, oldest first. Ask again with `after` set to `next`, whether or not there"
        " were any: whoever does misses none, however late a slow transaction commits.",
        parameters=[
            OpenApiParameter("after", int, description="The id of the last event known; 0 begins at the first."),
            OpenApiParameter("limit", int, description=f"At most this many, {DEFAULT_LIMIT} by default; 1 to 1000."),
        ],
        responses={200: Feed},
        examples=[OpenApiExample("a merge", value={"events": [MERGED], "next": 4711}, response_only=True)],
    )
    def get(self, request: Call) -> Response:
        after = whole_number(request, "after", default=0, least=0, most=MAX_ID)
        limit = whole_number(request, "limit", default=DEFAULT_LIMIT, least=1, most=MAX_LIMIT)
        found = events.read(tenant=request.tenant, after=after, limit=limit)
        return Response({"events": [_body(event) for event in found], "next": found[-1].pk if found else after})


def _body(event: Event) -> dict[str, Any]:
    return {
        **event.body,
        "id": event.pk,
        "kind": event.kind,
        "customer_id": event.customer_id,
        "by": event.by,
        "at": event.at,
    }
