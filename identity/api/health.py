"""`/health` and `/ready`: for what watches the process and what sends it requests."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from drf_spectacular.utils import OpenApiResponse, extend_schema
from psycopg_pool import PoolTimeout
from rest_framework import serializers

from identity.api.documentation import ErrorSerializer, answered
from identity.api.rendering import Response
from identity.api.views import ApiView, Call


class StatusBody(serializers.Serializer[Any]):
    status = serializers.CharField()


class Health(ApiView):
    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="health",
        summary="Is the process alive?",
        description="Answers without asking the database.",
        responses={200: StatusBody},
        examples=[answered({"status": "ok"})],
    )
    def get(self, request: Call) -> Response:
        return Response({"status": "ok"})


class Ready(ApiView):
    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="ready",
        summary="Can it serve requests?",
        description="Whether the database answers and has all migrations.",
        responses={200: StatusBody, 503: OpenApiResponse(ErrorSerializer, description="Not yet, or not now.")},
        examples=[answered({"status": "ready"}), answered({"error": "Database cannot be reached"}, 503)],
    )
    def get(self, request: Call) -> Response:
        missing = _missing()
        return Response({"error": missing}, status=503) if missing else Response({"status": "ready"})


def _missing() -> str | None:
    try:
        executor = MigrationExecutor(connection)
        unapplied = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (DatabaseError, InterfaceError, PoolTimeout):
        return "Database cannot be reached"
    return f"Migrations that are not applied: {len(unapplied)}" if unapplied else None
