"""Who may speak to the registry: tenants, the systems that submit records, their reviewers, keys and people."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

DEFAULT_TENANT = "default"
DEFAULT_REQUIRED_FIELDS = ("first_name", "last_name", "email")


def default_required_fields() -> list[str]:
    return list(DEFAULT_REQUIRED_FIELDS)


class Tenant(models.Model):
    """Whose registry this is. No query, match, merge, lookup or page crosses a tenant."""

    name = models.CharField(max_length=100, unique=True)
    region = models.CharField(
        max_length=2,
        default="US",
        help_text="ISO 3166-1 alpha-2: where a phone number without a country code is read as being from.",
    )
    merge_protection = models.BooleanField(
        default=True,
        help_text="Whether two named customers that share a mailbox or telephone are joined only if the model says so.",
    )
    placeholders_link = models.BooleanField(
        default=False, help_text="Whether values such as test@test.com or 0000000000 may link records."
    )
    blocked_values = ArrayField(
        models.CharField(max_length=254),
        default=list,
        blank=True,
        help_text="Further e-mails and phones (normalised) that identify nobody, such as a branch's own.",
    )
    customers_per_value = models.PositiveSmallIntegerField(
        default=10, help_text="An e-mail or phone of more customers than this links nothing; 0: no limit."
    )
    created_by = models.CharField(max_length=200, default="system")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Subtenant(models.Model):
    """A part of a tenant's customers, as a contact centre's subscriber is."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="subtenants")
    name = models.CharField(max_length=100)
    created_by = models.CharField(max_length=200, default="system")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="subtenant_name_in_tenant")]

    def __str__(self) -> str:
        return f"{self.tenant} / {self.name}"


class SourceSystemQuerySet(models.QuerySet["SourceSystem"]):
    def of(self, tenant: Tenant) -> SourceSystemQuerySet:
        return self.filter(tenant=tenant)

    def live(self) -> SourceSystemQuerySet:
        return self.filter(deleted_at=None)


class SourceSystem(models.Model):
    """A registered system that submits records. The built-in ones serve doors whose callers name none."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="source_systems", db_index=False)
    name = models.CharField(max_length=200)
    entra_ad_group = models.CharField(
        max_length=200, null=True, blank=True, help_text="Microsoft Entra group that may use this source."
    )
    required_fields = ArrayField(
        models.CharField(max_length=50),
        default=default_required_fields,
        blank=True,
        help_text="Fields a record of this source must carry; empty: any one value will do.",
    )
    built_in = models.BooleanField(default=False)
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)
    updated_by = models.CharField(max_length=200, null=True, blank=True)
    updated_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.CharField(max_length=200, null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = SourceSystemQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="source_of_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "name"], condition=Q(deleted_at=None), name="source_name_of_live_source"
            ),
            models.CheckConstraint(
                condition=Q(deleted_at=None, deleted_by=None) | Q(deleted_at__isnull=False, deleted_by__isnull=False),
                name="source_deleted_by_and_at",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Reviewer(models.Model):
    """Somebody allowed to decide on match candidates of a source's records; known by e-mail (lower case)."""

    source = models.ForeignKey(SourceSystem, on_delete=models.CASCADE, related_name="reviewers")
    first_name = models.CharField(max_length=200)
    last_name = models.CharField(max_length=200)
    email = models.CharField(max_length=254)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(Lower("email"), name="reviewer_email")]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


