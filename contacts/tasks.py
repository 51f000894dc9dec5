"""The jobs of contacts."""

from __future__ import annotations

from procrastinate.contrib.django import app

from contacts import positions
from contacts.positions import Course


@app.task(name=positions.JOB, queue="upkeep")
def renew_positions(tenant_id: int, order: str, live: bool) -> None:
    positions.renew(Course(tenant_id, order, live))
