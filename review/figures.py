"""The figures behind the quality page, each one statement over the tenant's records, candidates or feedback.

They read whole tables, so that they are kept (KeptFigures) for KEPT_FOR, and a worker reads them anew before that is
over (review.tasks) as long as somebody looks at them now and then. The page says as of when they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Self

from django.db import connection

from contacts import clock
from review.models import KeptFigures
from review.quality import Quality
from sources.models import Tenant

KEPT_FOR = timedelta(minutes=10)
# Figures that nobody has looked at for so long are read anew when somebody does.
LOOKED_AT_WITHIN = timedelta(days=1)
MONTHS = 12
WEEKS = 12
BINS = 20

_MONTHLY = """
WITH months AS (
    SELECT date_trunc('month', %(now)s::timestamptz AT TIME ZONE 'UTC') - make_interval(months => back) AS month
    FROM generate_series(0, %(months)s - 1) AS back
),
links AS MATERIALIZED (
    SELECT date_trunc('month', added_at AT TIME ZONE 'UTC') AS month, count(*) AS number FROM contacts_contact
    WHERE tenant_id = %(tenant)s AND deleted_at IS NULL AND match_confidence IS NOT NULL GROUP BY 1
),
said AS MATERIALIZED (
    SELECT date_trunc('month', reported_at AT TIME ZONE 'UTC') AS month,
           count(*) FILTER (WHERE type = 'false_positive') AS wrong,
           count(*) FILTER (WHERE type = 'false_negative') AS missed
    FROM review_feedback WHERE tenant_id = %(tenant)s AND withdrawn_at IS NULL GROUP BY 1
)
SELECT month::date,
       (SELECT coalesce(sum(number), 0)::bigint FROM links WHERE links.month <= months.month),
       (SELECT coalesce(sum(wrong), 0)::bigint FROM said WHERE said.month <= months.month),
       (SELECT coalesce(sum(missed), 0)::bigint FROM said WHERE said.month <= months.month)
FROM months ORDER BY month
"""

_SCORES = """
SELECT least(floor(confidence * %(bins)s)::int, %(bins)s - 1), sum(linked)::bigint, sum(proposed)::bigint
FROM (
    SELECT match_confidence AS confidence, 1 AS linked, 0 AS proposed FROM contacts_contact
    WHERE tenant_id = %(tenant)s AND deleted_at IS NULL AND match_algorithm = 'fellegi-sunter'
      AND match_confidence IS NOT NULL
    UNION ALL
    SELECT confidence, 0, 1 FROM matching_candidatepair WHERE tenant_id = %(tenant)s AND status <> 'superseded'
) AS scored GROUP BY 1 ORDER BY 1
"""

_TIERS = """
SELECT source.name, count(*) FILTER (WHERE contact.match_confidence IS NOT NULL),
       count(*) FILTER (WHERE contact.match_confidence IS NULL AND asked.contact_id IS NOT NULL),
       count(*) FILTER (WHERE contact.match_confidence IS NULL AND asked.contact_id IS NULL)
FROM contacts_contact AS contact JOIN sources_sourcesystem AS source ON source.id = contact.source_id
LEFT JOIN (SELECT DISTINCT contact_id FROM matching_candidatepair WHERE tenant_id = %(tenant)s) AS asked
       ON asked.contact_id = contact.id
WHERE contact.tenant_id = %(tenant)s AND contact.deleted_at IS NULL GROUP BY source.name ORDER BY count(*) DESC, 1
"""

_WAITING = """
SELECT CASE WHEN age < interval '1 day' THEN 0 WHEN age < interval '7 days' THEN 1
            WHEN age < interval '30 days' THEN 2 ELSE 3 END, count(DISTINCT contact_id)
FROM (SELECT contact_id, %(now)s - created_at AS age FROM matching_candidatepair
      WHERE tenant_id = %(tenant)s AND status = 'pending') AS waiting GROUP BY 1
"""

_DECIDED = """
WITH weeks AS (
    SELECT date_trunc('week', %(now)s::timestamptz AT TIME ZONE 'UTC') - make_interval(weeks => back) AS week
    FROM generate_series(0, %(weeks)s - 1) AS back
),
decided AS (
    SELECT date_trunc('week', reviewed_at AT TIME ZONE 'UTC') AS week,
           count(*) FILTER (WHERE status = 'approved') AS same, count(*) FILTER (WHERE status = 'rejected') AS other
    FROM matching_candidatepair
    WHERE tenant_id = %(tenant)s AND reviewed_at >= %(now)s - make_interval(weeks => %(weeks)s + 1) GROUP BY 1
)
SELECT weeks.week::date, coalesce(same, 0), coalesce(other, 0) FROM weeks LEFT JOIN decided USING (week) ORDER BY 1
"""

_YIELD = """
SELECT split_part(token, ':', 1), count(*) FILTER (WHERE status = 'approved'),
       count(*) FILTER (WHERE status = 'rejected'), count(*) FILTER (WHERE status = 'pending')
