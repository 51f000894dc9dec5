"""Every address of the service. They are tried in this order: those of the busiest doors come first.

They are one flat list: each list within another costs a request a look-up of its own.
"""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from identity.api.bitespeed import urls as bitespeed
from identity.api.contact_centre import urls as contact_centre
from identity.api.registry import urls as registry

DOORS = ("identify", "customers", "contacts-identify")

_API = [*bitespeed.urlpatterns, *contact_centre.urlpatterns, *registry.urlpatterns]

urlpatterns = [
    *sorted(_API, key=lambda each: each.name not in DOORS),
    path("", RedirectView.as_view(pattern_name="console:queue")),
    path("console/", include("review.console.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "identity.api.errors.bad_request"
handler404 = "identity.api.errors.not_found"
handler500 = "identity.api.errors.server_error"
