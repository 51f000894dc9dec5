"""`Idempotency-Key`: a POST that is sent again is answered again, and not done again.

The answer is kept in the transaction of what it answers, so there is never one without the other. Kept for a day (see
`manage.py forget_answers`), by tenant.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from rest_framework import status
from rest_framework.exceptions import APIException

from contacts.transactions import verb
from identity.api.asked import header
from identity.api.rendering import Response, encoded
from matching.locks import strong_key, take
from sources.models import IdempotencyKey, Tenant

if TYPE_CHECKING:
    from identity.api.views import Call  # which imports this module

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
# Headers that say what is meant, as the body does: whose record it is, which tenant.
NAMING = ("x-source-system", "X-Genesys-TenantId")


class KeyReused(APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "This Idempotency-Key was used for another request"


Answer = Callable[..., Response]


def kept(answer: Answer, *, told_once: Collection[str] = ()) -> Answer:
    """The same method, done once for each key; refusals are not kept, as they wrote nothing. Raises KeyReused.

    `told_once`: fields of the answer that are nowhere kept, and null where it is repeated.
    """

    def answered(request: Call, *args: Any, **kwargs: Any) -> Response:
        key = header(request, HEADER)
        if not key:
            return answer(request, *args, **kwargs)
        return _once(lambda: answer(request, *args, **kwargs), request, key, told_once)

    return answered


@verb
def _once(answer: Callable[[], Response], request: Call, key: str, told_once: Collection[str]) -> Response:
    take([strong_key(request.tenant, "idempotency", key)])
    fingerprint = _fingerprint(request)
    earlier = IdempotencyKey.objects.filter(tenant=request.tenant, key=key).first()
    if earlier is not None:
        return _again(earlier, fingerprint)
    response = answer()
    if response.status_code < status.HTTP_400_BAD_REQUEST:
        _keep(response, request.tenant, key, fingerprint, told_once)
    return response


def _keep(response: Response, tenant: Tenant, key: str, fingerprint: str, told_once: Collection[str]) -> None:
    body = {**response.data, **dict.fromkeys(told_once)} if told_once else response.data
    IdempotencyKey.objects.create(
        tenant=tenant,
        key=key,
        fingerprint=fingerprint,
        status=response.status_code,
        headers=dict(response.headers),
        body=encoded(body).decode(),
    )


def _again(earlier: IdempotencyKey, fingerprint: str) -> Response:
    if earlier.fingerprint != fingerprint:
        raise KeyReused
    headers = {**earlier.headers, REPLAYED: "true"}
    return Response(json.loads(earlier.body), status=earlier.status, headers=headers)


def _fingerprint(request: Call) -> str:
    named = [f"{name}: {value}" for name in NAMING if (value := header(request, name))]
    said = encoded([request.method, request.path, request.query_params.urlencode(), request.data, *named])
    return sha256(said).hexdigest()
