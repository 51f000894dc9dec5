"""The addresses of the console. No address names a record by anything but its id."""

from __future__ import annotations

from django.urls import path

from review.console import batch, cases, queue
from review.console.counts import show_counts
from review.console.registry_urls import patterns
from review.console.session import SignIn, SignOut, keys
from review.console.theme import choose_theme

app_name = "console"
urlpatterns = [
    path("", queue.show_queue, name="queue"),
    path("queue/begin", queue.begin, name="queue-begin"),
    path("queue/batch", batch.decide_batch, name="queue-batch"),
    path("queue/decisions", cases.show_decisions, name="queue-decisions"),
    path("queue/decisions/<int:decision_id>/undo", cases.undo, name="queue-undo"),
    path("queue/<int:contact_id>", cases.show_case, name="queue-case"),
    path("queue/<int:contact_id>/claim", cases.claim, name="queue-claim"),
    path("queue/<int:contact_id>/<int:pair_id>", cases.decide, name="queue-decide"),
    path("counts", show_counts, name="counts"),
    path("keys", keys, name="keys"),
    path("theme", choose_theme, name="theme"),
    path("login", SignIn.as_view(), name="login"),
    path("logout", SignOut.as_view(), name="logout"),
    *patterns,
]
