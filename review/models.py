"""What people say of the machine's decisions."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from contacts.models import Contact, Customer
from sources.models import Tenant


class Feedback(models.Model):
    """A false positive (a wrong automatic link, by its alias) or a false negative (a match the machine missed)."""

    class Type(models.TextChoices):
        FALSE_POSITIVE = "false_positive", "false positive"
        FALSE_NEGATIVE = "false_negative", "false negative"

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
