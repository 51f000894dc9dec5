"""The addresses of the pages beside the queue: customers, and what administrators look after."""

from __future__ import annotations

from django.urls import path

from review.console import customer, disputes, search, separating

patterns = [
    path("customers/<uuid:customer>", customer.show, name="customers-one"),
    path("customers/<uuid:customer>/split", separating.split, name="customers-split"),
    path("customers/<uuid:customer>/reports", customer.report, name="customers-report"),
    path("customers/<uuid:customer>/everything.json", customer.download, name="customers-everything"),
    path("customers", search.customers, name="customers"),
    path("search", search.search, name="search"),
    path("search/suggestions", search.suggestions, name="search-suggestions"),
    path("disputes", disputes.show, name="disputes"),
    path("disputes/<int:report>/dismiss", disputes.dismiss, name="disputes-dismiss"),
    path("merges/<int:merge>/undo", separating.undo, name="merges-undo"),
]
