"""The backend itself: Django looks for it in a module of this name."""

from __future__ import annotations

from datetime import UTC
from select import POLLIN, poll
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from django.db.backends.postgresql import base, features, operations
from psycopg import Connection, Error
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool

from identity.database.timestamps import with_quick_timestamps

# Seconds without use after which a firewall or a router on the way may have forgotten a connection, unseen from here.
ASK_AFTER = 30

OLDEST_POSTGRES = 15

_given_back: WeakKeyDictionary[Connection, float] = WeakKeyDictionary()


class DatabaseFeatures(features.DatabaseFeatures):
    """Whoever connects to an older server is told so, by whatever command."""

    minimum_database_version = (OLDEST_POSTGRES,)


class DatabaseOperations(operations.DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str:
        """What Django logs and its tests count. A prepared statement travels without its text: then as it was asked."""
        return super().last_executed_query(cursor, sql, params) or str(sql)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that broke while nobody used it is replaced before a request gets it."""

    features_class = DatabaseFeatures
    ops_class = DatabaseOperations
    _connected = False

    def connect(self) -> None:
        """Every request is lent a connection: what Django works out for each is known since the first."""
        if self.pool and self._connected:
            self._begin_anew()
            self.connection = self._lent()
        else:
            super().connect()
            self._connected = True

    def _begin_anew(self) -> None:
        """As Django does it before it connects. When to close it stays: at the end of the request."""
        self.in_atomic_block = self.needs_rollback = self.closed_in_transaction = self.errors_occurred = False
        self.savepoint_ids, self.atomic_blocks, self.run_on_commit = [], [], []
        self.health_check_done = self.autocommit = True

    def get_connection_params(self) -> dict[str, Any]:
        parameters: dict[str, Any] = super().get_connection_params()
        if self.timezone is UTC:
            parameters["context"] = with_quick_timestamps(parameters["context"])
        return parameters

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        if self.pool:
            _open(self.pool)
        connection: Connection = super().get_new_connection(conn_params)
        return self._whole(connection) if self.pool else connection

    def _lent(self) -> Connection:
        pool = self.pool
        _open(pool)
        connection = self._whole(pool.getconn())
        if not connection.autocommit:
            connection.autocommit = True
        return connection

    def _whole(self, connection: Connection) -> Connection:
        """This one, or the next that is not broken."""
        while not _is_whole(connection):
            connection.close()
            self.pool.putconn(connection)
            connection = self.pool.getconn()
        return connection

    def set_autocommit(self, autocommit: bool, force_begin_transaction_with_broken_autocommit: bool = False) -> None:
        """As Django begins and ends every transaction, without what is done for the log and for other databases."""
        if self.connection is None or self.queries_logged or self.run_on_commit:
            super().set_autocommit(autocommit, force_begin_transaction_with_broken_autocommit)
            return
        self.validate_no_atomic_block()
        self._set_autocommit(autocommit)
        self.autocommit, self.run_commit_hooks_on_set_autocommit_on = autocommit, False

    def _set_autocommit(self, autocommit: bool) -> None:
        """Each connection lent is told what it is already, which psycopg takes a lock and a generator for."""
        if self.connection is None or self.connection.autocommit != autocommit:
            super()._set_autocommit(autocommit)  # type: ignore[misc]  # which the stubs do not know

    def _commit(self) -> None:
        """Nothing, where a statement has done it on its way (sources.round_trips): no more would psycopg do."""
        idle = self.connection is not None and self.connection.pgconn.transaction_status == TransactionStatus.IDLE
        if self.queries_logged or not idle:
            super()._commit()  # type: ignore[misc]  # which the stubs do not know

    def close_if_unusable_or_obsolete(self) -> None:
        """At the end of a request. Whatever state it is in, the pool takes it back, and replaces it if it is broken.

        Without a connection the pool is not even asked for: it would be made, for a database that may yet be another.
        """
        if self.connection is not None and self.pool:
            self.close()
        else:
            super().close_if_unusable_or_obsolete()

    def _close(self) -> None:
        if self.connection is None or not self.pool:
            super()._close()  # type: ignore[misc]  # which the stubs do not know
            return
        connection, self.connection = self.connection, None
        _given_back[connection] = monotonic()
        with self.wrap_database_errors:
            # To the pool it is from: tests put another in its place.
            connection._pool.putconn(connection)


class LastFirst(ConnectionPool[Any]):
    """Lends the connection that came back last; the one that has rested longest is closed when fewer are needed.

    psycopg's own lends them in turn. Each is a process of the database's with caches of its own, and the one that
    worked last has them in those of the processor.
    """

    def _get_ready_connection(self, timeout: float | None) -> Connection[Any] | None:
        self._pool.rotate()  # the last one to where it is taken from
        return super()._get_ready_connection(timeout)


def _open(pool: ConnectionPool[Any]) -> None:
    """Once: whoever is lent a connection calls it. Which class a pool is of, Django does not ask."""
    if pool.closed:
        pool.__class__ = LastFirst
        pool.open()


def _is_whole(connection: Connection) -> bool:
    """A server that ends says so to each of its connections: as long as nothing has come, there is nobody to ask."""
    if monotonic() - _given_back.get(connection, 0) < ASK_AFTER and not _has_been_sent(connection):
        return True
    try:
        connection.execute("")
    except Error:
        return False
    return True


def _has_been_sent(connection: Connection) -> bool:
    waiting = poll()
    waiting.register(connection.fileno(), POLLIN)
    return bool(waiting.poll(0))
