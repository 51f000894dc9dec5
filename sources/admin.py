"""The admin's pages about who may speak to the registry. Tenants are in matching.admin: to open one takes a model."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from contacts.normalisation.email import is_valid_email, normalise_email
from sources.admin_pages import ReadOnlyAdmin, RecordedAdmin, RegistryAdmin, asked_first
from sources.errors import DomainError
from sources.keys import revoke
from sources.memberships import dismiss, enrol, powers, tell_account, tell_removed_account
from sources.models import ApiKey, Deed, Membership, Reviewer, SourceSystem, Subtenant
from sources.registration import REQUIRABLE_FIELDS
from sources.systems import SourceNameTaken, retire, standing, tell_changed, tell_registered
from sources.tenants import name_faults, open_subtenant


class SourceForm(forms.ModelForm):
    required_fields = forms.MultipleChoiceField(
        choices=[(name, name) for name in REQUIRABLE_FIELDS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Fields a record of this source must carry; none: any one identifying value will do. Holds from the"
        " next record on: one that lacks something is refused. Those held stay.",
    )

    class Meta:
        help_texts: ClassVar = {
            "name": "As records name it. Under another name its records stay with it, and whoever still submits for the"
            " old one is refused from then on.",
        }

    def clean(self) -> dict[str, Any] | None:
        """Django leaves the constraint to the database, as it involves fields that the form does not show."""
        cleaned = super().clean()
        tenant = self.cleaned_data.get("tenant") or getattr(self.instance, "tenant", None)
        name = self.cleaned_data.get("name")
        namesakes = SourceSystem.objects.live().filter(tenant=tenant, name=name).exclude(pk=self.instance.pk)
        if tenant and name and namesakes.exists():
            self.add_error("name", str(SourceNameTaken()))
        return cleaned


class ReviewerForm(forms.ModelForm):
    def clean_email(self) -> str:
        email = normalise_email(self.cleaned_data["email"])
        if not is_valid_email(email):
            raise ValidationError("This is not an e-mail address.")
        return email


class ReviewerInline(admin.TabularInline):
    model = Reviewer
    form = ReviewerForm
    extra = 0


@admin.register(SourceSystem)
class SourceSystemAdmin(RegistryAdmin):
    """Deleting is the action *retire*: the records of a source stay."""

    form = SourceForm
    fields = (
        "tenant",
        "name",
        "entra_ad_group",
        "required_fields",
        "built_in",
        ("created_by", "created_at"),
        ("updated_by", "updated_at"),
        ("deleted_by", "deleted_at"),
    )
    inlines = (ReviewerInline,)
    list_display = ("name", "tenant", "entra_ad_group", "built_in", "created_by", "created_at", "deleted_at")
    list_filter = ("tenant", "built_in", ("deleted_at", admin.EmptyFieldListFilter))
    list_select_related = ("tenant",)
    search_fields = ("name", "entra_ad_group", "reviewers__email")
    actions = ("retire_selected",)

    def get_readonly_fields(self, request: HttpRequest, obj: SourceSystem | None = None) -> tuple[str, ...]:
        kept = ("built_in", "created_by", "created_at", "updated_by", "updated_at", "deleted_by", "deleted_at")
        if obj is None:
            return kept
        return (*kept, "tenant", "name") if obj.built_in else (*kept, "tenant")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.deleted_at)

    def save_model(self, request: HttpRequest, obj: SourceSystem, form: Any, change: bool) -> None:
        """A change writes what the form has: one that was retired since it was read stays retired."""
        if change:
            form.before = standing(SourceSystem.objects.select_for_update(no_key=True).get(pk=obj.pk))
            obj.updated_by, obj.updated_at = request.user.get_username(), timezone.now()
            obj.save(update_fields=[*form.cleaned_data, "updated_by", "updated_at"])
        else:
            obj.created_by = request.user.get_username()
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The reviewers are the last that is saved."""
        super().save_related(request, form, formsets, change)
        by = request.user.get_username()
        if change:
            tell_changed(form.instance, form.before, by=by)
        else:
            tell_registered(form.instance, by=by)

    @admin.action(description="Retire: records stay, the name is free, keys are revoked", permissions=["change"])
    def retire_selected(self, request: HttpRequest, queryset: QuerySet[SourceSystem]) -> TemplateResponse | None:
        told = [f"{system}: {_keys(system)} revoked; its records stay" for system in queryset]
        if (page := asked_first(self, request, queryset, what="Retire for good", told=told)) is not None:
            return page
        for system in queryset.select_related("tenant"):
            try:
                retire(system.pk, tenant=system.tenant, by=request.user.get_username())
            except DomainError as refusal:
                self.message_user(request, f"{system}: {refusal}", messages.ERROR)
        return None


