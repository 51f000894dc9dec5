"""Stored evidence as the API tells it: the weighed fields of a pair, or the values that were shared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from identity.api.registry.bodies import Body
from matching.evidence import Evidence

LABELS = {"email": "e-mail", "phone": "phone"}
NOT_LINKED = "No machine linked this alias: its customer was created with it, or a person put it there."


def reason_body(stored: Mapping[str, Any] | None) -> Body:
    """`evidence` is null where values were shared instead of weighed, `shared` where they were weighed."""
    if stored is None:
        return {"against": None, "evidence": None, "shared": None, "sentence": NOT_LINKED}
    if "shared" in stored:
        shared = stored["shared"]
        return {"against": None, "evidence": None, "shared": shared, "sentence": _sharing(shared)}
    weighed = {name: value for name, value in stored.items() if name != "against"}
    evidence = Evidence.from_dict(weighed)
    return {"against": stored.get("against"), "evidence": weighed, "shared": None, "sentence": evidence.sentence()}


def _sharing(shared: Mapping[str, str]) -> str:
    labels = " and ".join(LABELS.get(field, field) for field in shared)
    return f"Same {labels}, and one side is known by contact details alone: linked by rule, not by score."
