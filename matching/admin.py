"""The admin's pages about how the machine decides and what it decided; and tenants, which begin with a model."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from contacts.normalisation.countries import COUNTRY_CODES
from matching.models import CandidatePair, Constraint, MatchModel, Merge, Split
from matching.tenants import open_tenant
from sources.admin_pages import ReadOnlyAdmin, RegistryAdmin, visible_tenants
from sources.models import Tenant
from sources.tenant_settings import change_settings
from sources.tenants import name_faults


class TenantForm(forms.ModelForm):
    class Meta:
        help_texts: ClassVar = {
            "region": "The country of telephone numbers that are written without one, as two letters. Another one holds"
            " for what is read from then on, searches and lookups included; who is held stays as read.",
        }

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if faults := name_faults(name):
            raise ValidationError(faults)
        return name

    def clean_region(self) -> str:
        region = str(self.cleaned_data["region"]).upper()
        if region not in COUNTRY_CODES:
            raise ValidationError("This is not an ISO 3166-1 alpha-2 code.")
        return region


@admin.register(Tenant)
class TenantAdmin(RegistryAdmin):
    """A name stays: callers know the tenant by it. Another region holds for what is read from then on."""

    form = TenantForm
    fields = ("name", "region", "created_by", "created_at")
    list_display = ("name", "region", "created_by", "created_at")
    search_fields = ("name",)
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tenant]:
        return visible_tenants(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Tenant | None = None) -> tuple[str, ...]:
        return ("created_by", "created_at") if obj is None else ("name", "created_by", "created_at")

    def save_model(self, request: HttpRequest, obj: Tenant, form: Any, change: bool) -> None:
        if change:
            change_settings({"region": obj.region}, tenant=obj, by=request.user.get_username())
        else:
            opened = open_tenant(obj.name, region=obj.region, by=request.user.get_username())
            obj.pk, obj.created_by, obj.created_at = opened.pk, opened.created_by, opened.created_at


@admin.register(MatchModel)
class MatchModelAdmin(ReadOnlyAdmin):
    list_display = ("version", "tenant", "active", "reason", "created_by", "created_at")
    list_filter = ("tenant", "active")
    list_select_related = ("tenant",)
    search_fields = ("reason", "created_by")


@admin.register(CandidatePair)
class CandidatePairAdmin(ReadOnlyAdmin):
    """Decided on in the review queue or through the API, where a decision is a merge or a constraint as well."""

    list_display = ("id", "contact", "customer", "confidence", "status", "reviewed_by", "created_at")
    list_filter = ("tenant", "status", "source")
    list_select_related = ("contact", "customer")
    search_fields = ("reviewed_by__exact",)
    search_help_text = "Who decided."


@admin.register(Constraint)
class ConstraintAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "left", "right", "said_by", "said_at", "lifted_by")
    list_filter = ("tenant", "kind", ("lifted_at", admin.EmptyFieldListFilter))
    search_fields = ("said_by__exact", "lifted_by__exact")
    search_help_text = "Who said so, or took it back."


@admin.register(Merge)
class MergeAdmin(ReadOnlyAdmin):
    list_display = ("id", "target", "source", "reason", "by", "at", "undone_by", "undone_at")
    list_filter = ("tenant", "reason", ("undone_at", admin.EmptyFieldListFilter))
    list_select_related = ("target", "source")
    search_fields = ("by__exact", "undone_by__exact")
    search_help_text = "Who merged, or undid it."


@admin.register(Split)
class SplitAdmin(ReadOnlyAdmin):
    list_display = ("id", "customer", "new_customer", "contacts", "by", "at")
    list_filter = ("tenant",)
    list_select_related = ("customer", "new_customer")
    search_fields = ("by__exact",)
    search_help_text = "Who split."
