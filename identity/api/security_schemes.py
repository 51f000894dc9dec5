"""How the OpenAPI document describes authentication."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class ApiSecuritySchemes(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Found by REST framework's schema generator once this module is imported."""

    target_class = "identity.api.authentication.ApiAuthentication"
    name = ["ApiKey", "Session"]

    def get_security_definition(self, auto_schema: Any) -> Any:
        return [
            {
                "type": "http",
                "scheme": "bearer",
                "description": "An API key. In development, callers on the same machine need none.",
            },
            {
                "type": "apiKey",
                "in": "cookie",
                "name": "sessionid",
                "description": "A signed-in user; writing needs the CSRF token in `X-CSRFToken`.",
            },
        ]
