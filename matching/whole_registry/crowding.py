"""Telling people which keys so many customers share that they are read in part only. Pure: no Django."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow.parquet as pq

from matching.plan import Plan
from matching.whole_registry.finding import Crowded, Task, Workspace
from matching.whole_registry.statements import SAID, read_back, stored_keys


def labelled(crowded: Sequence[Crowded], space: Workspace, task: Task) -> list[tuple[str, int]]:
    """Each key as people read it, with the customers that share it."""
    examples = {each.example for each in crowded}
    rows = pq.read_table(space.statements_at, columns=SAID.names, filters=[("statement", "in", examples)])
    facts = {each.number: each.facts for batch in rows.to_batches() for each in read_back(batch)}
    plan = Plan.from_model(task.model)
    return [(stored_keys(facts[each.example], plan, task.scope)[each.key], each.customers) for each in crowded]
