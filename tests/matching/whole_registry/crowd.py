"""A few hundred made-up statements in which many resemble each other: typing errors, nicknames, accents, gaps."""

from __future__ import annotations

from collections import Counter
from random import Random

from contacts.record import Facts
from matching.model_definition import ADDRESS, Comparison, ModelDefinition
from matching.whole_registry.statements import Statement

FIRST = ("william", "willam", "elizabeth", "elisabeth", "josé", "jose", "ann", "annie", "martha", "marhta", "dwayne")
LAST = ("smith", "smyth", "johnson", "jonhson", "garcía", "garcia", "o'brien", "brown", "browne", "ångström")
STREETS = ("12 OAK AVE", "12 OAK AVENUE", "9 ELM ST", "77 MAPLE DR", "77 MAPEL DR")
ZIPS = ("75201", "75202", "60601")

# Every kind of comparison: similar and exact, an attribute that is unique and one that is not.
MODEL = ModelDefinition(
    comparisons=(
        Comparison("first_name", "jaro_winkler", m=0.95, u=0.005, threshold=0.85),
        Comparison("last_name", "jaro_winkler", m=0.95, u=0.002, threshold=0.9),
        Comparison("email", "exact", m=0.90, u=0.0001),
        Comparison("phone", "exact", m=0.85, u=0.0005),
        Comparison(ADDRESS, "jaro_winkler", m=0.80, u=0.005, threshold=0.80),
        Comparison("attributes.Loyalty", "exact", m=0.97, u=0.00001, unique=True),
        Comparison("attributes.Town", "exact", m=0.7, u=0.2),
    ),
    review_threshold=0.6,
    match_threshold=0.9,
)


def statements(size: int, *, seed: int = 1) -> list[Statement]:
    """So many contacts, some of one customer, and the golden records of those."""
    rng = Random(seed)
    contacts: list[Statement] = []
    for number in range(1, size + 1):
        owner = contacts[rng.randrange(len(contacts))].owner if contacts and rng.random() < 0.15 else number
        contacts.append(Statement(number, owner, f"customer {owner}", facts(rng)))
    held = Counter(each.owner for each in contacts)
    several = [owner for owner, count in held.items() if count > 1]
    return contacts + [Statement(-owner, owner, f"customer {owner}", facts(rng)) for owner in several]


def facts(rng: Random) -> Facts:
    def known(value: str, share: float) -> str:
        return value if rng.random() < share else ""

    attributes = {"Loyalty": known(f"L{rng.randrange(200)}", 0.2), "Town": known(rng.choice(("Plano", "PLANO")), 0.5)}
    return Facts(
        first_name=known(rng.choice(FIRST), 0.9),
        last_name=known(rng.choice(LAST), 0.9),
        email=known(f"u{rng.randrange(150)}@example.org", 0.6),
        phone=known(f"+1214555{rng.randrange(150):04}", 0.5),
        street=known(rng.choice(STREETS), 0.6),
        city="DALLAS",
        state="TX",
        zip=known(rng.choice(ZIPS), 0.8),
        attributes={name: value for name, value in attributes.items() if value},
    )
