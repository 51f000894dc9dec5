"""Files of records on their way into the registry: what was asked, how far it is, what could not be taken."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from matching.models import CandidatePair
from sources.models import SourceSystem, Tenant


class ImportQuerySet(models.QuerySet["Import"]):
    def of(self, tenant: Tenant) -> ImportQuerySet:
        return self.filter(tenant=tenant)


class Import(models.Model):
    """One file of records, received whole before the first of them is resolved.

    `position` is the byte of the (unpacked) file behind the last record that was dealt with, `lines` the number of its
    lines up to there. Both change with the counters in the transaction that resolved those records, so that whoever
    goes on, goes on exactly there.
    """

    class State(models.TextChoices):
        RECEIVING = "receiving"  # the file is not here yet
        READY = "ready"  # checked; waits to be started
        QUEUED = "queued"
        RUNNING = "running"
        PAUSED = "paused"
        CANCELLED = "cancelled"  # what was resolved before stays
        DONE = "done"
        FAILED = "failed"  # something nobody foresaw; can be resumed

    class Format(models.TextChoices):
        NDJSON = "ndjson"
        CSV = "csv"

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="imports", db_index=False)
    source = models.ForeignKey(
        SourceSystem,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Whose the records are that name no source.",
    )
    only_source = models.ForeignKey(
        SourceSystem,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="The only source whose records are taken: that of the key it was sent with.",
    )
    name = models.CharField(max_length=200, help_text="What the file was called.")
    by = models.CharField(max_length=200)
    format = models.CharField(max_length=10, choices=Format.choices, default=Format.NDJSON)
    columns = models.JSONField(
        null=True, help_text="CSV: [name, field or null] of each column, in the order of the file."
    )
    delimiter = models.CharField(max_length=1, default=",")
    dry_run = models.BooleanField(default=False)
    size = models.BigIntegerField(default=0, help_text="Bytes, unpacked.")
    digest = models.CharField(max_length=64, default="", help_text="BLAKE2b of the unpacked bytes.")

    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVING)
    error = models.CharField(max_length=500, default="")
    position = models.BigIntegerField(default=0)
    lines = models.BigIntegerField(default=0)

    records = models.BigIntegerField(default=0, help_text="Records read, the rejected among them.")
    rejected = models.BigIntegerField(default=0, help_text="Records that were not taken, collisions among them.")
    collisions = models.BigIntegerField(default=0, help_text="Rejected because their key is another person's.")
    created = models.BigIntegerField(default=0)
    linked = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    found = models.BigIntegerField(default=0, help_text="Records that said nothing new.")
    candidates = models.BigIntegerField(default=0, help_text="Pairs opened for review.")

    seconds = models.FloatField(default=0, help_text="Time spent on it, pauses left out.")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField(null=True, help_text="When it last got on, or was let go on.")
    finished_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["tenant", "-id"], name="import_of_tenant")]
        constraints = [models.CheckConstraint(condition=Q(position__lte=models.F("size")), name="import_within_file")]

    def __str__(self) -> str:
        return f"{self.pk} {self.name} ({self.state})"

    @property
    def resolved(self) -> int:
        """Records that were taken, in a dry run those that would be."""
        return self.records - self.rejected


class Block(models.Model):
    """A piece of an import's file, packed by zlib by itself: block n holds the bytes from n x BLOCK_BYTES on."""

    imported = models.ForeignKey(Import, on_delete=models.CASCADE, db_column="import_id", db_index=False)
    number = models.IntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["imported", "number"], name="block_of_import")]

    def __str__(self) -> str:
        return f"block {self.number} of import {self.imported_id}"


class OpenedPair(models.Model):
    """A candidate for review that an import opened, so that people can ask for what it left them."""

    imported = models.ForeignKey(Import, on_delete=models.CASCADE, db_column="import_id", db_index=False)
    pair = models.ForeignKey(CandidatePair, on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["imported", "pair"], name="opened_pair_of_import")]

    def __str__(self) -> str:
        return f"pair {self.pair_id} of import {self.imported_id}"


class RejectedRow(models.Model):
    """A record that was not taken: where it stands in the file, as it stands there, and everything wrong with it."""

    imported = models.ForeignKey(Import, on_delete=models.CASCADE, db_column="import_id", db_index=False)
    line = models.BigIntegerField()
    raw = models.TextField()
    errors = ArrayField(models.TextField())

    class Meta:
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["imported", "line"], name="rejected_line_of_import")]

    def __str__(self) -> str:
        return f"line {self.line} of import {self.imported_id}"
