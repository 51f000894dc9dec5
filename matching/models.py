"""What the machine keeps about who is who: models, keys to find candidates by, candidates, verdicts and journals."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone

from contacts.models import Contact, Customer
from sources.models import SourceSystem, Tenant


class MatchModel(models.Model):
    """A versioned set of comparisons, m and u values, thresholds and score scale. Immutable but for `active`."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="match_models")
    version = models.PositiveIntegerField()
    definition = models.JSONField(help_text="See matching.model_definition.ModelDefinition.")
    reason = models.TextField(help_text="Why this version was made, for people.")
    active = models.BooleanField(default=False)
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["tenant", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "version"], name="match_model_version_in_tenant"),
            models.UniqueConstraint(fields=["tenant"], condition=Q(active=True), name="match_model_one_active"),
        ]

    def __str__(self) -> str:
        return f"version {self.version}"


class KeyBuild(models.Model):
    """Customers are stored under the keys of this version as well as under those of the one in force.

    While it is *building*, it is the version to come; *leaving*, the one that was in force until just now. There is
    at most one in a tenant. `reached` is the last customer that was done: see matching.rekeying.
    """

    class Stage(models.TextChoices):
        BUILDING = "building"
        LEAVING = "leaving"

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, related_name="+")
    model = models.ForeignKey(MatchModel, on_delete=models.PROTECT, related_name="+", db_index=False)
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.BUILDING)
    reached = models.UUIDField(null=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True, help_text="Customers there were when the build began.")
    begun_by = models.CharField(max_length=200)
    begun_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.stage} {self.model_id}"


class MatchKey(models.Model):
    """A hashed combination of values under which a customer is found as a candidate; see matching.plan.

    `key` is a signed 64-bit hash that includes the tenant. E-mail and phone are not here: the contact's own columns
    are indexed for them.
    """

    pk = models.CompositePrimaryKey("key", "customer_id")
    key = models.BigIntegerField()
    # Worked out from the customer and written with it, or while it is locked; no customer is ever removed.
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, db_constraint=False)

    def __str__(self) -> str:
        return f"{self.key}: {self.customer_id}"


class Lookup(models.Model):
    """An ordered list of attributes by which a contact centre finds customers; strategies name it.

    A *unique* one gives a key to one customer, a *multiple* one to many, a *regular* one answers by its leading
    attribute and is narrowed by the others. `state` and progress tell of the index over existing customers: see
    matching.lookup_building. A unique lookup that existing customers violate has *failed* and answers nothing.
    """

    class Kind(models.TextChoices):
        UNIQUE = "unique"
        MULTIPLE = "multiple"
        REGULAR = "regular"

    class State(models.TextChoices):
        BUILDING = "building"
        READY = "ready"
        FAILED = "failed"
        REMOVING = "removing"

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="lookups")
    name = models.CharField(max_length=200)
    attributes = ArrayField(models.CharField(max_length=100))
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.READY)
    built_in = models.BooleanField(default=False)
    built_up_to = models.UUIDField(null=True, blank=True, help_text="The last customer the build has reached.")
    customers_built = models.PositiveBigIntegerField(default=0)
    customers_total = models.PositiveBigIntegerField(null=True, blank=True, help_text="Counted when the build began.")
    created_by = models.CharField(max_length=200, default="system")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"], condition=~Q(state="removing"), name="lookup_name_in_tenant"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LookupKey(models.Model):
    """A customer in the index of a lookup that no column's index serves: see matching.lookup_keys.

    `key` hashes the values of all attributes, `head` that of the first. Of the customers that a key of a unique
    lookup leads to, one holds it (`held`), and the database sees to it that no other does; the rest wait in line.
    """

    pk = models.CompositePrimaryKey("lookup_id", "key", "customer_id")
    lookup = models.ForeignKey(Lookup, on_delete=models.CASCADE, db_index=False)
    key = models.UUIDField()
    # As a match key's.
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, db_constraint=False)
    head = models.UUIDField()
    held = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lookup", "key"], condition=Q(held=True), name="lookup_key_held_once")
        ]
        indexes = [models.Index(fields=["lookup", "head"], name="lookup_key_head")]

    def __str__(self) -> str:
        return f"{self.lookup_id}: {self.customer_id}"


