"""Calling the WSGI application itself from a test, which has one connection and one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.signals import request_finished, request_started
from django.db import close_old_connections


@contextmanager
def without_closing_connections() -> Iterator[None]:
    """The end of a request closes its connection, and with it the test's transaction.

    Django's own test client takes the same precaution, for itself alone: inside this block, do not use it.
    """
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
