"""From a record to an outcome: what each policy reads, and what it is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from django.utils.functional import cached_property

from contacts.record import Record
from contacts.transactions import begun_again
from matching import constraints
from matching.active import ActiveModel, active_model
from matching.locks import strong_key
from matching.outcomes import Decision, Neighbour, Neighbourhood, Outcome
from matching.plan import Key, MatchKeys
from matching.policies import probabilistic, shared_identifier
from matching.policies.shared_identifier import KeptApart
from matching.policies.sharing import SharingRules
from matching.search import lookup_keys, neighbourhood
from sources.models import SourceSystem, Tenant


class Policy(Enum):
    """How a door decides who somebody is."""

    PROBABILISTIC = "probabilistic"
    SHARED_IDENTIFIER = "shared identifier"


@dataclass(frozen=True)
class Question:
    """A record of a source, for the tenant's model and rules to be asked about.

    `in_force` and `sharing`: the model and the rules, where many questions are asked at once; `keyed`: the hashed keys,
    where they were worked out beforehand.

    What is read here is kept by Django's cached_property, not functools': until Python 3.12 that one has a lock for all
    questions together, and who waits for a connection while he holds it keeps those waiting who have one.
    """

    record: Record
    source: SourceSystem
    tenant: Tenant
    policy: Policy = Policy.PROBABILISTIC
    in_force: ActiveModel | None = None
    sharing: SharingRules | None = None
    keyed: tuple[Key, ...] | None = None

    @cached_property
    def model(self) -> ActiveModel:
        """The tenant's active model, read when first asked for: shared values alone need none."""
        return self.in_force or active_model(self.tenant)

    @cached_property
    def keys(self) -> MatchKeys:
        """What the policy has to read to answer."""
        facts = self.record.facts
        if self.policy is Policy.SHARED_IDENTIFIER:
            return MatchKeys(facts.email, facts.phone, ())
        hashed = self.keyed
        if hashed is None:
            hashed = lookup_keys(self.model.plan, facts, tenant=self.tenant).hashed
        # Beside what the model needs: a nameless customer is known by any e-mail or phone.
        return MatchKeys(facts.email, facts.phone, hashed)

    @property
    def locks(self) -> Iterable[int]:
        """The strong keys that nobody else may decide on meanwhile."""
        facts, tenant = self.record.facts, self.tenant
        if facts.email:
            yield strong_key(tenant, "email", facts.email)
        if facts.phone:
            yield strong_key(tenant, "phone", facts.phone)
        if self.record.source_key is not None:
            yield strong_key(tenant, "source", f"{self.source.pk}:{self.record.source_key}")
        if self.policy is Policy.PROBABILISTIC:
            for key in (*self.keys.hashed, *self.model.plan.index_keys(facts, scope=tenant.pk)):
                yield strong_key(tenant, "key", str(key.value))


def read_and_decide(question: Question, *, under_locks: bool, late: bool = False) -> Decision:
    """The outcome by what is known now; with the locks taken, nobody else can make it another. Nothing is written.

    `late`: the verb holds customers already, and so waits for no others.
    """
    known = _known(question, under_locks=under_locks, late=late)
    return decide(question, known)


def decide(question: Question, known: Neighbourhood) -> Decision:
    """The outcome by what is known, however it was read. Of the probabilistic policy nothing more is read."""
    return Decision(_outcome(question, known, kept_apart=_kept_apart_in(question.tenant)), known)


def foreseen(question: Question) -> Decision:
    """The outcome by what is known now if nobody kept customers apart. Nothing is locked, nobody's verdicts are read.

    One that says `Found`, or that nobody or only one is known, says so whatever people said.
    """
    known = _known(question, under_locks=False)
    return Decision(_outcome(question, known, kept_apart=lambda group, other: False), known)


def _known(question: Question, *, under_locks: bool, late: bool = False) -> Neighbourhood:
    """Raises Restart where the question was put under a model that is not in force any more."""
    shared, in_force, again = question.policy is Policy.SHARED_IDENTIFIER, question.in_force, begun_again()
    return neighbourhood(
        tenant=question.tenant,
        keys=question.keys,
        source_id=question.source.pk,
        source_key=question.record.source_key,
        locks=question.locks if under_locks else (),
        hold=shared or again,
        unheld=under_locks and not (shared or again or late),
        late=late,
        as_sent=shared,
        in_force=in_force if under_locks else None,
    )


def _outcome(question: Question, known: Neighbourhood, *, kept_apart: KeptApart) -> Outcome:
    facts, rules = question.record.facts, question.sharing or sharing_rules(question.tenant)
    if question.policy is Policy.SHARED_IDENTIFIER:
        return shared_identifier.decide(
            facts,
            known=known,
            rules=rules,
            model=lambda: question.model.definition,
            kept_apart=kept_apart,
        )
    return probabilistic.decide(
        facts,
        source_id=question.source.pk,
        source_key=question.record.source_key,
        known=known,
        model=question.model.definition,
        rules=rules,
    )


def sharing_rules(tenant: Tenant) -> SharingRules:
    return SharingRules(
        merge_protection=tenant.merge_protection,
        placeholders_link=tenant.placeholders_link,
        blocked_values=frozenset(tenant.blocked_values),
        customers_per_value=tenant.customers_per_value,
    )


def _kept_apart_in(tenant: Tenant) -> KeptApart:
    def kept_apart(group: Sequence[Neighbour], other: Neighbour) -> bool:
        ours = [pk for member in group for pk in member.contact_ids]
        return constraints.kept_apart(tenant, ours, other.contact_ids)

    return kept_apart
