"""The addresses of the console. No address names a record by anything but its id."""

from __future__ import annotations

from django.urls import path

from review.console.counts import show_counts
from review.console.session import SignIn, SignOut, keys
from review.console.theme import choose_theme

app_name = "console"
urlpatterns = [
    path("", keys, name="queue"),
    path("counts", show_counts, name="counts"),
    path("keys", keys, name="keys"),
    path("theme", choose_theme, name="theme"),
    path("login", SignIn.as_view(), name="login"),
    path("logout", SignOut.as_view(), name="logout"),
]
