"""The embedded PostgreSQL server, for an installation that names none in DATABASE_URL. See docs/adr/0001."""

from identity.postgres.server import EmbeddedPostgres as EmbeddedPostgres
from identity.postgres.server import PostgresUnavailable as PostgresUnavailable
