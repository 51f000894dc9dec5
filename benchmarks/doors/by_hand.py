"""The least SQL that could answer a door, sent by pgbench: what PostgreSQL alone can do on the machine.

No evidence, no locks but the rows', no lookups. A read of somebody by e-mail and phone; for a newcomer a customer, a
contact and an event in a transaction; for a further record of somebody a contact, the golden record and an event; for
two who turn out to be one the contacts moved, both customers written and an event. Prepared statements.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from string import Template

from psycopg.conninfo import conninfo_to_dict

from benchmarks import people
from contacts.record import FIELDS
from identity.demo.words import MAILBOX_DOMAINS
from identity.postgres.location import binaries

# How many of a hundred requests of a door's traffic are of each kind.
MIXES: dict[str, dict[str, int]] = {
    "identify repeat": {"read": 100},
    "identify mixed": {"read": 70, "new": 20, "further": 8, "bridge": 2},
    "identify bridging": {"bridge": 100},
    "customers mixed": {"new": 55, "further": 45},
    "contacts repeat": {"read": 100},
    "contacts mixed": {"read": 80, "new": 20},
}

_RATE = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
_ENVIRONMENT = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}


def _array(words: tuple[str, ...]) -> str:
    return f"(ARRAY[{', '.join(repr(word) for word in words)}])"


def _email(number: str) -> str:
    return f"('u' || {number} || '@' || {_array(MAILBOX_DOMAINS)}[1 + ({number} % {len(MAILBOX_DOMAINS)})::int])"


def _phone(number: str) -> str:
    """benchmarks.people.phone_of as SQL."""
    place = f"({number} * {people.STRIDE} % {people.NUMBERS})"
    area = f"{_array(people.AREAS)}[1 + ({place} / {people.EXCHANGES * people.LINES})::int]"
    exchange = f"(200 + {place} / {people.LINES} % {people.EXCHANGES})"
    return f"('+1' || {area} || {exchange} || lpad(({place} % {people.LINES})::text, 4, '0'))"


_FACTS = ", ".join(FIELDS)
_SAID = ", ".join({"email": "$email", "phone": "$phone"}.get(name, "''") for name in FIELDS)
_COLUMNS = f"""tenant_id, customer_id, source_id, original_payload, source_of_truth,
    {_FACTS}, attributes, added_by, added_at"""
_VALUES = f":tenant, id, :shop, '{{}}', false, {_SAID}, '{{}}', 'pgbench', now()"
_DRAWS = """
\\set n 2 * random(0, :half - 1) + 1
\\set m :n # 2
\\set f random(1000000000, 80000000000)
"""
_READ = """
SELECT id, customer_id, email, phone FROM contacts_contact
WHERE tenant_id = :tenant AND email = $email AND NOT (email = '') AND deleted_at IS NULL
UNION ALL
SELECT id, customer_id, email, phone FROM contacts_contact
WHERE tenant_id = :tenant AND phone = $phone AND NOT (phone = '') AND deleted_at IS NULL;
"""
_NEW = f"""
WITH somebody AS (
    INSERT INTO contacts_customer (id, tenant_id, version, {_FACTS}, attributes, created_by, created_at)
    VALUES (gen_random_uuid(), :tenant, 1, {_SAID}, '{{}}', 'pgbench', now()) RETURNING id),
said AS (INSERT INTO contacts_contact ({_COLUMNS}) SELECT {_VALUES} FROM somebody RETURNING customer_id)
"""
_FURTHER = f"""
WITH somebody AS (SELECT customer_id FROM contacts_contact
    WHERE tenant_id = :tenant AND email = $email AND NOT (email = '') AND deleted_at IS NULL LIMIT 1),
golden AS (
    UPDATE contacts_customer SET phone = $phone, version = version + 1
    WHERE id = (SELECT customer_id FROM somebody) RETURNING id),
said AS (INSERT INTO contacts_contact ({_COLUMNS}) SELECT {_VALUES} FROM golden RETURNING customer_id)
"""
_BRIDGE = """
WITH pair AS (
    SELECT min(customer_id::text)::uuid AS stays, max(customer_id::text)::uuid AS goes FROM contacts_contact
    WHERE tenant_id = :tenant AND email IN ($email, $other) AND NOT (email = '') AND deleted_at IS NULL),
moved AS (UPDATE contacts_contact SET customer_id = stays FROM pair WHERE customer_id = goes AND stays <> goes),
gone AS (
    UPDATE contacts_customer SET deleted_at = now(), deleted_by = 'pgbench', merged_into_id = stays
    FROM pair WHERE id = goes AND stays <> goes),
said AS (UPDATE contacts_customer SET version = version + 1 FROM pair WHERE id = stays RETURNING id AS customer_id)
"""
_EVENT = """
INSERT INTO contacts_event (tenant_id, kind, customer_id, "by", at, body)
SELECT :tenant, 'linked', customer_id, 'pgbench', now(), '{}' FROM said;
"""


def _scripts() -> dict[str, str]:
    """One pgbench script for each kind of request."""
    somebody, other, newcomer = (f"((:{name})::bigint)" for name in "nmf")
    known = {"email": _email(somebody), "phone": _phone(somebody), "other": _email(other)}
    new = {"email": _email(newcomer), "phone": _phone(newcomer)}

    def script(sql: str, **values: str) -> str:
        return _DRAWS + Template(sql).substitute(values)

    def writing(sql: str, **values: str) -> str:
        return script("BEGIN;" + _READ + sql.rstrip() + _EVENT + "COMMIT;\n", **values)

    return {
        "read": script(_READ, **known),
        "new": writing(_NEW, **new),
        "further": writing(_FURTHER, email=known["email"], phone=new["phone"]),
        "bridge": writing(_BRIDGE, **known),
    }


def rate(url: str, traffic: str, *, size: int, tenant: int, shop: int, clients: int, seconds: float) -> float:
    """Transactions a second of this traffic's mix."""
    scripts = _scripts()
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for kind, weight in MIXES[traffic].items():
            path = Path(folder) / f"{kind}.sql"
            path.write_text(scripts[kind])
            files += ["-f", f"{path}@{weight}"]
        values = {"tenant": tenant, "shop": shop, "half": size // 2}
        variables = [word for name, value in values.items() for word in ("-D", f"{name}={value}")]
        load = ["-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(max(1, round(seconds)))]
        done = subprocess.run(
            [str(binaries() / "pgbench"), *load, *variables, *files],
            env={**os.environ, **_connection(url)},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    found = _RATE.search(done.stdout)
    if found is None:
        raise RuntimeError(f"pgbench told no rate: {done.stdout[-500:]}")
    return float(found[1])


def _connection(url: str) -> Mapping[str, str]:
    return {_ENVIRONMENT[name]: str(value) for name, value in conninfo_to_dict(url).items() if name in _ENVIRONMENT}
