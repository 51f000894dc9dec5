"""The address of the checkout's door."""

from identity.api.bitespeed.views import Identify
from identity.api.routes import address

urlpatterns = address("identify", Identify, "identify")
