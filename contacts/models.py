"""What the registry holds: customers, the contacts (source records) behind them, history and events."""

from __future__ import annotations

from uuid import UUID

import uuid_utils
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from contacts.record import ADDRESS_FIELDS, FIELDS, Facts
from sources.models import SourceSystem, Subtenant, Tenant


def new_customer_id() -> UUID:
    """A UUID version 7 (RFC 9562): ordered by time, so that new rows land at the end of the index."""
    return UUID(int=uuid_utils.uuid7().int)


class FactFields(models.Model):
    """The columns of `contacts.record.Facts`; an empty string means not known."""

    first_name = models.CharField(max_length=200, blank=True, default="")
    last_name = models.CharField(max_length=200, blank=True, default="")
    email = models.CharField(max_length=254, blank=True, default="")
    phone = models.CharField(max_length=50, blank=True, default="")
    street = models.CharField(max_length=500, blank=True, default="")
    city = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=200, blank=True, default="")
    zip = models.CharField(max_length=50, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    attributes = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True

    @property
    def facts(self) -> Facts:
        # One by one: asked so often that a loop over FIELDS would be felt.
        return Facts(
            first_name=self.first_name,
            last_name=self.last_name,
            email=self.email,
            phone=self.phone,
            street=self.street,
            city=self.city,
            state=self.state,
            zip=self.zip,
            country=self.country,
            attributes=self.attributes,
        )

    def take_facts(self, facts: Facts) -> None:
        for name in FIELDS:
            setattr(self, name, getattr(facts, name))
        self.attributes = dict(facts.attributes)

    @property
    def address(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in ADDRESS_FIELDS}


class CustomerQuerySet(models.QuerySet["Customer"]):
    def of(self, tenant: Tenant) -> CustomerQuerySet:
        return self.filter(tenant=tenant)

    def live(self) -> CustomerQuerySet:
        return self.filter(deleted_at=None)


class Customer(FactFields):
    """The golden record over its contacts. It owns no facts: each is resolved from the contacts by survivorship.

    `merged_into` always names the end of the chain: merging a survivor repoints those merged into it.
    `version` rises with every change, so that a decision can name the state it was taken on.
    """

    id = models.UUIDField(primary_key=True, default=new_customer_id, editable=False)
    # Its first contact, written with it, sees to it that the tenant is there (see Contact).
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    version = models.PositiveIntegerField(default=1)
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)
    updated_by = models.CharField(max_length=200, null=True, blank=True)
    updated_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.CharField(max_length=200, null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    # With the tenant: customer_merged_within_tenant.
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, db_index=False, db_constraint=False
    )

    objects = CustomerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], include=["deleted_at"], name="customer_listed"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(deleted_at__isnull=False), name="customer_merged_is_deleted"
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="customer_not_merged_into_itself"),
            models.CheckConstraint(
                condition=Q(deleted_at=None, deleted_by=None) | Q(deleted_at__isnull=False, deleted_by__isnull=False),
                name="customer_deleted_by_and_at",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "created_at"], name="customer_created"),
            models.Index(
                fields=["tenant", "updated_at"], condition=Q(updated_at__isnull=False), name="customer_updated"
            ),
            models.Index(
                F("tenant"),
                OpClass(Lower("first_name"), "text_pattern_ops"),
                OpClass(Lower("last_name"), "text_pattern_ops"),
                condition=Q(deleted_at=None) & ~Q(first_name=""),
                name="customer_first_name_prefix",
            ),
            models.Index(
                F("tenant"),
                OpClass(Lower("last_name"), "text_pattern_ops"),
                OpClass(Lower("first_name"), "text_pattern_ops"),
                condition=Q(deleted_at=None) & ~Q(last_name=""),
                name="customer_last_name_prefix",
            ),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="customer_merged_into"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Positions(models.Model):
    """Every so manieth customer of a list, so that deep pages are found: see contacts.positions."""

    pk = models.CompositePrimaryKey("tenant_id", "order", "live")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    order = models.CharField(max_length=20)
    live = models.BooleanField(help_text="Whether deleted customers are left out.")
    every = models.PositiveIntegerField()
    marked = ArrayField(models.UUIDField(), help_text="The customers at the places every, 2 x every, …")
    total = models.PositiveBigIntegerField()
    taken_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "positions"

    def __str__(self) -> str:
        return f"{self.tenant_id} by {self.order}"


class ContactQuerySet(models.QuerySet["Contact"]):
    def of(self, tenant: Tenant) -> ContactQuerySet:
        return self.filter(tenant=tenant)

    def live(self) -> ContactQuerySet:
        return self.filter(deleted_at=None)


