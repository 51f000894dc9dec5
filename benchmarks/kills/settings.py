"""The settings of `make run` without its demo, in chunks small enough that every kill hits one."""

from identity.settings.development import *  # noqa: F403

DEMO = False
