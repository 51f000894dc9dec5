"""The shapes of the registry's answers, for the OpenAPI document; `bodies` makes the answers themselves."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from matching.models import Merge
from review.models import Feedback


@extend_schema_field(OpenApiTypes.OBJECT)
class ObjectField(serializers.Field[Any, Any, Any, Any]):
    """A JSON object of any shape."""


@extend_schema_field(OpenApiTypes.ANY)
class AnyField(serializers.Field[Any, Any, Any, Any]):
    """Any JSON value: what a source sent, exactly as it sent it."""


class Shape(serializers.Serializer[Any]):
    """A shape of an answer; never used to make one."""


class AddressBody(Shape):
    street = serializers.CharField(allow_null=True)
    city = serializers.CharField(allow_null=True)
    state = serializers.CharField(allow_null=True)
    zip = serializers.CharField(allow_null=True)
    country = serializers.CharField(allow_null=True)


class AddressShown(Shape):
    """Strings; with `source_system`, whatever that source sent."""

    street = AnyField(allow_null=True)
    city = AnyField(allow_null=True)
    state = AnyField(allow_null=True)
    zip = AnyField(allow_null=True)
    country = AnyField(allow_null=True)


class CandidateBody(Shape):
    """Another customer (`candidate_id`) that may be the same person as an alias, for a human to decide."""

    id = serializers.IntegerField()
    candidate_id = serializers.UUIDField()
    confidence = serializers.FloatField(min_value=0, max_value=1)
    algorithm = serializers.CharField()
    status = serializers.ChoiceField(choices=["pending", "approved", "rejected"])
    search_tokens = serializers.ListField(child=serializers.CharField(), help_text="The keys that found it.")
    reviewed_by = serializers.CharField(allow_null=True)
    reviewed_at = serializers.DateTimeField(allow_null=True)


class AliasBody(Shape):
    """What one source said of the customer, as it was sent. `match_*` are null where no machine linked it."""

    id = serializers.IntegerField()
    source_system = serializers.CharField()
    source_key = serializers.CharField(allow_null=True)
    original_payload = ObjectField()
    source_of_truth = serializers.BooleanField()
    effective_date = serializers.DateTimeField(allow_null=True)
    added_by = serializers.CharField()
    added_at = serializers.DateTimeField()
    updated_by = serializers.CharField(allow_null=True)
    updated_at = serializers.DateTimeField(allow_null=True)
    match_confidence = serializers.FloatField(allow_null=True, min_value=0, max_value=1)
    match_algorithm = serializers.CharField(allow_null=True)
    match_model = serializers.IntegerField(allow_null=True, help_text="The version of the match model that linked it.")
    candidates = CandidateBody(many=True)


class ChangeBody(Shape):
    """One entry of the history: `delta` has `{"from", "to"}` by field, dotted for parts of the address."""

    changed_by = serializers.CharField()
    changed_at = serializers.DateTimeField()
    delta = ObjectField()


class CustomerBody(Shape):
    """The golden record of one person, resolved from all its aliases; null is not known."""

    id = serializers.UUIDField()
    first_name = serializers.CharField(allow_null=True)
    last_name = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)
    phone = serializers.CharField(allow_null=True, help_text="In E.164, as +12148675309.")
    address = AddressBody()
    attributes = ObjectField()
    created_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_by = serializers.CharField(allow_null=True)
    updated_at = serializers.DateTimeField(allow_null=True)
    deleted_by = serializers.CharField(allow_null=True)
    deleted_at = serializers.DateTimeField(allow_null=True)
    merged_into = serializers.UUIDField(allow_null=True)
    version = serializers.IntegerField(help_text="Rises with every change.")


class PinBody(Shape):
    """A person's word that a value is to stand."""

    by = serializers.CharField()
    at = serializers.DateTimeField()
    reason = serializers.CharField()


class OriginBody(Shape):
    """Where a field of the golden record is from; `pinned` is null where survivorship chose it."""

    alias_id = serializers.IntegerField()
    source_system = serializers.CharField()
    source_key = serializers.CharField(allow_null=True)
    pinned = PinBody(allow_null=True)


class TracedCustomerBody(CustomerBody):
    """A customer, and by field where each value that is known is from."""

    provenance = serializers.DictField(child=OriginBody())


class CreatedCustomerBody(CustomerBody):
    """A new customer, with those it may be the same as, best first, where there are any."""

    candidates = CandidateBody(many=True, required=False)


class ShownCustomerBody(CustomerBody):
    """A customer with what `show` and `source_system` ask for.

    Names, e-mail, phone and address are strings, as in the golden record; with `source_system` whatever it sent.
    """

    first_name = AnyField(allow_null=True)  # type: ignore[assignment]  # as sent
    last_name = AnyField(allow_null=True)  # type: ignore[assignment]  # as sent
    email = AnyField(allow_null=True)  # type: ignore[assignment]  # as sent
    phone = AnyField(allow_null=True)  # type: ignore[assignment]  # as sent
    address = AddressShown()  # type: ignore[assignment]  # as sent
    aliases = AliasBody(many=True, required=False)
    changes = ChangeBody(many=True, required=False)
    provenance = serializers.DictField(child=OriginBody(), required=False)
    source_system = serializers.CharField(required=False)
    source_key = serializers.CharField(required=False, allow_null=True)


class MovedBody(Shape):
    """The customer has been merged into `target_id`."""

    error = serializers.CharField()
    message = serializers.CharField()
    target_id = serializers.UUIDField()


class CollisionBody(Shape):
    """The source key is held by a record that this one does not fit."""

    error = serializers.CharField()
    message = serializers.CharField(required=False)
    existing_customer_id = serializers.UUIDField(required=False)
    confidence = serializers.FloatField(required=False)