class Contact(FactFields):
    """What one source said about one person: as sent (`original_payload`) and normalised. The API's *alias*.

    `match_confidence` (0 to 1), `match_algorithm`, `match_model` (version) and `match_evidence` tell of an automatic
    link and are null where there was none. `pins` are the values that a person pinned in the golden record because this
    contact says them, by field: see contacts.survivorship.Pin. They stay as pinned when the contact is corrected.

    The database refuses one whose customer or source is not of its own tenant (contact_customer_of_tenant,
    contact_source_of_tenant). The source's own foreign key sees to it that the tenant is there.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contacts", db_constraint=False)
    source = models.ForeignKey(SourceSystem, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    subtenant = models.ForeignKey(
        Subtenant,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        help_text="Which part of the tenant it was submitted for.",
    )
    source_key = models.CharField(max_length=255, null=True, blank=True)
    original_payload = models.JSONField()
    source_of_truth = models.BooleanField(default=False)
    effective_date = models.DateTimeField(null=True, blank=True)
    added_by = models.CharField(max_length=200)
    added_at = models.DateTimeField(default=timezone.now)
    updated_by = models.CharField(max_length=200, null=True, blank=True)
    updated_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    match_confidence = models.FloatField(null=True, blank=True)
    match_algorithm = models.CharField(max_length=50, null=True, blank=True)
    match_model = models.PositiveIntegerField(null=True, blank=True)
    match_evidence = models.JSONField(null=True, blank=True)
    pins = models.JSONField(null=True, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_key"],
                condition=Q(deleted_at=None, source_key__isnull=False),
                name="contact_key_of_live_contact",
            ),
            models.CheckConstraint(
                condition=Q(match_confidence=None) | Q(match_confidence__gte=0, match_confidence__lte=1),
                name="contact_confidence_in_unit_interval",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "email"], condition=Q(deleted_at=None) & ~Q(email=""), name="contact_email"),
            models.Index(fields=["tenant", "phone"], condition=Q(deleted_at=None) & ~Q(phone=""), name="contact_phone"),
            models.Index(
                fields=["tenant", "added_at"],
                condition=Q(deleted_at=None, match_confidence__isnull=False),
                name="contact_linked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}:{self.source_key or self.pk}"


class ContactAttribute(models.Model):
    """A custom attribute a tenant's contacts may carry, such as a date of birth or a loyalty number."""

    class Type(models.TextChoices):
        STRING = "string", "string"
        DATE = "date", "date"
        NUMBER = "number", "number"

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="contact_attributes")
    name = models.CharField(max_length=100)
    type = models.CharField(max_length=10, choices=Type.choices, default=Type.STRING)
    created_by = models.CharField(max_length=200, default="system")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="attribute_name_in_tenant")]

    def __str__(self) -> str:
        return self.name


class Change(models.Model):
    """One entry of a customer's append-only history; the database refuses to change or delete it."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="changes")
    changed_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField(default=timezone.now)
    delta = models.JSONField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.customer_id} at {self.changed_at:%Y-%m-%d %H:%M:%S}"


# Events by their ids: so many stand together in the index of actors.
EVENT_BLOCK = 256


class Event(models.Model):
    """What other systems subscribe to: ids and membership, no personal data. Append-only; see contacts.events."""

    class Kind(models.TextChoices):
        CREATED = "created"
        LINKED = "linked"
        UPDATED = "updated"
        MERGED = "merged"
        SPLIT = "split"
        UNDONE = "undone"
        DELETED = "deleted"
        CANDIDATE_OPENED = "candidate_opened"
        CANDIDATE_CLOSED = "candidate_closed"

    # That of the customer it is written with, and no tenant is ever removed (tenant_kept).
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    customer_id = models.UUIDField()
    by = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)
    body = models.JSONField()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["tenant", "id"], name="event_feed"),
            # The audit: of one customer, of one actor, of one of the kinds that are rare, of a time.
            models.Index(fields=["customer_id"], name="event_of_customer"),
            # By blocks, not by id: the entries of one actor in one block share their space.
            models.Index(F("tenant"), F("by"), F("id") / EVENT_BLOCK, name="event_of_actor"),
            models.Index(
                fields=["tenant", "kind", "id"],
                condition=Q(kind__in=["merged", "split", "undone", "deleted", "candidate_closed"]),
                name="event_of_rare_kind",
            ),
            BrinIndex(fields=["at"], name="event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.kind}"
