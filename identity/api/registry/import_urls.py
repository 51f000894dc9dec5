"""The addresses of imports."""

from __future__ import annotations

from django.urls import URLPattern

from identity.api.registry.imports import Cancel, ImportById, Imports, Pause, Rejected, Resume, Start
from identity.api.routes import address

IMPORT = "imports/<str:import_id>"

urlpatterns: list[URLPattern] = [
    *address("imports", Imports, "imports"),
    *address(IMPORT, ImportById, "import"),
    *address(f"{IMPORT}/start", Start, "start-import"),
    *address(f"{IMPORT}/pause", Pause, "pause-import"),
    *address(f"{IMPORT}/resume", Resume, "resume-import"),
    *address(f"{IMPORT}/cancel", Cancel, "cancel-import"),
    *address(f"{IMPORT}/rejected", Rejected, "rejected-rows"),
]
