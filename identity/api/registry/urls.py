"""The addresses of the registry's resource API."""

from __future__ import annotations

from django.urls import URLPattern, path

from identity.api.documentation import Swagger, openapi
from identity.api.health import Health, Ready
from identity.api.metrics import Metrics
from identity.api.registry import access_urls, import_urls
from identity.api.registry.aliases import Aliases, AliasFeedback, Changes
from identity.api.registry.batches import MatchBatch, SubmitBatch
from identity.api.registry.candidates import Approve, Candidates, Reject
from identity.api.registry.customer import CustomerById
from identity.api.registry.customers import Customers, Search
from identity.api.registry.explanations import ExplainCandidate, ExplainLink
from identity.api.registry.exports import Crosswalk, GoldenRecords
from identity.api.registry.match_models import ActivateModel, ApplyTuning, MatchModels
from identity.api.registry.match_quality import FeedbackById, FeedbackList, MatchQuality, Tune
from identity.api.registry.pins import Pin
from identity.api.registry.previews import Match
from identity.api.registry.separating import MergeById, Merges, Split, UndoMerge
from identity.api.routes import address

CUSTOMER = "customers/<str:customer>"
ALIAS = f"{CUSTOMER}/aliases/<str:alias>"
CANDIDATE = f"{ALIAS}/candidates/<str:candidate>"

urlpatterns: list[URLPattern] = [
    *address("customers", Customers, "customers"),
    path("api-docs", Swagger.as_view(), name="api-docs"),
    path("api-docs/", Swagger.as_view()),
    path("api-docs/openapi.json", openapi, name="openapi"),
    *address("health", Health, "health"),
    *address("ready", Ready, "ready"),
    *address("metrics", Metrics, "metrics"),
    *access_urls.urlpatterns,
    *import_urls.urlpatterns,
    *address("customers/search", Search, "customer-search"),
    *address("customers/batch", SubmitBatch, "customer-batch"),
    *address(CUSTOMER, CustomerById, "customer"),
    *address(f"{CUSTOMER}/aliases", Aliases, "aliases"),
    *address(f"{CUSTOMER}/changes", Changes, "changes"),
    *address(f"{CUSTOMER}/split", Split, "split"),
    path(f"{CUSTOMER}/pins/<path:field>", Pin.as_view(), name="pin"),
    *address(f"{ALIAS}/feedback", AliasFeedback, "alias-feedback"),
    *address(f"{ALIAS}/explanation", ExplainLink, "explain-link"),
    *address(f"{ALIAS}/candidates", Candidates, "candidates"),
    *address(f"{CANDIDATE}/approve", Approve, "approve"),
    *address(f"{CANDIDATE}/reject", Reject, "reject"),
    *address(f"{CANDIDATE}/explanation", ExplainCandidate, "explain-candidate"),
    *address("exports/crosswalk", Crosswalk, "export-crosswalk"),
    *address("exports/customers", GoldenRecords, "export-customers"),
    *address("merges", Merges, "merges"),
    *address("merges/<str:merge>", MergeById, "merge"),
    *address("merges/<str:merge>/undo", UndoMerge, "undo-merge"),
    *address("match", Match, "match"),
    *address("match/batch", MatchBatch, "match-batch"),
    *address("match-quality", MatchQuality, "match-quality"),
    *address("match-quality/tune", Tune, "tune"),
    *address("match-quality/tune/apply", ApplyTuning, "apply-tuning"),
    *address("match-quality/feedback", FeedbackList, "feedback-list"),
    *address("match-quality/feedback/<str:feedback_id>", FeedbackById, "feedback"),
    *address("match-models", MatchModels, "match-models"),
    *address("match-models/<str:version>/activate", ActivateModel, "activate-model"),
]
