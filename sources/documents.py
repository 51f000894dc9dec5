"""Documents as the database reads them: JSON in UTF-8."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from psycopg.types.json import Jsonb


def json_of(value: Any) -> bytes:
    """Times and UUIDs in it as texts. Several times as fast as the standard library, which has what orjson refuses."""
    try:
        return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # integers beyond 64 bits, which a source's payload may hold
        return json.dumps(value, default=_plain).encode()


def document(value: Any) -> Jsonb:
    """A parameter of a statement."""
    return Jsonb(value, dumps=json_of)


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return value.isoformat() if isinstance(value, datetime) else str(value)
