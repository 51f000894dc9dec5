"""What is asked of an engine, in SQL that DuckDB and Spark understand alike. Pure: no Django.

The tables `statements`, `asked` and `stored` are there (matching.whole_registry.statements).
"""

from __future__ import annotations

from matching.model_definition import ModelDefinition
from matching.whole_registry.splink_model import ROUNDING, Similar, double, identified_sql, promising_sql, score_sql

# Ids may come in strides, which would leave parts empty: a remainder of a large multiple spreads them. Within 64 bits.
_SPREAD = "asking.statement % 1000003 * 1103515245 % 2147483647"

CROWDED, KEPT, SCORED = "crowded", "kept", "scored"
MET, ASKING, HELD, CONCERNED = "met", "asking", "held", "concerned"
PAIRS, PROMISING = "pairs", "promising"
LINK, CANDIDATE = "link", "candidate"


def crowded(cap: int) -> str:
    """The keys that more customers share than the search reads, with one of them to tell by."""
    return f"""
    SELECT key, count(DISTINCT owner) AS customers, min(statement) AS example
    FROM stored GROUP BY key HAVING count(DISTINCT owner) > {cap}
    """


def kept(cap: int) -> str:
    """Who is read by each key: everybody, or of a crowded key the first `cap` + 1, as the online search does."""
    return f"""
    SELECT DISTINCT key, owner FROM stored WHERE NOT EXISTS (SELECT 1 FROM {CROWDED} WHERE {CROWDED}.key = stored.key)
    UNION ALL
    SELECT key, owner FROM (
        SELECT key, owner, row_number() OVER (PARTITION BY key ORDER BY owner) AS place
        FROM (SELECT DISTINCT key, owner FROM stored WHERE key IN (SELECT key FROM {CROWDED})) AS held
    ) AS placed WHERE place <= {cap + 1}
    """


def met() -> str:
    """The keys under which two customers meet. Of a million customers' keys more than nine in ten lead to nobody."""
    return f"""
    SELECT key FROM (SELECT key, owner FROM asked UNION ALL SELECT key, owner FROM {KEPT}) AS told
    GROUP BY key HAVING min(owner) <> max(owner)
    """


def asking() -> str:
    """Of `asked` what leads to somebody else."""
    return f"SELECT statement, owner, key FROM asked WHERE key IN (SELECT key FROM {MET})"


def held() -> str:
    """Of KEPT those to whom somebody else's keys lead."""
    return f"SELECT key, owner FROM {KEPT} WHERE key IN (SELECT key FROM {MET})"


def concerned() -> str:
    """The statements of everybody who meets somebody: what is compared is read from these few."""
    return f"""
    SELECT * FROM statements WHERE owner IN (SELECT owner FROM {ASKING} UNION SELECT owner FROM {HELD})
    """


def expected() -> str:
    """How many rows the join of `pairs` has, all parts together, before what it finds twice is taken for once."""
    return f"""
    SELECT coalesce(sum(times * customers), 0) FROM
        (SELECT key, count(*) AS times FROM {ASKING} GROUP BY key) AS asks
        JOIN (SELECT key, count(*) AS customers FROM {HELD} GROUP BY key) AS holds ON holds.key = asks.key
    """


def pairs(part: int, parts: int) -> str:
    """The pairs of statements to compare: what the contacts of one part ask for, in the columns that Splink expects."""
    return f"""
    SELECT DISTINCT '0' AS match_key,
        least(asking.statement, found.statement) AS join_key_l,
        greatest(asking.statement, found.statement) AS join_key_r
    FROM {ASKING} AS asking
    JOIN {HELD} AS held ON held.key = asking.key AND held.owner <> asking.owner
    JOIN {CONCERNED} AS found ON found.owner = held.owner AND found.statement <> asking.statement
    WHERE {_SPREAD} % {parts} = {part}
    """


def promising(model: ModelDefinition, similar: Similar) -> str:
    """Of `pairs` those that can reach the review threshold, if all that `similar` cannot rule out is similar."""
    return f"""
    SELECT pairs.* FROM {PAIRS} AS pairs
    JOIN {CONCERNED} AS l ON l.statement = join_key_l
    JOIN {CONCERNED} AS r ON r.statement = join_key_r
    WHERE {promising_sql(model, similar)}
    """


def scored(answered: str, model: ModelDefinition) -> str:
    """The pairs, as Splink answered them, that reach the review threshold."""
    return f"""
    SELECT statement_l, statement_r, match_weight, score
    FROM (SELECT statement_l, statement_r, match_weight, {score_sql(model)} AS score FROM {answered}) AS weighed
    WHERE score >= {double(model.review_threshold - ROUNDING)}
    """


def matches(model: ModelDefinition) -> str:
    """The best pair of statements of every two customers, and what is proposed for them; best first.

    It is a link where one of the two fits nobody as well as the other: at or above the match threshold, identified,
    and by a contact, as it would be if that contact were submitted now. Anything else is for people. `contact` is the
    one that asks: the younger where nothing speaks for the other. Golden records have numbers below 0 and ask nothing.
    """
    return f"""
    WITH told AS (
        SELECT DISTINCT l.owner AS owner_l, r.owner AS owner_r, l.customer AS customer_l, r.customer AS customer_r,
            statement_l, statement_r, match_weight, score, {identified_sql(model)} AS identified
        FROM {SCORED}
        JOIN {CONCERNED} AS l ON l.statement = statement_l
        JOIN {CONCERNED} AS r ON r.statement = statement_r
    ),
    ranked AS (
        SELECT *, row_number() OVER (
            PARTITION BY least(owner_l, owner_r), greatest(owner_l, owner_r)
            ORDER BY score DESC, statement_r DESC, statement_l DESC) AS place
        FROM told
    ),
    best AS (SELECT * FROM ranked WHERE place = 1),
    sides AS (
        SELECT owner_l AS owner, score FROM best UNION ALL SELECT owner_r AS owner, score FROM best
    ),
    tops AS (SELECT owner, max(score) AS top FROM sides GROUP BY owner),
    clear AS (
        SELECT sides.owner, max(tops.top) AS top FROM sides JOIN tops ON tops.owner = sides.owner
        WHERE sides.score >= tops.top - {double(ROUNDING)} GROUP BY sides.owner HAVING count(*) = 1
    ),
    judged AS (
        SELECT best.*, score >= {double(model.match_threshold - ROUNDING)} AND identified AS certain,
            statement_l > 0 AND coalesce(score >= of_l.top - {double(ROUNDING)}, false) AS won_l,
            coalesce(score >= of_r.top - {double(ROUNDING)}, false) AS won_r
        FROM best
        LEFT JOIN clear AS of_l ON of_l.owner = owner_l
        LEFT JOIN clear AS of_r ON of_r.owner = owner_r
    ),
    asking AS (
        SELECT *, certain AND (won_l OR won_r) AS linked,
            certain AND won_l AND NOT won_r AS from_l
        FROM judged
    )
    SELECT CASE WHEN from_l THEN statement_l ELSE statement_r END AS contact,
        CASE WHEN from_l THEN customer_l ELSE customer_r END AS customer,
        CASE WHEN from_l THEN customer_r ELSE customer_l END AS other,
        CASE WHEN from_l THEN statement_r ELSE statement_l END AS against,
        match_weight, score, identified,
        CASE WHEN linked THEN '{LINK}' ELSE '{CANDIDATE}' END AS proposal
    FROM asking
    ORDER BY score DESC, contact, other
    """
