"""A registry of any size, made by the database itself: made-up people with one record each, and nameless shoppers.

Everything follows from the number of the row, so two runs hold the same people. The rows are those that the verbs
write; the verbs are not used because this measures doors, not loading.
"""

from __future__ import annotations

import psycopg

FIRST_NAMES = ("Anna", "Bruno", "Clara", "Dieter", "Edith", "Fritz", "Greta", "Hugo", "Ilse", "Jakob", "Klara", "Lukas")
SYLLABLES = ("ber", "dal", "fen", "gar", "hol", "kam", "lin", "mor", "nes", "pol", "rav", "sten", "tor", "ul", "vik")
PEOPLE, SHOPPERS = "CRM", "storefront"

_CUSTOMERS = """
INSERT INTO contacts_customer (id, tenant_id, version, first_name, last_name, email, phone, street, city, state, zip,
                               country, attributes, created_by, created_at)
SELECT id, %(tenant)s, 1, first_name, last_name, email, phone, street, city, state, zip, '', '{}', 'benchmark', at
FROM benchmark_people
"""
_CONTACTS = """
INSERT INTO contacts_contact (tenant_id, customer_id, source_id, source_key, original_payload, source_of_truth,
                              first_name, last_name, email, phone, street, city, state, zip, country, attributes,
                              added_by, added_at)
SELECT %(tenant)s, id, source_id, source_key, payload, false, first_name, last_name, email, phone, street, city, state,
       zip, '', '{}', 'benchmark', at
FROM benchmark_people ORDER BY number
"""
_PEOPLE = """
CREATE UNLOGGED TABLE benchmark_people AS
SELECT number, gen_random_uuid() AS id, named,
       CASE WHEN named THEN %(crm)s ELSE %(shop)s END::bigint AS source_id,
       CASE WHEN named THEN 'K' || number END AS source_key,
       CASE WHEN named THEN (%(first)s::text[])[1 + number %% %(firsts)s] ELSE '' END AS first_name,
       CASE WHEN named THEN initcap((%(syllables)s::text[])[1 + number %% %(n)s]
            || (%(syllables)s::text[])[1 + number / %(n)s %% %(n)s]
            || (%(syllables)s::text[])[1 + number / %(n)s / %(n)s %% %(n)s]) ELSE '' END AS last_name,
       'u' || number || '@mail' || number %% 97 || '.example' AS email,
       '00' || lpad(number::text, 9, '0') AS phone,
       CASE WHEN named THEN number %% 9999 || ' Oak AVE' ELSE '' END AS street,
       CASE WHEN named THEN 'Town ' || number %% 500 ELSE '' END AS city,
       CASE WHEN named THEN 'TX' ELSE '' END AS state,
       CASE WHEN named THEN lpad((number %% 99999)::text, 5, '0') ELSE '' END AS zip,
       jsonb_build_object('email', 'u' || number || '@mail' || number %% 97 || '.example',
                          'phoneNumber', '00' || lpad(number::text, 9, '0')) AS payload,
       now() - make_interval(secs => %(size)s - number) AS at
FROM (SELECT number, number %% 2 = 0 AS named FROM generate_series(1, %(size)s) AS number) AS numbered
"""


def email_of(number: int) -> str:
    return f"u{number}@mail{number % 97}.example"


def phone_of(number: int) -> str:
    """Digits that no numbering plan knows, so that they are matched as they stand."""
    return f"00{number:09d}"


def person(number: int) -> dict[str, object]:
    """The body that CRM would post of an even number."""
    n = len(SYLLABLES)
    last = SYLLABLES[number % n] + SYLLABLES[number // n % n] + SYLLABLES[number // n // n % n]
    return {
        "first_name": FIRST_NAMES[number % len(FIRST_NAMES)],
        "last_name": last.capitalize(),
        "email": email_of(number),
        "address": {
            "street": f"{number % 9999} Oak Ave",
            "city": f"Town {number % 500}",
            "state": "TX",
            "zip": f"{number % 99999:05d}",
        },
    }


def fill(url: str, size: int) -> None:
    """Put `size` customers into an empty registry, every second one named; sources CRM and ERP are registered."""
    with psycopg.connect(url) as connection:
        tenant, shop = connection.execute(
            "SELECT tenant_id, id FROM sources_sourcesystem WHERE name = %s", [SHOPPERS]
        ).fetchone() or (0, 0)
        asked = {"tenant": tenant, "shop": shop, "crm": _register(connection, tenant, PEOPLE), "size": size}
        _register(connection, tenant, "ERP")
        asked |= {"first": list(FIRST_NAMES), "firsts": len(FIRST_NAMES)}
        asked |= {"syllables": list(SYLLABLES), "n": len(SYLLABLES)}
        connection.execute(_PEOPLE, asked)
        connection.execute(_CUSTOMERS, asked)
        connection.execute(_CONTACTS, asked)
        connection.execute("DROP TABLE benchmark_people")
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE contacts_customer")
        connection.execute("VACUUM ANALYZE contacts_contact")


def _register(connection: psycopg.Connection, tenant: int, name: str) -> int:
    row = connection.execute(
        """INSERT INTO sources_sourcesystem (tenant_id, name, required_fields, built_in, created_by, created_at)
           VALUES (%s, %s, '{}', false, 'benchmark', now()) RETURNING id""",
        [tenant, name],
    ).fetchone()
    return int(row[0]) if row else 0