class CandidatePair(models.Model):
    """A contact and another customer that may be the same person: scored in the review band, or tied above it.

    `source` is the contact's, whose reviewers decide: here, so that one index has the queue of a source in order.
    `customer` follows merges while the pair is pending; `against` is the contact of that customer which scored best
    (None: the golden record did), and the pair follows it through a split. A pair that a merge made a duplicate of a
    better one is `superseded` and shown nowhere. One is `withdrawn`, by whoever did that, when a customer of the two is
    deleted: there is nothing left to decide.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        APPROVED = "approved"
        REJECTED = "rejected"
        SUPERSEDED = "superseded"
        WITHDRAWN = "withdrawn"

    # With the customer, whose tenant is there: pair_customer_of_tenant.
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="candidates", db_index=False)
    # The contact's own foreign key sees to it that the source is there.
    source = models.ForeignKey(
        SourceSystem, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="candidacies", db_constraint=False)
    # Read when it was compared, and no contact is ever removed: a foreign key would lock another customer's row.
    against = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    confidence = models.FloatField()
    algorithm = models.CharField(max_length=50)
    model_version = models.PositiveIntegerField(null=True)
    evidence = models.JSONField()
    search_tokens = ArrayField(models.TextField(), help_text="The keys that found it.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    created_at = models.DateTimeField(default=timezone.now)
    reviewed_by = models.CharField(max_length=200, null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "customer"], condition=Q(status="pending"), name="pair_pending_once"
            ),
            models.CheckConstraint(
                condition=Q(status="pending", reviewed_by=None, reviewed_at=None)
                | (~Q(status="pending") & Q(reviewed_by__isnull=False, reviewed_at__isnull=False)),
                name="pair_reviewed_by_and_at",
            ),
        ]
        indexes = [
            models.Index(fields=["contact"], name="pair_contact"),
            models.Index(fields=["tenant", "-confidence", "id"], condition=Q(status="pending"), name="pair_queue"),
            models.Index(
                fields=["tenant", "created_at", "id"], condition=Q(status="pending"), name="pair_queue_by_age"
            ),
            models.Index(
                fields=["source", "-confidence", "id"], condition=Q(status="pending"), name="pair_queue_of_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} ~ {self.customer_id}"


class Constraint(models.Model):
    """What a human said of two groups of contacts, and no machine may undo: they are the same, or they are not.

    Every contact of `left` stands in that relation to every contact of `right`. A later human verdict lifts it.
    """

    class Kind(models.TextChoices):
        SAME = "same", "the same"
        NOT_SAME = "not_same", "not the same"

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    left = ArrayField(models.BigIntegerField())
    right = ArrayField(models.BigIntegerField())
    said_by = models.CharField(max_length=200)
    said_at = models.DateTimeField(default=timezone.now)
    lifted_by = models.CharField(max_length=200, null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None) | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="constraint_lifted_by_and_at",
            ),
        ]
        indexes = [
            GinIndex(fields=["left"], condition=Q(lifted_at=None), name="constraint_left", fastupdate=False),
            GinIndex(fields=["right"], condition=Q(lifted_at=None), name="constraint_right", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"{self.left} {self.get_kind_display()} {self.right}"


def empty_trace() -> dict[str, Any]:
    return {}


class Merge(models.Model):
    """The journal of one merge: what moved, so that undo can put it back. Only `undone_*` is ever written again."""

    class Reason(models.TextChoices):
        MANUAL = "manual", "merged by hand"
        APPROVAL = "approval", "a candidate was approved"
        FOLD = "fold", "a nameless customer shares an identifier"
        BRIDGE = "bridge", "a request bridged two customers"
        MATCH = "match", "whole-registry matching found them to be one"

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, db_index=False)
    target = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges")
    source = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merged_away")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    contacts = ArrayField(models.BigIntegerField(), help_text="The contacts that moved from source to target.")
    trace = models.JSONField(default=empty_trace, help_text="What else changed, as undo needs it.")
    by = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)
    undone_by = models.CharField(max_length=200, null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="merge_undone_by_and_at",
            ),
        ]

    def __str__(self) -> str:
        return f"merge {self.pk}"


class Split(models.Model):
    """The journal of one split: the contacts that left `customer` for `new_customer`."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="splits")
    new_customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="split_from")
    contacts = ArrayField(models.BigIntegerField())
    by = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"split {self.pk}"
