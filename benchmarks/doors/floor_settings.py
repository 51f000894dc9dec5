"""The development settings with the floor's one address instead of the service's."""

from identity.settings.development import *  # noqa: F403

ROOT_URLCONF = "benchmarks.doors.floor"
