"""The floor under every door: the same server answering an authenticated POST that does nothing but one insert.

The service's own middleware and authentication, and then a body parsed, a row inserted, an answer given. A door that
does more cannot be faster; how much slower it is, is what is measured.
"""

from __future__ import annotations

import json

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from rest_framework.request import Request

from identity.api.authentication import ApiAuthentication

_INSERT = "INSERT INTO benchmark_floor (tenant_id, body) VALUES (%s, %s)"


@csrf_exempt
def store(request: HttpRequest) -> HttpResponse:
    call = Request(request)
    ApiAuthentication().authenticate(call)
    body = json.loads(request.body)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [call.tenant.pk, json.dumps(body)])  # type: ignore[attr-defined]
    return HttpResponse(b'{"stored":true}', content_type="application/json")


urlpatterns = [path("identify", store)]
