"""What people say of the machine's decisions."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from contacts.models import Contact, Customer
from matching.models import CandidatePair
from sources.models import Tenant


class Feedback(models.Model):
    """A false positive (a wrong automatic link, by its alias) or a false negative (a match the machine missed)."""

    class Type(models.TextChoices):
        FALSE_POSITIVE = "false_positive", "wrong link"
        FALSE_NEGATIVE = "false_negative", "missed match"

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, db_index=False)
    type = models.CharField(max_length=20, choices=Type.choices)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="feedback")
    alias = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, related_name="feedback")
    related_customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    merge_id = models.BigIntegerField(null=True, help_text="The merge a false negative was recorded with.")
    original_confidence = models.FloatField(null=True)
    original_algorithm = models.CharField(max_length=50, null=True)
    reported_by = models.CharField(max_length=200)
    reported_at = models.DateTimeField(default=timezone.now)
    resolved = models.BooleanField(default=False)
    resolved_by = models.CharField(max_length=200, null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text="Set when the merge behind a false negative was undone: it counts no more."
    )
    notes = models.TextField(null=True, blank=True)

    class Meta:
        ordering = ["-reported_at", "-id"]
        verbose_name_plural = "feedback"
        constraints = [
            models.CheckConstraint(
                condition=Q(resolved=False, resolved_at=None) | Q(resolved=True, resolved_at__isnull=False),
                name="feedback_resolved_at",
            ),
            models.CheckConstraint(
                condition=~Q(type="false_positive") | Q(alias__isnull=False), name="feedback_false_positive_has_alias"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-reported_at"], name="feedback_newest"),
            models.Index(
                fields=["tenant", "-reported_at"],
                condition=Q(type="false_positive", resolved=False),
                name="feedback_open_disputes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} of {self.customer_id}"


class Claim(models.Model):
    """Somebody is at work on an incoming record, so that nobody else begins it. Ends by itself at `until`."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, db_index=False)
    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, related_name="claim")
    by = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["tenant", "by"], name="claim_of_somebody")]

    def __str__(self) -> str:
        return f"{self.contact_id} until {self.until:%Y-%m-%d %H:%M:%S}"


class Decision(models.Model):
    """What somebody said of a candidate, so that it can be taken back. Only `undone_*` is ever written again.

    A deferral decides nothing: the record waits on for everybody but who could not tell.
    """

    class Kind(models.TextChoices):
        APPROVED = "approved", "same person"
        REJECTED = "rejected", "not the same"
        DEFERRED = "deferred", "cannot tell"

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="decisions", db_index=False)
    pair = models.ForeignKey(CandidatePair, on_delete=models.PROTECT, related_name="decisions")
    merge_id = models.BigIntegerField(null=True, help_text="The merge that an approval made.")
    note = models.CharField(max_length=500, blank=True, default="")
    by = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)
    undone_by = models.CharField(max_length=200, null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="decision_undone_by_and_at",
            ),
            models.CheckConstraint(
                condition=~Q(kind="approved") | Q(merge_id__isnull=False), name="decision_approval_has_merge"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "by", "-id"], name="decision_of_somebody"),
            models.Index(fields=["tenant", "-at"], name="decision_newest"),
            models.Index(
                fields=["contact", "by"], condition=Q(kind="deferred", undone_at=None), name="decision_put_off"
            ),
            models.Index(fields=["merge_id"], condition=Q(merge_id__isnull=False), name="decision_of_merge"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pair_id}"


class KeptFigures(models.Model):
    """The figures of the quality page as they were last read, and when somebody last looked at them."""

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, related_name="+")
    body = models.JSONField(encoder=DjangoJSONEncoder)
    as_of = models.DateTimeField()
    looked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"figures as of {self.as_of:%Y-%m-%d %H:%M:%S}"
