"""The jobs of review."""

from __future__ import annotations

from procrastinate.contrib.django import app

from review import figures


@app.periodic(cron="*/5 * * * *")
@app.task(name="figures.refresh", queue="upkeep", queueing_lock="figures.refresh")
def refresh_figures(timestamp: int) -> None:
    figures.refresh()
