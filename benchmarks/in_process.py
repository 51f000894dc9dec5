"""Benchmarks that ask the application in their own process, without a network, over a filled registry."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence

import psycopg

from benchmarks import results
from benchmarks.figures import Series, table
from benchmarks.registry import SETTINGS, size_of


def parser(about: str | None) -> argparse.ArgumentParser:
    """With the options that all of them have."""
    made = argparse.ArgumentParser(description=(about or "").split("\n\n")[0])
    url = os.environ.get("DATABASE_URL")
    made.add_argument("--url", default=url, required=not url, help="default: DATABASE_URL")
    made.add_argument("--keep", action="store_true", help="Keep the figures for the report.")
    return made


def tell(name: str, asked: argparse.Namespace, measure: Callable[[psycopg.Connection], Sequence[Series]]) -> None:
    """Set the application up, measure, print the table and, where asked for, keep it."""
    os.environ["DATABASE_URL"] = asked.url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    import django

    django.setup()
    from django.conf import settings

    settings.ANONYMOUS_API, settings.ALLOWED_HOSTS = True, ["*"]
    with psycopg.connect(asked.url, autocommit=True) as connection:
        told = table(measure(connection))
        print(told)
        if asked.keep:
            results.keep_table(name, told, size=size_of(connection))