def _keys(system: SourceSystem) -> str:
    number = ApiKey.objects.filter(source=system, revoked_at=None).count()
    return f"{number} API key{' is' if number == 1 else 's are'}"


@admin.register(Reviewer)
class ReviewerAdmin(ReadOnlyAdmin):
    """Reviewers are changed with their source."""

    tenant_path = "source__tenant"
    list_display = ("first_name", "last_name", "email", "source")
    list_filter = ("source__tenant",)
    list_select_related = ("source",)
    search_fields = ("first_name", "last_name", "email", "source__name")


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Shown by their first characters. They are made where they can be shown once: the console, the API, the shell."""

    fields = ("name", "prefix", "tenant", "source", "scopes", "created_by", "created_at", "revoked_by", "revoked_at")
    list_display = (
        "name",
        "prefix",
        "tenant",
        "source",
        "scopes",
        "created_by",
        "created_at",
        "revoked_by",
        "revoked_at",
    )
    list_filter = ("tenant", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("tenant", "source")
    search_fields = ("name", "prefix", "created_by")
    actions = ("revoke_selected",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        if getattr(request.user, "is_superuser", False):
            return admin.ModelAdmin.get_queryset(self, request)  # operators' keys have no tenant
        return super().get_queryset(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if request.method == "GET":
            told = (
                'Keys of a tenant are made <a href="{}">in the console</a>, an operator\'s by manage.py create_api_key.'
            )
            messages.info(request, format_html(told, reverse("console:sources-keys")))
        return super().changelist_view(request, extra_context)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    @admin.action(description="Revoke for good", permissions=["revoke"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> TemplateResponse | None:
        told = [f"{key}: whoever uses it is refused at once" for key in queryset]
        if (page := asked_first(self, request, queryset, what="Revoke for good", told=told)) is not None:
            return page
        for key in queryset.select_related("tenant"):
            revoke(key.pk, tenant=key.tenant, by=request.user.get_username())
        return None


@admin.register(Membership)
class MembershipAdmin(RegistryAdmin):
    list_display = ("user", "tenant", "role")
    list_filter = ("tenant", "role")
    list_select_related = ("user", "tenant")
    search_fields = ("user__username", "user__email")
    autocomplete_fields = ("user",)

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return () if obj is None else ("user",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        by = request.user.get_username()
        obj.pk = enrol(obj.user, tenant=obj.tenant, role=obj.role, by=by).pk

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        dismiss(obj.user, by=request.user.get_username())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        with transaction.atomic():
            for membership in queryset.select_related("user"):
                self.delete_model(request, membership)


admin.site.unregister(User)


@admin.register(User)
class AccountAdmin(RecordedAdmin, UserAdmin):
    """Django's own page of accounts. Who may do what, and whose membership ends with the account, is in the journal."""

    readonly_fields = ("last_login", "date_joined")
    unversioned = ("last_login",)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        before = powers(User.objects.select_for_update().get(pk=obj.pk)) if change else None
        super().save_model(request, obj, form, change)
        tell_account(obj, before=before, by=request.user.get_username())

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        by = request.user.get_username()
        with transaction.atomic():
            dismiss(obj, by=by)
            tell_removed_account(obj, by=by)
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        with transaction.atomic():
            for account in queryset:
                self.delete_model(request, account)


@admin.register(Deed)
class DeedAdmin(ReadOnlyAdmin):
    """The journal of administration, with what is about operators. It only grows: the database refuses all else."""

    list_display = ("at", "by", "door", "key", "kind", "name", "action", "tenant")
    list_filter = ("tenant", "kind", "action", "door")
    list_select_related = ("tenant",)
    search_fields = ("by__exact", "name__exact")
    search_help_text = "Who did it, or what it was done to."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Deed]:
        if getattr(request.user, "is_superuser", False):
            return admin.ModelAdmin.get_queryset(self, request)  # what is about operators has no tenant
        return super().get_queryset(request)


class SubtenantForm(forms.ModelForm):
    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if faults := name_faults(name):
            raise ValidationError(faults)
        return name


@admin.register(Subtenant)
class SubtenantAdmin(RegistryAdmin):
    form = SubtenantForm
    fields = ("tenant", "name", "created_by", "created_at")
    list_display = ("name", "tenant", "created_by", "created_at")
    list_filter = ("tenant",)
    list_select_related = ("tenant",)
    search_fields = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("created_by", "created_at") if obj is None else ("tenant", "name", "created_by", "created_at")

    def save_model(self, request: HttpRequest, obj: Subtenant, form: Any, change: bool) -> None:
        """One that there is cannot be changed."""
        if not change:
            obj.pk = open_subtenant(obj.name, tenant=obj.tenant, by=request.user.get_username()).pk
