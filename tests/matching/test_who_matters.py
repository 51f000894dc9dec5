"""Of whom a record's keys lead to, only those who matter are told to the policy: it must answer as if it knew all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from contacts.intake import read_submission
from contacts.record import Record
from matching.model_definition import SEED_MODEL
from matching.outcomes import Create, Held, Likeness, Neighbour, Neighbourhood, Outcome
from matching.policies.probabilistic import decide, mattering
from matching.policies.sharing import SharingRules
from tests.properties.people import KEYS, SOURCES, somebody
from tests.registry import ATTRIBUTES

ROUNDS = 400
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
CRM = 1


def record(rng: Random) -> Record:
    said = {**somebody(rng), "source_system": rng.choice(SOURCES), "source_key": rng.choice(KEYS)}
    return read_submission(said, required_fields=(), attribute_types=ATTRIBUTES)


def neighbours(rng: Random) -> Iterator[Neighbour]:
    for number in range(rng.randrange(8)):
        said = [record(rng) for _ in range(rng.choice((1, 1, 2, 3)))]
        contacts = tuple(
            Held(10 * number + place, each.facts, False, None, EPOCH + timedelta(number), CRM, each.source_key)
            for place, each in enumerate(said)
        )
        yield Neighbour(UUID(int=number), 1, record(rng).facts, contacts)


def decided(asked: Record, told: list[Neighbour]) -> Outcome | list[Likeness]:
    """The outcome; of a new customer, whom it is near to."""
    known = Neighbourhood({each.customer_id: each for each in told})
    outcome = decide(
        asked.facts,
        source_id=CRM,
        source_key=asked.source_key,
        known=known,
        model=SEED_MODEL,
        rules=SharingRules(customers_per_value=2),
    )
    return list(outcome.near_misses) if isinstance(outcome, Create) else outcome


def test_the_policy_answers_as_if_it_knew_all() -> None:
    rng, left_out = Random(7), 0
    for _ in range(ROUNDS):
        asked, everybody = record(rng), list(neighbours(rng))
        told = list(filter(mattering(asked, source_id=CRM, model=SEED_MODEL), everybody))
        assert decided(asked, told) == decided(asked, everybody)
        left_out += len(everybody) - len(told)
    assert left_out > ROUNDS / 4