class ConfirmedBody(Shape):
    message = serializers.CharField()
    id = serializers.UUIDField()


class FeedbackBody(Shape):
    """A wrong automatic link (false positive, with its alias) or a missed match (false negative, from a merge)."""

    id = serializers.IntegerField()
    type = serializers.ChoiceField(choices=Feedback.Type.choices)
    customer_id = serializers.UUIDField()
    alias_id = serializers.IntegerField(allow_null=True)
    related_customer_id = serializers.UUIDField(allow_null=True)
    merge_id = serializers.IntegerField(allow_null=True)
    original_confidence = serializers.FloatField(allow_null=True)
    original_algorithm = serializers.CharField(allow_null=True)
    reported_by = serializers.CharField()
    reported_at = serializers.DateTimeField()
    resolved = serializers.BooleanField()
    resolved_by = serializers.CharField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    notes = serializers.CharField(allow_null=True)


class RejectedBody(Shape):
    message = serializers.CharField()
    candidate = CandidateBody()


class SplitBody(Shape):
    """The journal's number, the customer that kept its id, and the new one with the aliases that left."""

    id = serializers.IntegerField()
    customer = CustomerBody()
    new_customer = CustomerBody()


class MergeBody(Shape):
    """The journal of one merge: the `aliases` that moved from `source_id` to `target_id`."""

    id = serializers.IntegerField()
    target_id = serializers.UUIDField()
    source_id = serializers.UUIDField()
    reason = serializers.ChoiceField(choices=Merge.Reason.choices)
    aliases = serializers.ListField(child=serializers.IntegerField())
    by = serializers.CharField()
    at = serializers.DateTimeField()
    undone_by = serializers.CharField(allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True)


class UndoneBody(MergeBody):
    """The journal, the customer that had survived, and the one that is back."""

    customer = CustomerBody()
    restored_customer = CustomerBody()


class FieldEvidenceBody(Shape):
    """One compared field: both values, their similarity, and the bits it put on the scale."""

    field = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the name the evidence has everywhere
    incoming = serializers.CharField(allow_blank=True)
    existing = serializers.CharField(allow_blank=True)
    similarity = serializers.FloatField(allow_null=True)
    level = serializers.CharField(help_text="agrees, disagrees, one side missing, both missing")
    weight = serializers.FloatField(allow_null=True, help_text="In bits.")
    identifying = serializers.BooleanField()


class EvidenceBody(Shape):
    """Why a pair scored what it scored: score = (total - minimum) / (maximum - minimum), in bits."""

    fields = FieldEvidenceBody(many=True)  # type: ignore[assignment]  # the name the evidence has everywhere
    total = serializers.FloatField()
    minimum = serializers.FloatField()
    maximum = serializers.FloatField()
    score = serializers.FloatField()
    scale = serializers.CharField()
    match_threshold = serializers.FloatField()
    review_threshold = serializers.FloatField()


class ReasonBody(Shape):
    """Why: the weighed `evidence`, or the values that were `shared` where a rule decided, and a sentence."""

    against = serializers.IntegerField(
        allow_null=True, help_text="The alias that was compared with; null: the golden record."
    )
    evidence = EvidenceBody(allow_null=True)
    shared = ObjectField(allow_null=True)
    sentence = serializers.CharField()


class LinkExplained(ReasonBody):
    """The link of one alias; all is null where no machine made it."""

    alias_id = serializers.IntegerField()
    customer_id = serializers.UUIDField()
    confidence = serializers.FloatField(allow_null=True)
    algorithm = serializers.CharField(allow_null=True)
    model_version = serializers.IntegerField(allow_null=True)


class CandidateExplained(LinkExplained):
    """Why a candidate was proposed for an alias."""

    candidate = serializers.IntegerField()
    candidate_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=["pending", "approved", "rejected"])


class PreviewCandidate(ReasonBody):
    """A customer that would be proposed for review."""

    candidate_id = serializers.UUIDField()
    confidence = serializers.FloatField()
    algorithm = serializers.CharField()
    search_tokens = serializers.ListField(child=serializers.CharField())


class PreviewBody(ReasonBody):
    """What would become of a record. `customer` is the one concerned, as it stands now; null where a new one is due."""

    outcome = serializers.ChoiceField(choices=["linked", "updated", "found", "created", "collision"])
    status = serializers.IntegerField(help_text="What `POST /customers` would answer: 200, 201 or 409.")
    customer_id = serializers.UUIDField(allow_null=True)
    customer = CustomerBody(allow_null=True)
    confidence = serializers.FloatField(allow_null=True)
    candidates = PreviewCandidate(many=True)
    model_version = serializers.IntegerField()
    capped_keys = serializers.ListField(child=serializers.CharField(), help_text="Kinds of keys, without values.")


class QualityBody(Shape):
    """Counts of automatic links, reported wrong links and missed matches, and the rates they give."""

    true_positives = serializers.IntegerField()
    false_positives = serializers.IntegerField()
    false_negatives = serializers.IntegerField()
    total_auto_matches = serializers.IntegerField()
    precision = serializers.FloatField()
    recall = serializers.FloatField()
    f1 = serializers.FloatField()


class TuneBody(Shape):
    """The model in force beside what the feedback suggests; weights are m and u by field."""

    action = serializers.ChoiceField(choices=["none", "tighten", "loosen"])
    reason = serializers.CharField()
    current_weights = ObjectField()
    suggested_weights = ObjectField()
    current_threshold = serializers.FloatField()
    suggested_threshold = serializers.FloatField()
    feedback_summary = ObjectField()


class ModelBody(Shape):
    """One version of the match model."""

    version = serializers.IntegerField()
    active = serializers.BooleanField()
    reason = serializers.CharField()
    created_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    definition = ObjectField()
