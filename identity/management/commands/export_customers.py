"""`manage.py export_customers FILE`: the golden record of each live customer."""

from __future__ import annotations

from contacts.exports.tables import CUSTOMERS
from identity.management.export_command import ExportCommand


class Command(ExportCommand):
    help = "Writes the golden record of every live customer of a tenant."
    table = CUSTOMERS
