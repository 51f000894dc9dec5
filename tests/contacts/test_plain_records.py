"""A body that came as JSON is written as it came, and read like any other by whoever asks for something of it."""

from __future__ import annotations

import json

from contacts.plain_records import AsSent, as_json
from sources.documents import json_of

BODY = {"last_name": "O'Neill", "number": 2**70, "address": {"zip": "75201"}}
SENT = json.dumps(BODY)


def test_it_is_written_as_it_came() -> None:
    assert as_json(AsSent(SENT)) == SENT


def test_it_can_be_asked_like_the_body_itself() -> None:
    body = AsSent(SENT)
    assert (body["address"], list(body), len(body)) == ({"zip": "75201"}, list(BODY), 3)
    assert dict(body) == BODY


def test_it_may_be_part_of_any_document() -> None:
    assert json.loads(json_of({"rows": [AsSent(SENT)]})) == {"rows": [BODY]}
    assert json.loads(json_of(AsSent('{"first_name": "Ann"}'))) == {"first_name": "Ann"}
