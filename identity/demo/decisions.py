"""What the demo's steward does, through the same verbs as everybody, and how to see that it has been done."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypedDict
from uuid import UUID

from django.db.models import QuerySet

from contacts.intake import read_revision
from contacts.models import Contact
from identity.demo.steps import Setting
from identity.demo_accounts import STEWARD
from matching.models import CandidatePair, Merge, Split
from matching.revising import retire, revise
from review import feedback, verdicts
from review.models import Feedback

Key = tuple[str, str]
"""A source system's name and a key there."""


class Candidacy(TypedDict):
    """How the verdicts on candidates name one."""

    customer_id: UUID
    alias_id: int
    candidate_id: int


class Decision(NamedTuple):
    """`taken` looks for a trace that later decisions do not remove."""

    decide: Callable[[Contact, Setting], None]
    taken: Callable[[Contact], bool]


def dispute(notes: str) -> Decision:
    """Report the link of a contact as wrong."""

    def decide(contact: Contact, setting: Setting) -> None:
        feedback.report(
            customer_id=contact.customer_id, alias_id=contact.pk, notes=notes, tenant=setting.tenant, by=STEWARD
        )

    return Decision(decide, lambda contact: Feedback.objects.filter(alias=contact).exists())


def uphold(notes: str) -> Decision:
    """Settle the dispute about a contact: the link was right."""

    def decide(contact: Contact, setting: Setting) -> None:
        report = Feedback.objects.filter(alias=contact, resolved=False).latest("id")
        feedback.resolve(report.pk, resolved=True, notes=notes, tenant=setting.tenant, by=STEWARD)

    return Decision(decide, lambda contact: Feedback.objects.filter(alias=contact, resolved=True).exists())


def split_off() -> Decision:
    """The contact is somebody else. One that stands alone need not be split off."""

    def decide(contact: Contact, setting: Setting) -> None:
        verdicts.split(customer_id=contact.customer_id, aliases=[contact.pk], tenant=setting.tenant, by=STEWARD)

    return Decision(decide, lambda contact: _stands_alone(contact) or _was_split_off(contact))


def merge_into(target: Key) -> Decision:
    """The contact's customer and that of another key are one person."""

    def decide(contact: Contact, setting: Setting) -> None:
        survivor = setting.contact(*target).customer_id
        verdicts.merge(target_id=survivor, source_id=contact.customer_id, tenant=setting.tenant, by=STEWARD)

    return Decision(decide, lambda contact: _merges(contact).exists())


def undo_merge() -> Decision:
    """The merge that moved the contact was wrong."""

    def decide(contact: Contact, setting: Setting) -> None:
        verdicts.undo_merge(_merges(contact).latest("id").pk, tenant=setting.tenant, by=STEWARD)

    return Decision(decide, lambda contact: _merges(contact).filter(undone_at__isnull=False).exists())


def approve() -> Decision:
    """The contact's candidate is the same person."""

    def decide(contact: Contact, setting: Setting) -> None:
        verdicts.approve(**_best_candidate(contact), tenant=setting.tenant, by=STEWARD)

    return Decision(decide, lambda contact: _candidates(contact, "approved"))


def reject() -> Decision:
    """The contact's candidate is somebody else."""

    def decide(contact: Contact, setting: Setting) -> None:
        verdicts.reject(**_best_candidate(contact), tenant=setting.tenant, by=STEWARD)

    return Decision(decide, lambda contact: _candidates(contact, "rejected"))


def forget() -> Decision:
    """Delete the contact's customer."""

    def decide(contact: Contact, setting: Setting) -> None:
        retire(contact.customer_id, tenant=setting.tenant, by=STEWARD)

    return Decision(decide, lambda contact: contact.deleted_at is not None)


def correct(**fields: str) -> Decision:
    """The contact's own system corrects what it said."""

    def decide(contact: Contact, setting: Setting) -> None:
        revise(
            contact.customer_id,
            revision=read_revision(fields),
            source_system=contact.source.name,
            source_key=contact.source_key,
            tenant=setting.tenant,
            by=STEWARD,
        )

    return Decision(decide, lambda contact: contact.updated_at is not None)


def _was_split_off(contact: Contact) -> bool:
    return Split.objects.filter(contacts__contains=[contact.pk]).exists()


def _stands_alone(contact: Contact) -> bool:
    return not Contact.objects.live().filter(customer=contact.customer_id).exclude(pk=contact.pk).exists()


def _merges(contact: Contact) -> QuerySet[Merge]:
    return Merge.objects.filter(contacts__contains=[contact.pk])


def _best_candidate(contact: Contact) -> Candidacy:
    pair = CandidatePair.objects.filter(contact=contact, status="pending").earliest("-confidence", "id")
    return {"customer_id": contact.customer_id, "alias_id": contact.pk, "candidate_id": pair.pk}


def _candidates(contact: Contact, status: str) -> bool:
    return CandidatePair.objects.filter(contact=contact, status=status).exists()
