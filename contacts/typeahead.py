"""Finding live customers by the beginnings of their names, while somebody types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from contacts.models import Customer
from contacts.normalisation.names import typeahead_prefixes
from contacts.normalisation.text import squeeze
from sources.models import Tenant

# Words of a query beyond these say nothing that the first ones did not.
MOST_WORDS = 4
COLUMNS = ("first_name", "last_name")

# Each scan reads a range of one index in its order and stops at the limit. The indexes are ordered by code points
# (text_pattern_ops), and partial: their conditions are part of the question.
_SCAN = """
(SELECT id, {exact} AS exact, {name} AS name FROM contacts_customer
 WHERE tenant_id = %(tenant)s AND deleted_at IS NULL AND {conditions}
 ORDER BY {order} LIMIT %(limit)s)
"""
_BEGINS = "NOT ({column} = '') AND lower({column}) LIKE {pattern}"
_EXACT = "(lower({column}) = lower(%({name})s))::int"
_PATTERN = "replace(replace(replace(lower(%({name})s), '\\', '\\\\'), '%%', '\\%%'), '_', '\\_') || '%%'"
# Of two names given, both may be whole, or one of them, or none.
_RANKED = """
SELECT customer.* FROM (
    SELECT id, max(exact) AS exact, min(name) AS name FROM ({scans}) AS found
    GROUP BY id ORDER BY max(exact) DESC, min(name) USING ~<~, id LIMIT %(limit)s) AS ranked
JOIN contacts_customer AS customer USING (id)
ORDER BY ranked.exact DESC, ranked.name USING ~<~, customer.id
"""


def search(query: str, *, tenant: Tenant, limit: int) -> list[Customer]:
    """Customers whose first or last name begins with the query, exact ones first, then by name; one statement.

    Several words begin one name together, or some of them one name and the rest the other, whichever comes first. A
    nickname finds its formal name as well.
    """
    words = squeeze(query).lower().split(" ")[:MOST_WORDS]
    asked = Asked({"tenant": tenant.pk, "limit": limit})
    scans = [asked.scan(beginnings) for beginnings in _readings(words)]
    return list(Customer.objects.raw(_RANKED.format(scans=" UNION ALL ".join(scans)), asked.values))


def _readings(words: Sequence[str]) -> Iterator[dict[str, str]]:
    """Every way to read the words as beginnings of names, by column."""
    for spelling in _spellings(words):
        yield from ({column: spelling} for column in COLUMNS)
    for place in range(1, len(words)):
        for one, other in product(_spellings(words[:place]), _spellings(words[place:])):
            yield {"last_name": other, "first_name": one}
            yield {"last_name": one, "first_name": other}


def _spellings(words: Sequence[str]) -> list[str]:
    text = " ".join(words)
    return typeahead_prefixes(text) or [text]


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of one statement, by name."""

    values: dict[str, Any]

    def scan(self, beginnings: dict[str, str]) -> str:
        names = {column: self._parameter(text) for column, text in beginnings.items()}
        patterns = {column: _PATTERN.format(name=name) for column, name in names.items()}
        return _SCAN.format(
            exact=" + ".join(_EXACT.format(column=column, name=name) for column, name in names.items()),
            name=" || ' ' || ".join(f"lower({column})" for column in names),
            conditions=" AND ".join(_BEGINS.format(column=c, pattern=pattern) for c, pattern in patterns.items()),
            order=", ".join(f"lower({column}) USING ~<~" for column in names),
        )

    def _parameter(self, text: str) -> str:
        name = f"beginning_{len(self.values)}"
        self.values[name] = text
        return name
