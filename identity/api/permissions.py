"""What a caller may do: the scope each address and method asks for, and the one source a bound key submits for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from identity.api.callers import Caller
from sources.errors import Forbidden

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which imports this module, by its setting


class HasScope(BasePermission):
    """Asks the view's `scope_of(method)`; `operators_only` views are closed to whoever belongs to a tenant."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        caller = request.auth
        if not isinstance(caller, Caller):
            return False
        if request.method not in view.allowed_methods:
            return True  # answered 405
        if getattr(view, "operators_only", False) and not caller.is_operator:
            self.message = "Only an operator may do this: a key or an account that belongs to no tenant"
            return False
        scope = _scope_of(view, str(request.method))
        self.message = f"The scope '{scope}' is needed"
        return caller.may(scope)


def _scope_of(view: Any, method: str) -> str:
    return str(view.scope_of(method))


def may_submit_for(request: Request, source_name: str) -> None:
    """Raises Forbidden when the caller's key is bound to another source. To be asked before anything is written."""
    source = request.auth.source if isinstance(request.auth, Caller) else None
    if source is not None and source.name != source_name:
        raise Forbidden("This API key may only submit for the source it is bound to")
