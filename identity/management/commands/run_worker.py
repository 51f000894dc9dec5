"""`manage.py run_worker`: carries out background jobs until it is stopped. Any number of them may run, anywhere."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DEFAULT_DB_ALIAS, connections
from procrastinate.contrib.django import app, connector_params

from identity.listening import PatientConnector
from identity.management import arguments
from identity.tasks import SIGN_OF_LIFE, SILENT
from matching import jobs
from matching.rekeying import DIRECT

QUEUES = ("imports", "indexes", "upkeep")


class Command(BaseCommand):
    help = "Carries out background jobs: imports, indexes of new lookups and models, upkeep. SIGTERM ends it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queues", nargs="+", choices=QUEUES, help="default: all")
        parser.add_argument(
            "--jobs", type=arguments.whole_number(least=1), default=4, help="how many at once; default: 4"
        )
        parser.add_argument("--until-idle", action="store_true", help="end when there is nothing to do")

    def handle(self, *args: Any, **options: Any) -> None:
        jobs.renew_keys()
        # Jobs are fetched through connections of their own, past a pooler: they wait for the database to call.
        alias = DIRECT if DIRECT in connections else DEFAULT_DB_ALIAS
        with app.replace_connector(PatientConnector(kwargs=connector_params(alias))) as working:
            working.run_worker(
                queues=options["queues"],
                concurrency=options["jobs"],
                wait=not options["until_idle"],
                name="registry",
                update_heartbeat_interval=SIGN_OF_LIFE,
                stalled_worker_timeout=SILENT,
            )
