"""The addresses about who may speak to the registry, and of the feed of what was done."""

from __future__ import annotations

from django.urls import URLPattern

from identity.api.registry.administration import Administration
from identity.api.registry.api_keys import ApiKeyById, ApiKeys
from identity.api.registry.attributes import Attributes
from identity.api.registry.events import Events
from identity.api.registry.sources import Source, Sources
from identity.api.registry.tenants import Subtenants, TenantById, Tenants
from identity.api.routes import address

urlpatterns: list[URLPattern] = [
    *address("sources", Sources, "sources"),
    *address("sources/<str:source_id>", Source, "source"),
    *address("tenants", Tenants, "tenants"),
    *address("tenants/<str:tenant_id>", TenantById, "tenant"),
    *address("tenants/<str:tenant_id>/subtenants", Subtenants, "subtenants"),
    *address("contact-attributes", Attributes, "contact-attributes"),
    *address("api-keys", ApiKeys, "api-keys"),
    *address("api-keys/<str:key_id>", ApiKeyById, "api-key"),
    *address("administration", Administration, "administration"),
    *address("events", Events, "events"),
]
