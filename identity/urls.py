"""Every address of the service."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("identity.api.registry.urls")),
    path("", include("identity.api.bitespeed.urls")),
]

handler400 = "identity.api.errors.bad_request"
handler404 = "identity.api.errors.not_found"
handler500 = "identity.api.errors.server_error"