FROM matching_candidatepair, unnest(search_tokens) AS token
WHERE tenant_id = %(tenant)s AND status <> 'superseded' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 20
"""

AGES = ("under a day", "1 to 7 days", "7 to 30 days", "over 30 days")
_COLUMNS = {"em": "e-mail", "ph": "phone"}


@dataclass(frozen=True, slots=True)
class Month:
    """How good links were by the end of a month, by what had been said of them then."""

    month: date
    quality: Quality


@dataclass(frozen=True, slots=True)
class Bin:
    """Scores from `low` to below `high`: links a machine made, and candidates it proposed."""

    low: float
    high: float
    linked: int
    proposed: int


@dataclass(frozen=True, slots=True)
class Share:
    """What became of a source's records: linked by a machine, proposed to people, neither."""

    source: str
    linked: int
    proposed: int
    new: int

    @property
    def total(self) -> int:
        return self.linked + self.proposed + self.new


@dataclass(frozen=True, slots=True)
class Week:
    """What people decided in the week that begins on this day."""

    begins: date
    same: int
    other: int


@dataclass(frozen=True, slots=True)
class Yield:
    """A way of finding candidates, and what people said of those it found."""

    key: str
    approved: int
    rejected: int
    pending: int

    @property
    def right(self) -> float | None:
        """The share of decided ones that were the same person."""
        decided = self.approved + self.rejected
        return self.approved / decided if decided else None


@dataclass(frozen=True)
class Figures:
    as_of: datetime
    months: Sequence[Month]
    bins: Sequence[Bin]
    shares: Sequence[Share]
    ages: Sequence[tuple[str, int]]
    weeks: Sequence[Week]
    yields: Sequence[Yield]
    now: Quality = field(default_factory=lambda: Quality(0, 0, 0))

    @property
    def waiting(self) -> int:
        return sum(number for _, number in self.ages)

    @classmethod
    def of(cls, kept: Mapping[str, Any], as_of: datetime) -> Self:
        """From what `asdict` and JSON made of them."""
        months = [Month(date.fromisoformat(each["month"]), Quality(**each["quality"])) for each in kept["months"]]
        return cls(
            as_of=as_of,
            months=months,
            bins=[Bin(**each) for each in kept["bins"]],
            shares=[Share(**each) for each in kept["shares"]],
            ages=[(words, number) for words, number in kept["ages"]],
            weeks=[Week(**{**each, "begins": date.fromisoformat(each["begins"])}) for each in kept["weeks"]],
            yields=[Yield(**each) for each in kept["yields"]],
            now=Quality(**kept["now"]),
        )


def figures(tenant: Tenant) -> Figures:
    """At most KEPT_FOR old."""
    now = clock.now()
    kept = KeptFigures.objects.filter(tenant=tenant, as_of__gt=now - KEPT_FOR).first()
    if kept is None:
        return _keep(tenant, looked_at=now)
    if kept.looked_at < now - KEPT_FOR:
        KeptFigures.objects.filter(pk=kept.pk).update(looked_at=now)
    return Figures.of(kept.body, kept.as_of)


def refresh() -> None:
    """Read the figures anew that somebody has looked at lately, so that nobody has to wait for them."""
    for kept in KeptFigures.objects.filter(looked_at__gt=clock.now() - LOOKED_AT_WITHIN).select_related("tenant"):
        _keep(kept.tenant, looked_at=kept.looked_at)


def _keep(tenant: Tenant, *, looked_at: datetime) -> Figures:
    found = read(tenant)
    body = asdict(found)
    del body["as_of"]
    kept = KeptFigures(tenant=tenant, as_of=found.as_of, looked_at=looked_at, body=body)
    fields = ["as_of", "looked_at", "body"]
    KeptFigures.objects.bulk_create([kept], update_conflicts=True, unique_fields=["tenant"], update_fields=fields)
    return found


def read(tenant: Tenant) -> Figures:
    now = clock.now()
    asked = {"tenant": tenant.pk, "now": now, "months": MONTHS, "weeks": WEEKS, "bins": BINS}
    months = [Month(month, Quality(*counts)) for month, *counts in _rows(_MONTHLY, asked)]
    scored = {place: (linked, proposed) for place, linked, proposed in _rows(_SCORES, asked)}
    aged = dict(_rows(_WAITING, asked))
    return Figures(
        as_of=now,
        months=months,
        bins=[Bin(place / BINS, (place + 1) / BINS, *scored.get(place, (0, 0))) for place in range(BINS)],
        shares=[Share(*row) for row in _rows(_TIERS, asked)],
        ages=[(words, aged.get(place, 0)) for place, words in enumerate(AGES)],
        weeks=[Week(*row) for row in _rows(_DECIDED, asked)],
        yields=[Yield(_COLUMNS.get(key, key.replace("_", " ")), *counts) for key, *counts in _rows(_YIELD, asked)],
        now=months[-1].quality,
    )


def _rows(statement: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return list(cursor.fetchall())
