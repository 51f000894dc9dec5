"""The admin's pages about what the registry holds. All are for reading: every write is a verb's, with its history."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from contacts import typeahead
from contacts.models import Change, Contact, ContactAttribute, Customer, Event
from contacts.normalisation.email import normalise_email
from contacts.normalisation.phone import to_e164
from sources.admin_pages import ReadOnlyAdmin, ReadOnlyInline, visible_tenants
from sources.models import SourceSystem, Tenant

MOST_FOUND = 100  # of each kind, by a search


def customers_found(term: str, tenant: Tenant) -> set[UUID]:
    """By id, or by an e-mail or phone that one of its records has, or by the beginning of a name: all of it indexed."""
    contacts = Contact.objects.of(tenant).live()
    found = {customer.pk for customer in typeahead.search(term, tenant=tenant, limit=MOST_FOUND)}
    if phone := to_e164(term, tenant.region):
        found.update(contacts.filter(phone=phone).exclude(phone="").values_list("customer", flat=True)[:MOST_FOUND])
    if "@" in term:
        mail = contacts.filter(email=normalise_email(term)).exclude(email="")
        found.update(mail.values_list("customer", flat=True)[:MOST_FOUND])
    return found


def link_to_list(model: type[Model], text: str, **lookups: object) -> SafeString:
    """A link to the admin's list of `model`, filtered."""
    options = model._meta
    address = reverse(f"admin:{options.app_label}_{options.model_name}_changelist", query=lookups)
    return format_html('<a href="{}">{}</a>', address, text)


class ContactInline(ReadOnlyInline):
    model = Contact
    fields = ("source", "source_key", "first_name", "last_name", "email", "phone", "match_confidence", "deleted_at")
    ordering = ("pk",)


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    list_display = ("id", "first_name", "last_name", "email", "phone", "city", "tenant", "created_at", "deleted_at")
    list_filter = ("tenant", ("deleted_at", admin.EmptyFieldListFilter), ("merged_into", admin.EmptyFieldListFilter))
    list_select_related = ("tenant",)
    search_fields = ("id",)
    search_help_text = "An id, an e-mail, a phone number, or the beginning of a name."
    inlines = (ContactInline,)
    readonly_fields = ("history", "happenings")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        term = search_term.replace("\0", "").strip()
        if not term:
            return queryset, False
        try:
            return queryset.filter(pk=UUID(term)), False
        except ValueError:
            found = {pk for tenant in visible_tenants(request) for pk in customers_found(term, tenant)}
            return queryset.filter(pk__in=found), False

    @admin.display(description="History")
    def history(self, customer: Customer) -> SafeString:
        return link_to_list(Change, "what changed, when, by whom", customer__id__exact=customer.pk)

    @admin.display(description="Events")
    def happenings(self, customer: Customer) -> SafeString:
        return link_to_list(Event, "what other systems were told", customer_id=customer.pk)


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "source",
        "source_key",
        "first_name",
        "last_name",
        "email",
        "phone",
        "customer",
        "match_confidence",
        "deleted_at",
    )
    # Not by algorithm: the filter would read every record to list the few there are.
    list_filter = (
        "tenant",
        "source",
        ("match_confidence", admin.EmptyFieldListFilter),
        ("deleted_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("source", "customer")
    search_fields = ("source_key__exact",)
    search_help_text = "The source key of a live record, as the source writes it."
    exclude = ("effective_date",)
    readonly_fields = ("in_effect_since",)

    @admin.display(description="Effective date")
    def in_effect_since(self, contact: Contact) -> str | None:
        """As the source said it: a day of the reader's zone may be another one, and the last of all has no next."""
        return f"{contact.effective_date:%Y-%m-%d %H:%M} UTC" if contact.effective_date else None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Contact], search_term: str
    ) -> tuple[QuerySet[Contact], bool]:
        """By the index of source keys, which begins with the source and has live records only."""
        term = search_term.replace("\0", "").strip()
        if not term:
            return queryset, False
        sources = SourceSystem.objects.filter(tenant__in=visible_tenants(request)).values_list("pk", flat=True)
        return queryset.filter(source__in=list(sources), source_key=term, deleted_at=None), False


@admin.register(ContactAttribute)
class ContactAttributeAdmin(ReadOnlyAdmin):
    list_display = ("name", "type", "tenant", "created_by", "created_at")
    list_filter = ("tenant", "type")
    list_select_related = ("tenant",)
    search_fields = ("name",)


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin):
    """Append-only; the database refuses anything else, whoever asks. What somebody did is found in the audit."""

    tenant_path = "customer__tenant"
    list_display = ("id", "customer", "changed_by", "changed_at", "delta")
    list_select_related = ("customer",)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "customer_link", "by", "at")
    list_filter = ("tenant", "kind")

    @admin.display(description="customer")
    def customer_link(self, event: Event) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>',
            reverse("admin:contacts_customer_change", args=[event.customer_id]),
            event.customer_id,
        )

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return lookup == "customer_id" or super().lookup_allowed(lookup, value, request)
