"""Two administrators at one form of the admin: whoever saves later is told what changed, and overwrites nothing unseen.

A form carries in one word how the row stood when it was opened. Where it stands otherwise by the time it is saved,
nothing is saved, and beside each field that differs stands what it is now. Saved again, what was filled in stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.forms.models import _get_foreign_key, model_to_dict
from django.http import HttpRequest, HttpResponse

SEEN = "seen"
CHANGED = (
    "Somebody has changed this since you opened it. Nothing was saved. What you filled in stands below, and beside it"
    " what it is now. Saved again, what you filled in stands."
)


class VersionedAdmin(admin.ModelAdmin):
    """`unversioned`: what changes by itself, and is in no form."""

    unversioned: Sequence[str] = ()

    def hold(self, row: Any) -> None:
        """Have others who would change the row wait for the end of the transaction."""
        self.model._base_manager.select_for_update(no_key=True).filter(pk=row.pk).first()

    def version(self, request: HttpRequest, row: Any) -> str:
        """How the row stands, and what is changed along with it."""
        along = [[_values(each) for each in related.order_by("pk")] for related in self._changed_along(request, row)]
        return blake2b(repr((_values(row, but=self.unversioned), along)).encode(), digest_size=12).hexdigest()

    def _changed_along(self, request: HttpRequest, row: Any) -> list[Any]:
        inlines = [each for each in self.get_inline_instances(request, row) if each.has_change_permission(request, row)]
        keys = [_get_foreign_key(self.model, each.model, fk_name=each.fk_name).name for each in inlines]
        return [each.model._base_manager.filter(**{key: row}) for each, key in zip(inlines, keys, strict=True)]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is None or SEEN not in request.POST:
            return form
        self.hold(obj)
        now = self.model._base_manager.get(pk=obj.pk)
        return form if request.POST[SEEN] == self.version(request, now) else _refusing(form, now)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if change and self.has_change_permission(request, obj):
            overtaken = isinstance(context["adminform"].form, Overtaken)
            posted = None if overtaken else request.POST.get(SEEN)
            stored = self.model._base_manager.get(pk=obj.pk)
            context[SEEN] = posted or self.version(request, stored)
        return super().render_change_form(request, context, add, change, form_url, obj)


class Overtaken(forms.ModelForm):
    """A form of a row that somebody else has changed."""

    now: Model

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        self.add_error(None, CHANGED)
        for name in self.changed_data:
            if name in self.fields:
                self.add_error(name, f"It is now: {_shown(self.now, name)}")
        return cleaned


def _refusing(form: Any, now: Model) -> Any:
    return type("Refusing", (Overtaken, form), {"now": now})


def _values(row: Any, *, but: Sequence[str] = ()) -> list[tuple[str, str]]:
    return [(name, _told(value)) for name, value in sorted(model_to_dict(row).items()) if name not in but]


def _told(value: Any) -> str:
    """Of many rows, which they are."""
    return repr(sorted(str(each.pk) for each in value)) if _are_rows(value) else repr(value)


def _are_rows(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(each, Model) for each in value)


def _shown(row: Model, name: str) -> str:
    value = getattr(row, name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if hasattr(value, "all"):
        value = [str(each) for each in value.all()]
    text = ", ".join(value) if isinstance(value, list) else str("" if value is None else value)
    return f"“{text}”" if text else "empty"
