"""API keys: made once, shown once, known again by their SHA-256, revoked for good."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from sources import deeds, rows
from sources.deeds import Subject
from sources.errors import InvalidBody, NotFound
from sources.memory import Memory
from sources.models import ApiKey, Deed, Scope, SourceSystem, Tenant
from sources.reading import FieldReader, as_id

MARK = "idr_"  # lets secret scanners, and people, tell what a leaked string is
SECRET_BYTES = 32  # 256 bits from the system's source of randomness: a plain hash of it cannot be reversed by trying
PREFIX_LENGTH = 12
NAME_LIMIT = 200


class KeyNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("API key not found")


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key just made, with the secret that nobody, the registry included, can read again."""

    key: ApiKey
    secret: str


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """`source` None: the key may submit for any source of its tenant."""

    name: str
    scopes: Sequence[str]
    source: SourceSystem | None


def read_request(body: object, *, tenant: Tenant) -> KeyRequest:
    """What a tenant asks of a new key of its own. Raises InvalidBody."""
    reader = FieldReader(body)
    name = reader.required("name", limit=NAME_LIMIT)
    scopes = reader.choices("scopes", among=Scope.values)
    if not reader.body.get("scopes"):
        reader.errors.append("scopes is required")
    source_name = reader.text("source", limit=NAME_LIMIT)
    source = SourceSystem.objects.of(tenant).live().filter(name=source_name).first() if source_name else None
    if source_name and source is None:
        reader.errors.append(f"source '{source_name}' is not registered")
    reader.finish()
    return KeyRequest(name, scopes, source)


@transaction.atomic
def issue(
    *, name: str, scopes: Collection[str], tenant: Tenant | None, by: str, source: SourceSystem | None = None
) -> IssuedKey:
    """Make a key of a tenant, or an operator's (`tenant` None). Bound to a `source`, it may submit for that one only.

    Raises InvalidBody on an unknown scope, on none at all, and on a source that does not go with tenant and scopes.
    """
    _check(scopes, tenant, source)
    secret = MARK + secrets.token_urlsafe(SECRET_BYTES)
    key = ApiKey.objects.create(
        name=name,
        scopes=[scope for scope in Scope.values if scope in scopes],
        tenant=tenant,
        source=source,
        prefix=secret[:PREFIX_LENGTH],
        digest=digest_of(secret),
        created_by=by,
    )
    told = {"prefix": key.prefix, "scopes": key.scopes, "source": source.name if source else None}
    deeds.record(Deed.Action.MADE, _subject(key), tenant=tenant, by=by, after=told)
    return IssuedKey(key, secret)


def _check(scopes: Collection[str], tenant: Tenant | None, source: SourceSystem | None) -> None:
    errors = [f"scope '{scope}' is not known" for scope in sorted(set(scopes) - set(Scope.values))]
    if not scopes:
        errors.append("scopes is required")
    if source and (tenant is None or source.tenant_id != tenant.pk):
        errors.append("a key bound to a source belongs to the source's tenant")
    if source and Scope.ADMIN in scopes:
        errors.append("a key bound to a source cannot have the scope 'admin'")
    if errors:
        raise InvalidBody(errors)


def digest_of(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def verify(secret: str) -> ApiKey | None:
    """The live key of this secret, with its tenant and source, in one query; None where there is none.

    The look-up is by digest, so its duration says nothing about how much of a guess was right. What a process has read
    before it does not read again while the database says that nothing about it has changed (sources.memory).
    """
    row = _MEMORY.read(digest_of(secret))
    if row is None:
        return None
    key: ApiKey
    key, tenant, source = rows.split(row, *_MEMORY.models)
    key._state.fields_cache = {"tenant": tenant, "source": source}
    return key


# Live keys only; far fewer in any installation than it has room for.
_MEMORY = Memory(
    models=(ApiKey, Tenant, SourceSystem),
    asking=lambda: ApiKey.objects.select_related("tenant", "source").filter(digest="", revoked_at=None),
    parameters=("digest",),
)


def keys_of(tenant: Tenant | None) -> QuerySet[ApiKey]:
    """The tenant's own keys, or the operators' (None), revoked ones included, newest first."""
    return ApiKey.objects.filter(tenant=tenant).select_related("source").order_by("-created_at", "-pk")


@transaction.atomic
def revoke(reference: object, *, tenant: Tenant | None, by: str) -> ApiKey:
    """Refuse the key of the tenant, or an operator's (None), from now on; again changes nothing. Raises KeyNotFound."""
    key = keys_of(tenant).select_for_update(of=("self",)).filter(pk=as_id(reference)).first()
    if key is None:
        raise KeyNotFound
    if key.revoked_at is None:
        _end(key, by=by)
    return key


def end_those_of(source: SourceSystem, *, by: str) -> None:
    """Revoke the keys that are bound to this source; part of the transaction that retires it."""
    for key in ApiKey.objects.select_for_update().filter(source=source, revoked_at=None).order_by("pk"):
        _end(key, by=by)


def _end(key: ApiKey, *, by: str) -> None:
    key.revoked_by, key.revoked_at = by, timezone.now()
    key.save(update_fields=["revoked_by", "revoked_at"])
    told = {"prefix": key.prefix, "scopes": key.scopes}
    deeds.record(Deed.Action.REMOVED, _subject(key), tenant=key.tenant, by=by, before=told)


def _subject(key: ApiKey) -> Subject:
    return Subject(Deed.Kind.API_KEY, key.pk, key.name)
