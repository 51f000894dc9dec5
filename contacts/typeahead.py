"""Finding live customers by the beginnings of their names, while somebody types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product

from contacts.models import Customer
from contacts.normalisation.names import typeahead_prefixes
from contacts.normalisation.text import squeeze
from contacts.quick_rows import rows_of
from sources.models import Tenant
from sources.round_trips import Prepared, run

# Words of a query beyond these say nothing that the first ones did not.
MOST_WORDS = 4
# Of two beginnings, as many first names are looked up one by one; where more begin so, last names are gone through.
MOST_FIRST_NAMES = 3
# How many are read for whoever wants as many or fewer: for each the database keeps a plan of its own.
LIMITS = (20, 100, 500)

# Beyond all that begins with a text is the text with the last of all code points, which no name has. A range is told by
# its ends and not by a pattern, so that one plan does for whatever is typed.
_BEGINS = "lower({column}) ~>=~ asked.{column} AND lower({column}) ~<~ (asked.{column} || chr(1114111))"
# The indexes are ordered by code points (text_pattern_ops), and partial: their conditions are part of the question.
_LIVE = "tenant_id = %(tenant)s AND deleted_at IS NULL AND NOT ({column} = '')"
_FIRST, _LAST = (
    {"column": column, "begins": _BEGINS.format(column=column), "live": _LIVE.format(column=column)}
    for column in ("first_name", "last_name")
)

# Each scan reads a range of one index in its order and stops at the limit. Parameters are read by subqueries: the
# database does not think better of one set of them than of any other then, and keeps its plan.
_BY_ONE_NAME = """
SELECT found.* FROM (SELECT lower(name) AS {column} FROM unnest((SELECT %(names)s::text[])) AS name) AS asked
CROSS JOIN LATERAL (
    SELECT id, (lower({column}) = asked.{column})::int AS exact, lower({column}) AS name
    FROM contacts_customer WHERE {live} AND {begins}
    ORDER BY lower({column}) USING ~<~ LIMIT {{limit}}) AS found
"""
_BY_EITHER = f"{_BY_ONE_NAME.format(**_FIRST)} UNION ALL {_BY_ONE_NAME.format(**_LAST)}"

# Of two names given, both may be whole, or one of them, or none. Going through all last names that begin so soon meets
# a first name that is frequent, and hardly ever one that is not. Therefore the first names that begin so are looked up,
# each with one step in the index; if they are few, their people are read, name by name: as many of each as are
# asked for, of which most are then left out, so that it does not pay for many names.
_FIRST_NAMES = f"""
WITH RECURSIVE asked AS (
    SELECT number, lower(first) AS first_name, lower(last) AS last_name
    FROM unnest((SELECT %(first_names)s::text[]), (SELECT %(last_names)s::text[]))
        WITH ORDINALITY AS given (first, last, number)
),
met (number, place, whole, beyond, first_name, last_name) AS (
    SELECT number, 0, NULL, first_name, first_name, last_name FROM asked
    UNION ALL
    SELECT number, place + 1, next.whole, next.whole || chr(1), asked.first_name, asked.last_name
    FROM met AS asked CROSS JOIN LATERAL (
        SELECT lower(first_name) AS whole
        FROM contacts_customer WHERE {_FIRST["live"]} AND {_FIRST["begins"]} AND lower(first_name) ~>=~ asked.beyond
        ORDER BY lower(first_name) USING ~<~ LIMIT 1) AS next
    WHERE place <= {MOST_FIRST_NAMES}
),
many AS (SELECT * FROM met WHERE place > {MOST_FIRST_NAMES}),
few AS (SELECT * FROM met WHERE place > 0 AND number NOT IN (SELECT number FROM many))
"""
_BOTH = f"""
    SELECT id, (lower(last_name) = asked.last_name)::int + (lower(first_name) = asked.first_name)::int AS exact,
        lower(last_name) || ' ' || lower(first_name) AS name
    FROM contacts_customer WHERE {_LAST["live"]} AND {_LAST["begins"]} AND NOT (first_name = '')
"""
_BY_BOTH = f"""
SELECT found.* FROM few AS asked CROSS JOIN LATERAL (
    {_BOTH} AND lower(first_name) = asked.whole
    ORDER BY lower(last_name) USING ~<~ LIMIT {{limit}}) AS found
UNION ALL
SELECT found.* FROM many AS asked CROSS JOIN LATERAL (
    {_BOTH} AND {_FIRST["begins"]}
    ORDER BY lower(last_name) USING ~<~, lower(first_name) USING ~<~ LIMIT {{limit}}) AS found
"""

_RANKED = """
{before}SELECT customer.* FROM (
    SELECT id, max(exact) AS exact, min(name) AS name FROM ({scans}) AS found
    GROUP BY id ORDER BY max(exact) DESC, min(name) USING ~<~, id LIMIT {limit}) AS ranked
JOIN contacts_customer AS customer USING (id)
ORDER BY ranked.exact DESC, ranked.name USING ~<~, customer.id
"""
_ONE_NAME = _RANKED.format(before="", scans=_BY_EITHER, limit="{limit}")
_TWO_NAMES = _RANKED.format(before=_FIRST_NAMES, scans=f"{_BY_EITHER} UNION ALL {_BY_BOTH}", limit="{limit}")


def search(query: str, *, tenant: Tenant, limit: int) -> list[Customer]:
    """Customers whose first or last name begins with the query, exact ones first, then by name; one statement.

    Several words begin one name together, or some of them one name and the rest the other, whichever comes first. A
    nickname finds its formal name as well.
    """
    words = squeeze(query).lower().split(" ")[:MOST_WORDS]
    pairs = list(_pairs(words))
    asked = {
        "tenant": tenant.pk,
        "names": _spellings(words),
        "first_names": [first for first, _ in pairs],
        "last_names": [last for _, last in pairs],
    }
    read = next((each for each in LIMITS if each >= limit), limit)
    reading = Prepared((_TWO_NAMES if pairs else _ONE_NAME).format(limit=read), asked)
    run(reading)
    return list(islice(rows_of(reading, Customer), limit))


def _pairs(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Every way to read the words as beginnings of a first and a last name."""
    for place in range(1, len(words)):
        for one, other in product(_spellings(words[:place]), _spellings(words[place:])):
            yield one, other
            yield other, one


def _spellings(words: Sequence[str]) -> list[str]:
    text = " ".join(words)
    return typeahead_prefixes(text) or [text]
