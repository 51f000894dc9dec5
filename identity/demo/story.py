"""What happened over two and a half years: every record the five systems sent, and what people decided, in order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from identity.demo.oddities import ODDITIES, Oddity
from identity.demo.people import Census, Resident, written
from identity.demo.sources import SYSTEMS
from identity.demo.steps import Step, Submission
from identity.demo.words import LAST_NAMES

SEED = 20_260_101
LENGTH = timedelta(days=900)
# Late enough that reviewers have not come to them yet.
REVIEW_BACKLOG = timedelta(days=45)

# Shares of the residents.
MOVED = 0.05
MARRIED = 0.015
SPARSE = 0.04
ODD = 0.033

RECORDS = (1, 2, 3, 4)
RECORDS_WEIGHTS = (33, 39, 20, 8)


@dataclass(slots=True)
class Story:
    """Writes down the steps; `end` is when the story reaches the present."""

    end: datetime
    random: Random
    census: Census
    steps: list[Step] = field(default_factory=list)
    _keys: dict[str, int] = field(default_factory=dict)

    @property
    def start(self) -> datetime:
        return self.end - LENGTH

    def sent(self, system: str, at: datetime, body: dict[str, Any], *, key: str | None = None) -> str:
        """A record reaches the registry; returns its key in that system."""
        key = key or self._next_key(system)
        effective = body.get("effective_date") or at.isoformat(timespec="seconds")
        whole = {"source_system": system, "source_key": key, **body, "effective_date": effective}
        self.steps.append(Submission(at, system, key, whole))
        return key

    def _next_key(self, system: str) -> str:
        self._keys[system] = self._keys.get(system, 100_000) + 1
        return f"{system[:3]}-{self._keys[system]}"

    def moment(self, after: datetime, before: datetime) -> datetime:
        """Some second in between."""
        seconds = max(int((before - after).total_seconds()), 1)
        return after + timedelta(seconds=self.random.randrange(seconds))


def ordinary_lives(story: Story, *, people: int) -> None:
    """So many residents with all their records; of every ten thousand, `ODD` and the other shares are special."""
    odd = max(round(people * ODD), len(ODDITIES) if people >= 50 else 0)
    told = 0
    while told < people:
        for resident in story.census.household()[: people - told]:
            if told < odd:
                _odd_life(story, resident, ODDITIES[told % len(ODDITIES)])
            elif story.random.random() < SPARSE:
                _sparse_life(story, resident)
            else:
                _life(story, resident)
            told += 1


def _life(story: Story, who: Resident) -> None:
    """First one system hears of somebody, then others; some people move or marry in between, and one system says so."""
    systems = story.random.sample(list(SYSTEMS), story.random.choices(RECORDS, RECORDS_WEIGHTS)[0])
    at = _first_heard_of(story)
    body = written(who, story.random) | {"effective_date": _long_known(story, at)}
    key = story.sent(systems[0], at, body)
    changed = _changed(story, who)
    if changed != who:
        at = story.moment(at, story.end - REVIEW_BACKLOG)
        story.sent(systems[0], at, written(changed, story.random, slips=0), key=key)
    for system in systems[1:]:
        at = story.moment(at, story.end)
        story.sent(system, at, written(changed, story.random))


def _changed(story: Story, who: Resident) -> Resident:
    chance = story.random.random()
    if chance < MOVED:
        return replace(who, home=story.census.home())
    if chance < MOVED + MARRIED:
        return replace(who, last_name=story.random.choice(LAST_NAMES))
    return who


def _sparse_life(story: Story, who: Resident) -> None:
    """Somebody known by a name and one more thing, in one or two systems."""
    system, others, fields = story.random.choice(
        (
            ("SHOP", ("SUPPORT",), ("first_name", "last_name", "email")),
            ("LOYALTY", ("SUPPORT",), ("first_name", "last_name", "phone")),
            ("SUPPORT", (), ("first_name", "last_name", "address")),
            ("LOYALTY", (), ("first_name", "phone")),
        )
    )
    at = _first_heard_of(story)
    for each in (system, *(other for other in others if story.random.random() < 0.5)):
        whole = written(who, story.random)
        story.sent(each, at, {name: whole[name] for name in fields})
        at = story.moment(at, story.end)


def _odd_life(story: Story, who: Resident, oddity: Oddity) -> None:
    """Somebody known for long, and lately a record that is nearly theirs: a candidate for review."""
    at = story.moment(story.start, story.end - 3 * REVIEW_BACKLOG)
    story.sent("CRM", at, written(who, story.random, slips=0) | {"effective_date": _long_known(story, at)})
    if story.random.random() < 0.5:
        story.sent("BILLING", story.moment(at, story.end - 2 * REVIEW_BACKLOG), written(who, story.random))
    late = story.moment(story.end - REVIEW_BACKLOG, story.end)
    system = story.random.choice(("SUPPORT", "SHOP", "LOYALTY"))
    story.sent(system, late, oddity(who, story.census))


def _first_heard_of(story: Story) -> datetime:
    """Two in five came with the first import of the customer base, the others whenever."""
    if story.random.random() < 0.4:
        return story.moment(story.start, story.start + timedelta(days=3))
    return story.moment(story.start, story.end - 2 * REVIEW_BACKLOG)


def _long_known(story: Story, at: datetime) -> str:
    """Since when the first system has known somebody: up to nine years before it told the registry."""
    return (at - timedelta(days=story.random.randrange(9 * 365))).date().isoformat()
