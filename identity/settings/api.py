"""The HTTP API: how it reads, answers and documents itself."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["identity.api.authentication.ApiAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["identity.api.permissions.HasScope"],
    "DEFAULT_PARSER_CLASSES": ["identity.api.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["identity.api.rendering.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "identity.api.parsing.OneFormat",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "identity.api.errors.exception_handler",
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Identity Registry",
    "DESCRIPTION": "Decides which known customer a submitted record describes, explains why, and can undo it.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "CandidateStatus": ["pending", "approved", "rejected"],
        "AttributeType": "contacts.models.ContactAttribute.Type",
        "DeedKind": "sources.models.Deed.Kind",
        "DeedAction": "sources.models.Deed.Action",
        "DeedDoor": "sources.models.Deed.Door",
        "LookupState": ["building", "ready", "failed"],
        "FeedbackType": "review.models.Feedback.Type",
    },
    "PREPROCESSING_HOOKS": ["identity.api.openapi_hooks.without_trailing_slashes"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "identity.api.openapi_hooks.what_all_share",
    ],
}
