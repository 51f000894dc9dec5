"""API keys: made once, shown once, known again by their SHA-256, revoked for good."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from sources import rows
from sources.errors import InvalidBody, NotFound
from sources.models import ApiKey, Scope, SourceSystem, Tenant
from sources.reading import FieldReader, as_id
from sources.round_trips import Prepared, Statement, run, send_ahead

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
    before it does not read again while the database says that nothing about it has changed: see `confirmed_along`.
    """
    digest = digest_of(secret)
    remembered = _remembered.get(digest)
    if remembered is None:
        remembered = _read(digest)
    elif _along.get():
        send_ahead(_versions_now(digest), partial(_confirm, digest))
    elif not _is_confirmed(digest, remembered):
        remembered = _read(digest)
    if remembered is None:
        return None
    key: ApiKey
    key, key.tenant, key.source = rows.split(remembered.row, *_LOOKED_UP)
    return key


class KeyChanged(Exception):
    """The key is not what this process remembered of it: whatever was asked with it has to be asked again."""


@contextmanager
def confirmed_along() -> Iterator[None]:
    """In here `verify` takes a key that is remembered as it is, and has the first statement asked after it confirm it.

    That is where KeyChanged is raised, or by `sources.round_trips.settle`, which the caller calls in the end. `verify`
    does not remember the key any more then.
    """
    token = _along.set(True)
    try:
        yield
    finally:
        _along.reset(token)


_along: ContextVar[bool] = ContextVar("keys are confirmed along with what is asked next", default=False)


@dataclass(frozen=True, slots=True)
class _Remembered:
    """`versions` tell the rows behind `row` from what they are after any change."""

    versions: tuple[object, ...]
    row: tuple[object, ...]


_LOOKED_UP = (ApiKey, Tenant, SourceSystem)
# By digest. Live keys only; far more of them than any installation has.
_remembered: dict[str, _Remembered] = {}
_MOST_REMEMBERED = 10_000


def _read(digest: str) -> _Remembered | None:
    _remembered.pop(digest, None)
    row = rows.fetched(_lookup(), digest=digest)
    if row is None:
        return None
    if len(_remembered) >= _MOST_REMEMBERED:
        _remembered.clear()
    width = 2 * len(_LOOKED_UP)
    _remembered[digest] = found = _Remembered(row[:width], row[width:])
    return found


def _is_confirmed(digest: str, remembered: _Remembered) -> bool:
    now = _versions_now(digest)
    run(now)
    return now.rows == [remembered.versions]


def _confirm(digest: str, now: Statement) -> None:
    remembered = _remembered.get(digest)
    if remembered is None or now.rows != [remembered.versions]:
        _remembered.pop(digest, None)
        raise KeyChanged


def _versions_now(digest: str) -> Statement:
    return Prepared(_which_versions(), {"digest": digest})


@cache
def _lookup() -> str:
    """Written by the ORM once: the versions of the rows, then their columns."""
    found = ApiKey.objects.select_related("tenant", "source").filter(digest="", revoked_at=None).order_by()
    said = str(found.query.sql_with_params()[0]).replace("%s", "%(digest)s")
    return said.replace("SELECT ", f"SELECT {_VERSIONS}, ", 1)


@cache
def _which_versions() -> str:
    return f"SELECT {_VERSIONS} {_lookup()[_lookup().index('FROM') :]}"


# A changed row is another tuple: written by another transaction, or further on in the table by the same.
_VERSIONS = ", ".join(f'"{model._meta.db_table}".xmin, "{model._meta.db_table}".ctid' for model in _LOOKED_UP)


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
        key.revoked_by, key.revoked_at = by, timezone.now()
        key.save(update_fields=["revoked_by", "revoked_at"])
    return key
