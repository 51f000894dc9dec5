"""What every address of the API has in common."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from identity.api import idempotency
from identity.api.authentication import ANONYMOUS_WARNING
from sources.models import Scope, Tenant


class Call(Request):
    """A request as views see it: authentication (identity.api.authentication) added whose registry, and who acts."""

    tenant: Tenant
    actor: str


class ApiView(APIView):
    """`scopes` names what each method's caller must be allowed to do, where it is not reading (GET) or writing."""

    http_method_names = ["get", "post", "put", "patch", "delete", "head"]
    scopes: ClassVar[dict[str, Scope]] = {}
    post: Any  # only of views that answer POST

    @classmethod
    def scope_of(cls, method: str) -> Scope:
        return cls.scopes.get(method, Scope.READ if method in ("GET", "HEAD") else Scope.WRITE)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if "\0" in request.META.get("QUERY_STRING", "") or "%00" in request.META.get("QUERY_STRING", ""):
            raise ParseError("The query holds a character that cannot be stored")
        if request.method == "POST" and hasattr(self, "post"):
            self.post = idempotency.kept(self.post)  # for this request: views are made anew for each

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        if getattr(request, "anonymous", False):
            response["X-Registry-Warning"] = ANONYMOUS_WARNING
        return super().finalize_response(request, response, *args, **kwargs)
