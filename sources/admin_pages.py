"""What all pages of the admin have in common: one tenant each, no page that counts millions, few that write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.functional import cached_property

from sources.admin_versions import VersionedAdmin
from sources.deeds import through
from sources.errors import DomainError
from sources.memberships import membership_of
from sources.models import Deed, Tenant

# Rows a list offers to leaf through: whoever looks for one row among more than that searches or filters.
MOST_ROWS = 10_000


def asked_first(
    page: admin.ModelAdmin, request: HttpRequest, chosen: QuerySet[Any], *, what: str, told: Sequence[str]
) -> TemplateResponse | None:
    """The page that asks before an action is carried out, with what it does to each row; None: asked before."""
    if "confirmed" in request.POST:
        return None
    context = {
        **page.admin_site.each_context(request),
        "title": f"{what}?",
        "told": told,
        "opts": page.model._meta,
        "action": request.POST.get("action", ""),
        "chosen": [row.pk for row in chosen],
    }
    return TemplateResponse(request, "admin/asked_first.html", context)


class CappedPaginator(Paginator):
    """Stops counting at MOST_ROWS: an exact count of ten million rows takes seconds."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return rows.order_by().values("pk")[:MOST_ROWS].count()


def visible_tenants(request: HttpRequest) -> QuerySet[Tenant]:
    """All for an operator, a user's own for everybody else."""
    if getattr(request.user, "is_superuser", False):
        return Tenant.objects.all()
    membership = membership_of(request.user) if request.user.is_authenticated else None
    return Tenant.objects.filter(pk__in=[membership.tenant_id] if membership else [])


class RecordedAdmin(VersionedAdmin):
    """What its pages do stands in the journal of administration as done through the admin."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            with through(Deed.Door.ADMIN):
                return super().changeform_view(request, *args, **kwargs)
        except DomainError as refusal:
            self.message_user(request, str(refusal), "error")
            return self.response_post_save_change(request, None)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with through(Deed.Door.ADMIN):
            return super().changelist_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with through(Deed.Door.ADMIN):
            return super().delete_view(request, *args, **kwargs)


class RegistryAdmin(RecordedAdmin):
    """`tenant_path`: how a row names its tenant, as a look-up. Nothing is deleted here; only operators write."""

    tenant_path = "tenant"
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(**{f"{self.tenant_path}__in": visible_tenants(request)})

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Without those that would list the names of other tenants and their sources."""
        filters = list(super().get_list_filter(request))
        if getattr(request.user, "is_superuser", False):
            return filters
        return [each for each in filters if each not in ("tenant", "source", "source__tenant")]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(RegistryAdmin):
    """For what is written by verbs only, with history and events, or never again at all."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
