"""The next record's page, fetched while this one is decided on, and whether what the browser holds still stands.

A browser with scripts asks for the next page in advance (AHEAD), keeps it in memory and says with its next request
which one it has (HELD). If nothing of that record has changed, the answer is the head of the page alone: the verdict
before, claims, neighbours. Without scripts none of this happens. Reading ahead claims nothing.
"""

from __future__ import annotations

from hashlib import blake2b

from django.contrib.messages import get_messages
from django.http import HttpRequest

from review.console.case import Case

AHEAD = "X-Case-Ahead"
HELD = "X-Case-Held"
STATE = "X-Case-State"


def state_of(case: Case, query: str) -> str:
    """What the body of a Compare page depends on, in one word: the record, both customers, candidates, and doubts.

    `query` is the part of the queue it was opened from, which its forms lead back to.
    """
    parts = [
        query,
        (case.contact.pk, case.contact.customer_id, case.incoming_customer.version, case.as_sent),
        (case.pair.pk, case.pair.status),
        [(pair.pk, str(pair.customer_id), pair.customer.version, pair.confidence) for pair in case.candidates],
        [deferral.pk for deferral in case.deferrals],
    ]
    return blake2b(repr(parts).encode(), digest_size=12).hexdigest()


def is_asked(request: HttpRequest) -> bool:
    return AHEAD in request.headers


def is_held(request: HttpRequest, state: str) -> bool:
    """Whether the browser has this very page; messages are shown by whole pages only."""
    return request.headers.get(HELD) == state and not len(get_messages(request))
