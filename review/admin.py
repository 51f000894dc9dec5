"""The admin's pages about what people say of the machine's decisions, and what stewards decided in the console."""

from __future__ import annotations

from django.contrib import admin

from review.models import Decision, Feedback
from sources.admin_pages import ReadOnlyAdmin


@admin.register(Feedback)
class FeedbackAdmin(ReadOnlyAdmin):
    """Reported, resolved and withdrawn through the API and the review pages."""

    list_display = ("id", "type", "customer", "alias", "reported_by", "reported_at", "resolved", "withdrawn_at")
    list_filter = ("tenant", "type", "resolved")
    list_select_related = ("customer", "alias")
    search_fields = ("reported_by__exact", "notes")


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    """Taken, and taken back, in the console."""

    list_display = ("id", "kind", "contact", "by", "at", "undone_by", "undone_at")
    list_filter = ("tenant", "kind")
    list_select_related = ("contact",)
    search_fields = ("by__exact",)
