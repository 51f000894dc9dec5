"""Foreign keys that Django has no word for, put in and taken out by migrations while others read and write.

One of several columns says that two rows are of the same tenant. It is put in for new rows first, which takes a moment
of nobody writing, and then confirmed of those that are there, which keeps nobody out. To be used in migrations that are
not atomic; what was broken off is begun again.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.migrations import RunSQL


@dataclass(frozen=True, slots=True)
class Reference:
    """`columns` of `table` are those of a row of `referred`; checked at the commit, as Django has all checked."""

    table: str
    name: str
    columns: str
    referred: str

    @property
    def put_in(self) -> tuple[str, ...]:
        return (
            *self.taken_out,
            f"ALTER TABLE {self.table} ADD CONSTRAINT {self.name} FOREIGN KEY ({self.columns})"
            f" REFERENCES {self.referred} DEFERRABLE INITIALLY DEFERRED NOT VALID",
            f"ALTER TABLE {self.table} VALIDATE CONSTRAINT {self.name}",
        )

    @property
    def taken_out(self) -> tuple[str, ...]:
        return (f"ALTER TABLE {self.table} DROP CONSTRAINT IF EXISTS {self.name}",)


def adding(reference: Reference) -> RunSQL:
    return RunSQL(reference.put_in, reference.taken_out)


def dropping(reference: Reference) -> RunSQL:
    return RunSQL(reference.taken_out, reference.put_in)
