"""Forget the answers kept for repeated requests (`Idempotency-Key`); to be run daily."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from identity.management import arguments
from sources.models import IdempotencyKey


class Command(BaseCommand):
    help = "Forget the answers kept for repeated requests (Idempotency-Key) that are older than a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--hours", type=arguments.hours, default=24, help="Keep answers younger than this (default 24)."
        )

    def handle(self, *args: Any, hours: float, **options: Any) -> None:
        old = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - timedelta(hours=hours))
        self.stdout.write(f"Forgot {old.delete()[0]} kept answers.")
