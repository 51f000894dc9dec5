"""The addresses of the pages beside the queue: customers, and what administrators look after."""

from __future__ import annotations

from django.urls import path

from review.console import (
    audit,
    credentials,
    customer,
    disputes,
    model,
    pins,
    quality,
    search,
    separating,
    sources,
    strategies,
)

patterns = [
    path("customers/<uuid:customer>", customer.show, name="customers-one"),
    path("customers/<uuid:customer>/split", separating.split, name="customers-split"),
    path("customers/<uuid:customer>/pin", pins.pin, name="customers-pin"),
    path("customers/<uuid:customer>/unpin", pins.unpin, name="customers-unpin"),
    path("customers/<uuid:customer>/reports", customer.report, name="customers-report"),
    path("customers/<uuid:customer>/everything.json", customer.download, name="customers-everything"),
    path("customers", search.customers, name="customers"),
    path("search", search.search, name="search"),
    path("search/suggestions", search.suggestions, name="search-suggestions"),
    path("disputes", disputes.show, name="disputes"),
    path("disputes/<int:report>/dismiss", disputes.dismiss, name="disputes-dismiss"),
    path("model", model.show, name="model"),
    path("model/suggestion", model.apply, name="model-apply"),
    path("model/keys", model.go_on, name="model-go-on"),
    path("model/versions/<int:version>", model.compare, name="model-compare"),
    path("model/versions/<int:version>/activate", model.activate, name="model-activate"),
    path("audit", audit.show, name="audit"),
    path("audit/administration", audit.administration, name="audit-administration"),
    path("quality", quality.show, name="quality"),
    path("strategies", strategies.show, name="strategies"),
    path("strategies/lookups", strategies.new_lookup, name="strategies-lookup"),
    path("strategies/lookups/<int:lookup>/remove", strategies.remove_lookup, name="strategies-remove"),
    path("strategies/lookups/<int:lookup>/settle", strategies.settle, name="strategies-settle"),
    path("strategies/media-types/<int:media_type>", strategies.media, name="strategies-media"),
    path("strategies/bench", strategies.bench, name="strategies-bench"),
    path("sources", sources.show, name="sources"),
    path("sources/new", sources.new, name="sources-new"),
    path("sources/<int:source>", sources.one, name="sources-one"),
    path("sources/<int:source>/retire", sources.retire, name="sources-retire"),
    path("keys-of-programs", credentials.show, name="sources-keys"),
    path("keys-of-programs/<int:key>/revoke", credentials.revoke, name="sources-keys-revoke"),
    path("merges/<int:merge>/undo", separating.undo, name="merges-undo"),
]
