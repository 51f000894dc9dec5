"""Every verb with random subjects, as a test drives it. What the domain refuses is an outcome like any other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

from contacts.errors import DomainError
from contacts.history import Chronicle
from contacts.models import Contact, Customer
from contacts.transactions import verb
from matching import merging, pinning, revising
from matching.models import CandidatePair, Merge
from review import feedback, reconsidering, verdicts
from review.models import Decision, Feedback
from sources.models import Tenant
from tests.properties.people import EMAILS, KEYS, PHONES, SOURCES, correction, somebody
from tests.registry import buy, post, put

T = TypeVar("T")
BY = "steward"
WHY = ("seen the passport", "told on the telephone")


Operation = Callable[["Operations"], str | None]


class NothingThere(Exception):
    """There is no subject for the operation yet."""


class Operations:
    """One tenant's verbs; `outcomes` counts what became of them."""

    def __init__(self, tenant: Tenant, rng: Random) -> None:
        self.tenant = tenant
        self.rng = rng
        self.outcomes: Counter[str] = Counter()

    def run(self, operation: Operation) -> str:
        """The outcome in a word: the operation's own, `done`, or the name of the refusal."""
        try:
            outcome = operation(self) or "done"
        except (DomainError, NothingThere) as refusal:
            outcome = type(refusal).__name__
        self.outcomes[f"{operation.__name__}: {outcome}"] += 1
        return outcome

    def choose(self, rows: Sequence[T]) -> T:
        if not rows:
            raise NothingThere
        return self.rng.choice(rows)

    def live_customer(self) -> Customer:
        return self.choose(list(Customer.objects.of(self.tenant).live().order_by("pk")))

    def any_customer(self) -> Customer:
        return self.choose(list(Customer.objects.of(self.tenant).order_by("pk")))

    def live_contact(self) -> Contact:
        return self.choose(list(Contact.objects.of(self.tenant).live().order_by("pk").select_related("source")))

    def pending(self) -> CandidatePair:
        pairs = CandidatePair.objects.filter(tenant=self.tenant, status="pending", contact__deleted_at=None)
        return self.choose(list(pairs.select_related("contact").order_by("pk")))

    def standing_merge(self) -> Merge:
        return self.choose(list(Merge.objects.filter(tenant=self.tenant, undone_at=None).order_by("pk")))


def posting(on: Operations) -> str:
    rng = on.rng
    done = post(somebody(rng), to=rng.choice(SOURCES), key=rng.choice(KEYS), tenant=on.tenant)
    return f"{done.outcome}{' with candidates' if done.candidates else ''}"


def buying(on: Operations) -> str:
    email, phone = on.rng.choice(("", *EMAILS)), on.rng.choice(PHONES)
    return buy(email=email, phone=phone, tenant=on.tenant).outcome


def reposting(on: Operations) -> str:
    contact = on.live_contact()
    if contact.source_key is None:
        raise NothingThere
    said = {name: value for name, value in contact.original_payload.items() if not name.startswith("source_")}
    return post(said, to=contact.source.name, key=contact.source_key, tenant=on.tenant).outcome


def putting(on: Operations) -> None:
    contact = on.live_contact()
    put(
        contact.customer_id,
        by_source=contact.source.name,
        key=contact.source_key,
        tenant=on.tenant,
        **correction(on.rng),
    )


def merging_by_hand(on: Operations) -> None:
    source = on.any_customer() if on.rng.random() < 0.2 else on.live_customer()
    verdicts.merge(target_id=on.live_customer().pk, source_id=source.pk, tenant=on.tenant, by=BY)


def merging_by_machine(on: Operations) -> None:
    reason = on.rng.choice((Merge.Reason.FOLD, Merge.Reason.BRIDGE))
    machine_merge(on.live_customer(), on.live_customer(), reason=reason, tenant=on.tenant)


@verb
def machine_merge(target: Customer, source: Customer, *, reason: Merge.Reason, tenant: Tenant) -> Merge:
    chronicle = Chronicle(tenant, "machine")
    _, journal = merging.merge(target_id=target.pk, source_id=source.pk, reason=reason, chronicle=chronicle)
    chronicle.write()
    return journal


