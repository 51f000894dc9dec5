"""The columns of a CSV file, and the field of a record that each of them is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

# What a column may be mapped to, beside `attributes.NAME` for a custom attribute.
FIELDS = (
    "source_system",
    "source_key",
    "first_name",
    "last_name",
    "email",
    "phone",
    "address.street",
    "address.city",
    "address.state",
    "address.zip",
    "country",
    "effective_date",
    "source_of_truth",
)
ATTRIBUTE = "attributes."

# Names that other systems give to these fields, in lower case with single underscores.
_ALSO_CALLED: Mapping[str, str] = MappingProxyType(
    {
        **{name: name for name in FIELDS},
        **{name.partition(".")[2]: name for name in FIELDS if "." in name},
        "source": "source_system",
        "key": "source_key",
        "id": "source_key",
        "external_id": "source_key",
        "customer_id": "source_key",
        "given_name": "first_name",
        "firstname": "first_name",
        "forename": "first_name",
        "surname": "last_name",
        "lastname": "last_name",
        "family_name": "last_name",
        "e_mail": "email",
        "email_address": "email",
        "telephone": "phone",
        "phone_number": "phone",
        "mobile": "phone",
        "address": "address.street",
        "address_1": "address.street",
        "town": "address.city",
        "zip_code": "address.zip",
        "zipcode": "address.zip",
        "postcode": "address.zip",
        "postal_code": "address.zip",
    }
)

Column = tuple[str, str | None]
"""The name in the file and the field it is mapped to; None: kept with the record as sent, and not read."""


def guess(names: Sequence[str]) -> list[Column]:
    """What the columns are by their names. Of two that would be the same field, the first is."""
    taken: set[str] = set()
    columns: list[Column] = []
    for name in names:
        plain = re.sub(r"[\s_-]+", "_", name.strip().lower())
        field = _ALSO_CALLED.get(plain) or (name.strip() if name.strip().startswith(ATTRIBUTE) else None)
        columns.append((name, None if field in taken else field))
        taken.add(field or "")
    return columns


def mapped(names: Sequence[str], mapping: Mapping[str, str]) -> tuple[list[Column], list[str]]:
    """The columns under a mapping, which guesses fill up, and everything that is wrong with it."""
    errors = [f"column '{name}' is not in the file" for name in mapping if name not in names]
    errors += [f"'{field}' is not a field" for field in mapping.values() if not _is_field(field)]
    errors += [f"column '{name}' is there more than once" for name, count in Counter(names).items() if count > 1]
    chosen = {field for field in mapping.values() if field}
    columns: list[Column] = [
        (name, mapping[name] or None) if name in mapping else (name, None if field in chosen else field)
        for name, field in guess(names)
    ]
    doubled = Counter(field for field in mapping.values() if field)
    errors += [f"more than one column is mapped to {field}" for field, count in doubled.items() if count > 1]
    return columns, errors


def _is_field(field: str) -> bool:
    return not field or field in FIELDS or (field.startswith(ATTRIBUTE) and len(field) > len(ATTRIBUTE))


def body_of(row: Sequence[str], columns: Sequence[Column]) -> dict[str, Any]:
    """The body that the row would be at `POST /customers`. Cells without a text say nothing.

    What is in columns that are no field is kept under `columns`.
    """
    body: dict[str, Any] = {}
    for cell, (name, field) in zip(row, columns, strict=True):
        if not cell.strip():
            continue
        if field is None:
            body.setdefault("columns", {})[name] = cell
        elif "." in field:
            whole, _, part = field.partition(".")
            body.setdefault(whole, {})[part] = cell
        else:
            body[field] = cell.strip().lower() == "true" if field == "source_of_truth" else cell
    return body
