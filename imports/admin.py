"""The admin's pages of imports; they are begun, paused and cancelled in the console and through the API."""

from __future__ import annotations

from django.contrib import admin

from imports.models import Import, RejectedRow
from sources.admin_pages import ReadOnlyAdmin


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    list_display = ("id", "name", "tenant", "state", "dry_run", "records", "rejected", "by", "created_at")
    list_filter = ("tenant", "state", "dry_run")
    list_select_related = ("tenant",)
    search_fields = ("id__exact", "name")


@admin.register(RejectedRow)
class RejectedRowAdmin(ReadOnlyAdmin):
    tenant_path = "imported__tenant"
    list_display = ("id", "imported", "line", "errors")
    list_select_related = ("imported",)
    search_fields = ("imported__id__exact",)
