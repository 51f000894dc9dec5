"""`manage.py export_crosswalk FILE`: which customer each live source record belongs to."""

from __future__ import annotations

from contacts.exports.tables import CROSSWALK
from identity.management.export_command import ExportCommand


class Command(ExportCommand):
    help = "Writes source_system, source_key and customer_id of every live source record of a tenant."
    table = CROSSWALK
