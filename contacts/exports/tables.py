"""What can be exported: the crosswalk, and the golden records; their columns, and the rows behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Cast, NullIf

from contacts.models import Contact, Customer
from contacts.record import FIELDS
from sources.models import Tenant


class Kind(Enum):
    """What a column holds: text, a whole number, a moment (aware, UTC) or a JSON document as text."""

    TEXT = "text"
    NUMBER = "number"
    MOMENT = "moment"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` gives a tenant's rows with these columns, ordered by a primary key; None is *not known*."""

    name: str
    columns: Mapping[str, Kind]
    rows: Callable[[Tenant], QuerySet]


def _crosswalk(tenant: Tenant) -> QuerySet:
    """By the primary key of contacts: the scan reads the table as it lies, and nothing has to be sorted."""
    live = Contact.objects.of(tenant).live().order_by("pk")
    return live.values_list("source__name", "source_key", Cast("customer_id", TextField()))


def _customers(tenant: Tenant) -> QuerySet:
    known = [NullIf(F(name), Value("")) for name in FIELDS]
    live = Customer.objects.of(tenant).live().order_by("pk")
    return live.values_list(Cast("pk", TextField()), *known, "attributes", "version", "created_at", "updated_at")


# Which customer each live source record belongs to. `source_key` is None where the record came without one (a
# storefront's, a contact centre's): such a row counts a record, and joins with nothing.
CROSSWALK = Table("crosswalk", dict.fromkeys(("source_system", "source_key", "customer_id"), Kind.TEXT), _crosswalk)

# The golden record of each live customer, under the names that the crosswalk and the record's own fields have.
CUSTOMERS = Table(
    "customers",
    {
        "customer_id": Kind.TEXT,
        **dict.fromkeys(FIELDS, Kind.TEXT),
        "attributes": Kind.JSON,
        "version": Kind.NUMBER,
        "created_at": Kind.MOMENT,
        "updated_at": Kind.MOMENT,
    },
    _customers,
)
