"""Every address of the service. They are tried in this order: those of the busiest doors come first."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", include("identity.api.bitespeed.urls")),
    path("", include("identity.api.contact_centre.urls")),
    path("", include("identity.api.registry.urls")),
    path("", RedirectView.as_view(pattern_name="console:queue")),
    path("console/", include("review.console.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "identity.api.errors.bad_request"
handler404 = "identity.api.errors.not_found"
handler500 = "identity.api.errors.server_error"
