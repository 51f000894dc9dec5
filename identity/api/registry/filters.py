"""The query parameters that narrow and order a list of customers, each served by an index."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.expressions import OrderBy
from django.db.models.functions import Lower

from contacts.models import Contact, Customer
from contacts.normalisation.email import normalise_email
from contacts.normalisation.phone import to_e164
from sources.models import SourceSystem, Tenant

Customers = QuerySet[Customer]

ORDERINGS = ("id", "-id", "created_at", "-created_at", "first_name", "-first_name", "last_name", "-last_name")


class PatternOrder(OrderBy):
    """The order of text_pattern_ops, by code points: the indexes on names know no other."""

    def as_sql(self, compiler: Any, connection: Any, template: str | None = None, **context: Any) -> Any:
        # Django looks for ASC or DESC in what it gets; PostgreSQL wants none beside USING.
        said = "USING ~>~ /* DESC */" if self.descending else "USING ~<~ /* ASC */"
        return super().as_sql(compiler, connection, template=f"%(expression)s {said}", **context)


class CustomerFilters(django_filters.FilterSet):
    """`tenant` is whose region phones are read by and whose sources are meant."""

    email = django_filters.CharFilter(method="by_email", help_text="Of any of the customer's aliases.")
    phone = django_filters.CharFilter(method="by_phone", help_text="Of any of the customer's aliases, in any format.")
    first_name = django_filters.CharFilter(method="by_name", help_text="Exact but for case.")
    last_name = django_filters.CharFilter(method="by_name", help_text="Exact but for case.")
    first_name_prefix = django_filters.CharFilter(method="by_prefix", help_text="The name's beginning.")
    last_name_prefix = django_filters.CharFilter(method="by_prefix", help_text="The name's beginning.")
    source_system = django_filters.CharFilter(method="by_source", help_text="Customers with an alias of this source.")
    created_after = django_filters.IsoDateTimeFilter("created_at", "gte", help_text="ISO 8601, inclusive.")
    created_before = django_filters.IsoDateTimeFilter("created_at", "lt", help_text="ISO 8601, exclusive.")
    updated_after = django_filters.IsoDateTimeFilter(
        "updated_at", "gte", help_text="ISO 8601, inclusive. To follow changes of a large registry, read `/events`."
    )
    ordering = django_filters.ChoiceFilter(
        method="by_order",
        choices=[(name, name) for name in ORDERINGS],
        help_text="By default by id, which is the order of their making. By a name: only customers that have it.",
    )

    class Meta:
        model = Customer
        fields: list[str] = []

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tenant = tenant

    def filter_queryset(self, queryset: Customers) -> Customers:
        """By time of creation where that narrows the list and nothing else was asked: one index then serves both."""
        rows = super().filter_queryset(queryset)
        asked = self.form.cleaned_data
        by_time = asked["created_after"] or asked["created_before"]
        return rows.order_by("created_at", "pk") if by_time and rows.query.order_by == ("pk",) else rows

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
        source = SourceSystem.objects.of(self.tenant).live().filter(name=value).first()
        if source is None:
            return rows.none()
        held = Contact.objects.live().filter(customer=OuterRef("pk"), source=source)
        return rows.filter(Exists(held if source.built_in else held.exclude(source_key=None)))

    def by_name(self, rows: Customers, name: str, value: str) -> Customers:
        return _lowered(rows, name).filter(**{f"lowered_{name}": Lower(Value(value))})

    def by_prefix(self, rows: Customers, name: str, value: str) -> Customers:
        name = name.removesuffix("_prefix")
        return _lowered(rows, name).filter(**{f"lowered_{name}__startswith": Lower(Value(value))})

    def by_order(self, rows: Customers, name: str, value: str) -> Customers:
        descending, column = value.startswith("-"), value.removeprefix("-")
        if column in ("id", "created_at"):
            return rows.order_by(value, "-id" if descending else "id")
        return _lowered(rows, column).order_by(PatternOrder(Lower(column), descending=descending), "id")


def _lowered(rows: Customers, column: str) -> Customers:
    return rows.exclude(**{column: ""}).alias(**{f"lowered_{column}": Lower(column)})