def decision(pair: CandidatePair, tenant: Tenant) -> dict[str, Any]:
    """A pair as the verbs of review name it."""
    return {
        "customer_id": pair.contact.customer_id,
        "alias_id": pair.contact_id,
        "candidate_id": pair.pk,
        "tenant": tenant,
        "by": BY,
    }


def approving(on: Operations) -> None:
    verdicts.approve(**decision(on.pending(), on.tenant))


def rejecting(on: Operations) -> None:
    verdicts.reject(**decision(on.pending(), on.tenant))


def reopening(on: Operations) -> None:
    rejected = CandidatePair.objects.filter(tenant=on.tenant, status="rejected").order_by("pk")
    reconsidering.reopen(on.choose(list(rejected)).pk, tenant=on.tenant, by=BY)


def deferring(on: Operations) -> None:
    reconsidering.defer(on.pending().pk, note="cannot tell", tenant=on.tenant, by=BY)


def taking_back(on: Operations) -> None:
    standing = Decision.objects.filter(tenant=on.tenant, undone_at=None).order_by("pk")
    reconsidering.take_back(on.choose(list(standing)).pk, tenant=on.tenant, by=BY)


def splitting(on: Operations) -> None:
    customer = on.live_contact().customer_id
    aliases = list(Contact.objects.live().filter(customer=customer).order_by("pk").values_list("pk", flat=True))
    # None where somebody else has merged the customer away meanwhile.
    leaving = on.rng.sample(aliases, min(len(aliases), on.rng.randint(1, max(1, len(aliases) - 1))))
    verdicts.split(customer_id=customer, aliases=leaving, tenant=on.tenant, by=BY)


def undoing(on: Operations) -> None:
    verdicts.undo_merge(on.standing_merge().pk, tenant=on.tenant, by=BY)


def retiring(on: Operations) -> None:
    revising.retire(on.live_customer().pk, tenant=on.tenant, by=BY)


def disputing(on: Operations) -> None:
    linked = Contact.objects.of(on.tenant).live().exclude(match_confidence=None).order_by("pk")
    contact = on.choose(list(linked)) if on.rng.random() < 0.8 else on.live_contact()
    feedback.report(customer_id=contact.customer_id, alias_id=contact.pk, notes=None, tenant=on.tenant, by=BY)


def settling(on: Operations) -> None:
    report = on.choose(list(Feedback.objects.filter(tenant=on.tenant).order_by("pk")))
    feedback.resolve(report.pk, resolved=not report.resolved, notes="seen", tenant=on.tenant, by=BY)


def pinning_a_value(on: Operations) -> None:
    """Of one of the fields that most records fill, what one of the customer's records says in it."""
    contact = on.live_contact()
    field = on.rng.choice(("first_name", "last_name", "email", "phone", "street", "attributes.FacebookId"))
    pinning.pin(
        contact.customer_id, field=field, alias_id=contact.pk, reason=on.rng.choice(WHY), tenant=on.tenant, by=BY
    )


def letting_go(on: Operations) -> None:
    pinned = on.choose(list(Contact.objects.of(on.tenant).live().exclude(pins=None).order_by("pk")))
    pinning.unpin(pinned.customer_id, field=on.rng.choice(sorted(pinned.pins or {})), tenant=on.tenant, by=BY)


# What happens often stands often.
MIX = (
    *(posting,) * 12,
    *(buying,) * 2,
    *(reposting,) * 2,
    *(putting,) * 3,
    *(merging_by_hand,) * 4,
    *(merging_by_machine,) * 3,
    *(approving,) * 3,
    *(rejecting,) * 3,
    *(reopening,) * 2,
    deferring,
    *(taking_back,) * 2,
    *(splitting,) * 4,
    *(undoing,) * 5,
    retiring,
    disputing,
    settling,
    *(pinning_a_value,) * 4,
    *(letting_go,) * 2,
)
