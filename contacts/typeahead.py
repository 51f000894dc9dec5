"""Finding live customers by the beginnings of their names, while somebody types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from contacts.models import Customer
from contacts.normalisation.names import typeahead_prefixes
from contacts.normalisation.text import squeeze
from sources.models import Tenant

# Words of a query beyond these say nothing that the first ones did not.
MOST_WORDS = 5

# One ordered scan of one index: the ranges of text_pattern_ops, which know nothing of any language's sorting.
_SCAN = """
(SELECT id, lower({column}) AS name FROM contacts_customer
 WHERE tenant_id = %(tenant)s AND deleted_at IS NULL AND NOT ({column} = '')
   AND lower({column}) LIKE {prefix}{rest}
 ORDER BY lower({column}) USING ~<~ LIMIT %(limit)s)
"""
_PREFIX = "replace(replace(replace(lower(%({name})s), '\\', '\\\\'), '%%', '\\%%'), '_', '\\_') || '%%'"
_ALSO = "(lower(first_name) LIKE {prefix} OR lower(last_name) LIKE {prefix})"
_RANKED = """
SELECT id FROM ({scans}) AS found
GROUP BY id
ORDER BY min(CASE WHEN name = ANY(%(exact)s) THEN 0 ELSE 1 END), min(name) USING ~<~, id
LIMIT %(limit)s
"""
COLUMNS = ("first_name", "last_name")


def search(query: str, *, tenant: Tenant, limit: int) -> list[Customer]:
    """Customers whose first or last name begins with the query, exact ones first, then by name.

    Of several words each must begin one of the two names, or all together one name. A nickname finds its formal name
    as well.
    """
    found = _ids(squeeze(query).lower(), tenant, limit)
    customers = Customer.objects.in_bulk(found)
    return [customers[pk] for pk in found if pk in customers]


def _ids(phrase: str, tenant: Tenant, limit: int) -> list[UUID]:
    asked = Asked({"tenant": tenant.pk, "limit": limit, "exact": _spellings(phrase)})
    words = phrase.split(" ")[:MOST_WORDS]
    longest, *others = sorted(words, key=len, reverse=True)
    scans = _scans(longest, others, asked) + (_scans(phrase, [], asked) if others else [])
    with connection.cursor() as cursor:
        cursor.execute(_RANKED.format(scans=" UNION ALL ".join(scans)), asked.values)
        return [row[0] for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of one statement, by name."""

    values: dict[str, Any]

    def prefix(self, text: str) -> str:
        """The LIKE pattern of everything that begins with `text`, as an expression of its parameter."""
        name = f"prefix_{len(self.values)}"
        self.values[name] = text
        return _PREFIX.format(name=name)


def _scans(leading: str, others: Sequence[str], asked: Asked) -> list[str]:
    """The leading word finds rows by the index of either name; the others only narrow them."""
    also = [" OR ".join(_ALSO.format(prefix=asked.prefix(text)) for text in _spellings(word)) for word in others]
    rest = "".join(f" AND ({condition})" for condition in also)
    prefixes = [asked.prefix(text) for text in _spellings(leading)]
    return [_SCAN.format(column=column, prefix=prefix, rest=rest) for column in COLUMNS for prefix in prefixes]


def _spellings(word: str) -> list[str]:
    return typeahead_prefixes(word) or [word]
