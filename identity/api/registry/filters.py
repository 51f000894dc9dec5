"""The query parameters that narrow and order a list of customers, and which index each of them is answered from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import django_filters
from django.core import exceptions
from django.db.models import Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Lower
from django_filters.fields import IsoDateTimeField
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError

from contacts.models import Contact, Customer
from contacts.normalisation.email import normalise_email
from contacts.normalisation.phone import to_e164
from contacts.positions import course
from identity.api.listings import FEW, Listing, among, few
from identity.api.orders import BY_ID, Column, Order
from sources.models import SourceSystem, Tenant

Customers = QuerySet[Customer]

_FIRST, _LAST = Column("first_name", pattern=True), Column("last_name", pattern=True)
# Each is the order of an index. Names are of live customers only: so are their indexes.
ORDERS: dict[str, Order[Customer]] = {
    "id": BY_ID,
    "created_at": Order((Column("created_at"), Column("id"))),
    "updated_at": Order((Column("updated_at"), Column("id"))),
    "first_name": Order((_FIRST, _LAST, Column("id"))),
    "last_name": Order((_LAST, _FIRST, Column("id"))),
}
ORDERINGS = tuple(sign + name for name in ORDERS for sign in ("", "-"))
NAMES = ("first_name", "last_name")
# The filters that narrow an order's own index to a range.
RANGES: dict[str, frozenset[str]] = {
    "id": frozenset(),
    "created_at": frozenset({"created_after", "created_before"}),
    "updated_at": frozenset({"updated_after"}),
    "first_name": frozenset({"first_name", "first_name_prefix"}),
    "last_name": frozenset({"last_name", "last_name_prefix"}),
}


class InstantField(IsoDateTimeField):
    """In UTC: PostgreSQL takes no offset of sixteen hours or more, which ISO 8601 allows."""

    def to_python(self, value: Any) -> datetime | None:
        try:
            said = super().to_python(value)
            return said and said.astimezone(UTC)
        except OverflowError as beyond_the_calendar:
            raise exceptions.ValidationError(self.error_messages["invalid"]) from beyond_the_calendar


class InstantFilter(django_filters.IsoDateTimeFilter):
    field_class = InstantField


class CustomerFilters(django_filters.FilterSet):
    """`tenant` is whose region phones are read by and whose sources are meant; `live`: none that is deleted."""

    email = django_filters.CharFilter(method="by_email", help_text="Of any of the customer's aliases.")
    phone = django_filters.CharFilter(method="by_phone", help_text="Of any of the customer's aliases, in any format.")
    first_name = django_filters.CharFilter(method="by_name", help_text="Exact but for case.")
    last_name = django_filters.CharFilter(method="by_name", help_text="Exact but for case.")
    first_name_prefix = django_filters.CharFilter(method="by_prefix", help_text="The name's beginning.")
    last_name_prefix = django_filters.CharFilter(method="by_prefix", help_text="The name's beginning.")
    source_system = django_filters.CharFilter(method="by_source", help_text="Customers with an alias of this source.")
    created_after = InstantFilter("created_at", "gte", help_text="ISO 8601, inclusive.")
    created_before = InstantFilter("created_at", "lt", help_text="ISO 8601, exclusive.")
    updated_after = InstantFilter(
        "updated_at", "gte", help_text="ISO 8601, inclusive. To follow changes of a large registry, read `/events`."
    )
    ordering = django_filters.ChoiceFilter(
        method="by_order",
        choices=[(name, name) for name in ORDERINGS],
        help_text=(
            "By default by what is filtered by: a name, a time of creation or change; else by id, which is the order"
            " of their making. By a name, or by `updated_at`: only customers that have one."
        ),
    )

    class Meta:
        model = Customer
        fields: list[str] = []

    def __init__(self, *args: Any, tenant: Tenant, live: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tenant, self.live = tenant, live

    def listing(self) -> Listing[Customer]:
        """The list asked for, to be read from the index of its order, or from that of a filter that few fulfil."""
        said = self.form.cleaned_data["ordering"] or self._natural()
        name = said.removeprefix("-")
        if name in NAMES and not self.live:
            raise ValidationError({"ordering": ["By a name, only live customers are listed: without include_deleted."]})
        order = ORDERS[name].backwards if said.startswith("-") else ORDERS[name]
        rows, known = self.qs, Customer.objects.of(self.tenant)
        beside = self._asked() - self._served(name)
        if not beside:
            marked = None if self._asked() else course(self.tenant.pk, name, live=self.live)
            return Listing(rows, order, known=known, course=marked)
        if (found := self._few()) is not None:
            return Listing(among(rows, found), order, known=known)
        return Listing(self._probed(name), order, known=known, walked=self._walk(name), told=rows)

    def _asked(self) -> frozenset[str]:
        return frozenset(
            name for name, value in self.form.cleaned_data.items() if value not in (None, "") and name != "ordering"
        )

    def _natural(self) -> str:
        asked = self._asked()
        fitting = (name for name in reversed(ORDERS) if asked & RANGES[name] and (self.live or name not in NAMES))
        return next(fitting, "id")

    def _served(self, name: str) -> frozenset[str]:
        """The filters that the index of this order answers by itself; beneath one whole name, also the other one."""
        if name in NAMES and not self.live:
            return frozenset()
        asked = self._asked()
        [other] = [each for each in NAMES if each != name] if name in asked & set(NAMES) else [""]
        return RANGES[name] | RANGES.get(other, frozenset())

    def _few(self) -> list[Any] | None:
        """The rows of a filter that no more than FEW fulfil, found by the filter's own index."""
        data = self.form.cleaned_data
        for name in sorted(self._asked(), key=_RAREST_FIRST.index):
            if name == "source_system":
                found = self._few_of_source(data[name])
            elif name in RANGES["first_name"] | RANGES["last_name"] and not self.live:
                found = None
            else:
                found = few(self.filters[name].filter(self.queryset, data[name]))
            if found is not None:
                return found
        return None

    def _few_of_source(self, name: str) -> list[Any] | None:
        """Contacts are read by their source key; those of a built-in source have none, and are never few."""
        source = self._source(name)
        if source is None:
            return []
        if source.built_in:
            return None
        held = Contact.objects.live().filter(source=source).exclude(source_key=None)
        found = list(held.values_list("customer_id", flat=True)[: FEW + 1])
        return found if len(found) <= FEW else None

    def _walk(self, name: str) -> Customers:
        """What the order's own index can tell."""
        return self.by_order(self._narrowed(self._asked() & self._served(name)), "ordering", name)

    def _probed(self, name: str) -> Customers:
        """All that is asked for, such that PostgreSQL looks at the contacts of few customers, not at all of a source's.

        A condition that EXISTS says is made a join, which may begin at either end; that a value IS NOT NULL is not.
        """
        rows = self._narrowed(self._asked() - {"source_system"})
        if source := self._source(self.form.cleaned_data["source_system"]):
            held = Contact.objects.live().filter(customer=OuterRef("pk"), source=source).values("pk")[:1]
            rows = rows.alias(of_source=Subquery(held)).filter(of_source__isnull=False)
        return self.by_order(rows, "ordering", name)

    def _narrowed(self, names: frozenset[str]) -> Customers:
        rows, data = self.queryset, self.form.cleaned_data
        for name in names:
            rows = self.filters[name].filter(rows, data[name])
        return rows

    def by_email(self, rows: Customers, name: str, value: str) -> Customers:
        return self._of_contacts(rows, email=normalise_email(value))

    def by_phone(self, rows: Customers, name: str, value: str) -> Customers:
        return self._of_contacts(rows, phone=to_e164(value, self.tenant.region) or value)

    def _of_contacts(self, rows: Customers, **known: str) -> Customers:
        """The conditions of the partial indexes are part of the question."""
        held = Contact.objects.of(self.tenant).live().filter(**known).exclude(**dict.fromkeys(known, ""))
        return rows.filter(pk__in=held.values("customer_id"))

    def by_source(self, rows: Customers, name: str, value: str) -> Customers:
        """By the source's id: what the planner knows of how many contacts each has, it knows by id."""
        source = self._source(value)
        if source is None:
            return rows.none()
        held = Contact.objects.live().filter(customer=OuterRef("pk"), source=source)
        return rows.filter(Exists(held if source.built_in else held.exclude(source_key=None)))

    def _source(self, name: str) -> SourceSystem | None:
        return SourceSystem.objects.of(self.tenant).live().filter(name=name).first()

    def by_name(self, rows: Customers, name: str, value: str) -> Customers:
        return _lowered(rows, name).filter(**{f"lowered_{name}": Lower(Value(value))})

    def by_prefix(self, rows: Customers, name: str, value: str) -> Customers:
        name = name.removesuffix("_prefix")
        return _lowered(rows, name).filter(**{f"lowered_{name}__startswith": Lower(Value(value))})

    def by_order(self, rows: Customers, name: str, value: str) -> Customers:
        """Leaves out those whom the order says nothing of; the listing puts the rest in order."""
        column = value.removeprefix("-")
        if column == "updated_at":
            return rows.exclude(updated_at=None)
        return _lowered(rows, column) if column in NAMES else rows


def _parameter(name: str, given: Any) -> OpenApiParameter:
    """What the OpenAPI document says of a filter."""
    kind = OpenApiTypes.DATETIME if isinstance(given, django_filters.IsoDateTimeFilter) else OpenApiTypes.STR
    among = ORDERINGS if isinstance(given, django_filters.ChoiceFilter) else None
    return OpenApiParameter(name, kind, enum=among, description=given.extra["help_text"])


FILTERS = [_parameter(name, given) for name, given in CustomerFilters.base_filters.items()]

# Which filter to try first: what it finds is likely to be little.
_RAREST_FIRST = (
    "email",
    "phone",
    "last_name",
    "last_name_prefix",
    "updated_after",
    "first_name",
    "first_name_prefix",
    "created_after",
    "created_before",
    "source_system",
)


def _lowered(rows: Customers, column: str) -> Customers:
    return rows.exclude(**{column: ""}).alias(**{f"lowered_{column}": Lower(column)})
