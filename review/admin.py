"""The admin's page about what people say of the machine's decisions."""

from __future__ import annotations

from django.contrib import admin

from review.models import Feedback
from sources.admin_pages import ReadOnlyAdmin


@admin.register(Feedback)
class FeedbackAdmin(ReadOnlyAdmin):
    """Reported, resolved and withdrawn through the API and the review pages."""

    list_display = ("id", "type", "customer", "alias", "reported_by", "reported_at", "resolved", "withdrawn_at")
    list_filter = ("tenant", "type", "resolved")
    list_select_related = ("customer", "alias")
    search_fields = ("reported_by__exact", "notes")
