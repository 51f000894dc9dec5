"""The admin's pages of the contact centre: here on the top floor, because a new lookup is built by this process."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

from matching.lookups import LookupInUse, create_lookup, held_by, hold_strategies, read_definition, remove_lookup
from matching.media_types import change_media_type, create_media_type, read_settings
from matching.models import Lookup
from review.templatetags.console import figure
from sources.admin_pages import RegistryAdmin, asked_first
from sources.errors import DomainError, InvalidBody
from sources.models import MediaType, Tenant


def _refuse(form: forms.ModelForm, refusal: DomainError) -> None:
    for error in refusal.errors if isinstance(refusal, InvalidBody) else [str(refusal)]:
        form.add_error(None, error)


class LookupForm(forms.ModelForm):
    """As POST /identification-keys reads it."""

    class Meta:
        help_texts: ClassVar = {
            "attributes": "In order, with commas between. A worker builds the index over all customers, beside all"
            " other work; until then the lookup answers nothing. A unique one fails where customers share its values.",
        }

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        tenant = cleaned.get("tenant")
        if isinstance(tenant, Tenant) and not self.errors:
            said = {name: cleaned[name] for name in ("name", "attributes", "kind")}
            try:
                self.definition = read_definition(said, tenant=tenant)
            except DomainError as refusal:
                _refuse(self, refusal)
            if Lookup.objects.filter(tenant=tenant, name=said["name"]).exists():
                self.add_error("name", "An identification key with this name already exists")
        return cleaned


@admin.register(Lookup)
class LookupAdmin(RegistryAdmin):
    """Made and removed, never changed: its index would have to be another one."""

    form = LookupForm
    fields = ("tenant", "name", "attributes", "kind")
    list_display = ("name", "tenant", "kind", "attributes", "state", "customers_built", "customers_total", "built_in")
    list_filter = ("tenant", "kind", "state")
    list_select_related = ("tenant",)
    search_fields = ("name",)
    ordering = ("pk",)
    actions = ("remove_selected",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Lookup, form: Any, change: bool) -> None:
        made = create_lookup(form.definition, tenant=obj.tenant, by=request.user.get_username())
        obj.pk = made.pk

    @admin.action(description="Remove, unless predefined or named by a strategy", permissions=["change"])
    def remove_selected(self, request: HttpRequest, queryset: QuerySet[Lookup]) -> TemplateResponse | None:
        told = [f"{lookup}: its index holds {figure(held_by(lookup))} entries of customers" for lookup in queryset]
        if (page := asked_first(self, request, queryset, what="Remove", told=told)) is not None:
            return page
        for lookup in queryset.select_related("tenant"):
            try:
                remove_lookup(lookup.name, tenant=lookup.tenant, by=request.user.get_username())
            except LookupInUse as refusal:
                self.message_user(request, f"{lookup}: {refusal}", "error")
        return None


class MediaTypeForm(forms.ModelForm):
    """As PUT /media-types reads it: an option of the strategy may be a list of attributes with `+` between."""

    class Meta:
        help_texts: ClassVar = {
            "strategy": "Names of lookups in the order they are tried, with commas between; empty: that of “any”."
            " Holds from the next request on. That of “any” also serves every media type without one.",
            "minimum_creation_attributes": "Attributes a request must carry for a contact to be created, with commas.",
        }

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        tenant = cleaned.get("tenant") or getattr(self.instance, "tenant", None)
        if isinstance(tenant, Tenant) and not self.errors:
            names = ("name", "create_contact", "minimum_creation_attributes", "strategy")
            said = {name: cleaned[name] for name in names if name in cleaned}
            if "strategy" in said:
                said["strategy"] = [option.split("+") if "+" in option else option for option in said["strategy"]]
            try:
                self.settings = read_settings(said, tenant=tenant, new=self.instance.pk is None)
            except DomainError as refusal:
                _refuse(self, refusal)
        return cleaned


@admin.register(MediaType)
class MediaTypeAdmin(RegistryAdmin):
    form = MediaTypeForm
    fields = ("tenant", "name", "create_contact", "minimum_creation_attributes", "strategy")
    list_display = ("name", "tenant", "strategy", "create_contact", "minimum_creation_attributes", "built_in")
    list_filter = ("tenant", "built_in")
    list_select_related = ("tenant",)
    search_fields = ("name",)
    ordering = ("pk",)

    def get_readonly_fields(self, request: HttpRequest, obj: MediaType | None = None) -> tuple[str, ...]:
        return () if obj is None else ("tenant", "name")

    def hold(self, row: MediaType) -> None:
        """As its verb does, and before it."""
        hold_strategies(row.tenant)

    def save_model(self, request: HttpRequest, obj: MediaType, form: Any, change: bool) -> None:
        by = request.user.get_username()
        if change:
            saved = change_media_type(obj.pk, form.settings, tenant=obj.tenant, by=by)
        else:
            saved = create_media_type(form.settings, tenant=obj.tenant, by=by)
        obj.pk = saved.pk