class MediaType(models.Model):
    """A channel of a contact centre, with its strategy: the names of the lookups to try, in order.

    Without a strategy of its own it has that of `any`. Lookups are the matching floor's (matching.models.Lookup).
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="media_types")
    name = models.CharField(max_length=100)
    create_contact = models.BooleanField(
        default=True, help_text="Whether a contact that is not found is created, where the request does not say."
    )
    minimum_creation_attributes = ArrayField(
        models.CharField(max_length=100),
        default=list,
        blank=True,
        help_text="Attributes a request must carry for a contact to be created.",
    )
    strategy = ArrayField(
        models.CharField(max_length=200), default=list, blank=True, help_text="Names of lookups, in order."
    )
    built_in = models.BooleanField(default=False)
    created_by = models.CharField(max_length=200, default="system")
    created_at = models.DateTimeField(default=timezone.now)
    updated_by = models.CharField(max_length=200, null=True, blank=True)
    updated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="media_type_name_in_tenant")]

    def __str__(self) -> str:
        return self.name


class Scope(models.TextChoices):
    """What an API key may do. `admin` includes the others."""

    READ = "read", "read"
    WRITE = "write", "write"
    REVIEW = "review", "review"
    ADMIN = "admin", "admin"


class ApiKey(models.Model):
    """A program's credential. Only its SHA-256 is kept; the key itself is shown once, when it is made."""

    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, null=True, blank=True, help_text="None: an operator's, who names the tenant."
    )
    source = models.ForeignKey(
        SourceSystem, on_delete=models.PROTECT, null=True, blank=True, help_text="Set: may submit for this source only."
    )
    name = models.CharField(max_length=200)
    prefix = models.CharField(max_length=12, help_text="The key's first characters, to recognise it by.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope.choices))
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)
    revoked_by = models.CharField(max_length=200, null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "API key"
        constraints = [
            # Of a key that was revoked before this was kept, nobody knows by whom.
            models.CheckConstraint(
                condition=Q(revoked_by=None) | Q(revoked_at__isnull=False), name="api_key_revoked_by_and_at"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class Membership(models.Model):
    """A signed-in user's tenant and role there. A superuser without one is an operator."""

    class Role(models.TextChoices):
        STEWARD = "steward", "steward"
        ADMIN = "admin", "admin"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="membership")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.STEWARD)

    def __str__(self) -> str:
        return f"{self.user} in {self.tenant} ({self.role})"


class Deed(models.Model):
    """Something an administrator did: an entry of the append-only journal of administration. See sources.deeds.

    `before` and `after` have what was changed, by name. `subject_id` is no foreign key: a deed outlives its subject.
    """

    NAME_LIMIT = 200

    class Kind(models.TextChoices):
        TENANT = "tenant"
        SUBTENANT = "subtenant"
        SOURCE = "source"
        API_KEY = "api_key"
        ACCOUNT = "account"
        MEMBERSHIP = "membership"
        ATTRIBUTE = "contact_attribute"
        MEDIA_TYPE = "media_type"
        LOOKUP = "identification_key"
        MODEL = "match_model"

    class Action(models.TextChoices):
        MADE = "made"
        CHANGED = "changed"
        REMOVED = "removed"
        PREPARED = "prepared"
        GIVEN_UP = "given_up"
        PUT_IN_FORCE = "put_in_force"

    class Door(models.TextChoices):
        API = "api"
        CONSOLE = "console"
        ADMIN = "admin"
        COMMAND = "command"
        WORKER = "worker"
        UNKNOWN = "unknown", "not recorded"  # of what was done before there was a journal

    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, null=True, db_index=False, help_text="None: about operators."
    )
    at = models.DateTimeField(default=timezone.now)
    by = models.CharField(max_length=200)
    door = models.CharField(max_length=10, choices=Door.choices)
    key = models.CharField(max_length=12, help_text="Through the API by a key: its first characters.")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    subject_id = models.BigIntegerField()
    name = models.CharField(max_length=NAME_LIMIT, help_text="What the subject was called then.")
    action = models.CharField(max_length=20, choices=Action.choices)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="deed_newest"),
            models.Index(fields=["kind", "subject_id", "-id"], name="deed_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.action}"


class IdempotencyKey(models.Model):
    """The answer to a POST that carried an `Idempotency-Key`, so that a repeated one is answered and not done again.

    Written in the transaction of what it answers; `fingerprint` is the SHA-256 of method, path and body.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="idempotency_key_in_tenant")]

    def __str__(self) -> str:
        return self.key
