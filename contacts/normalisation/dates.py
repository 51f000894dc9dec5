"""Points in time and calendar days as JSON carries them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_instant(value: object) -> datetime:
    """An ISO 8601 date or date-time, or a number of milliseconds since 1970, as UTC.

    A date alone is its midnight; a time without an offset is UTC. Years 1 to 9999. Raises ValueError for anything
    else, days that no calendar has (30 February) among them.
    """
    moment = _read(value)
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as beyond_the_calendar:
        raise ValueError(f"beyond the years 1 to 9999: {value!r}") from beyond_the_calendar


def parse_day(value: object) -> date:
    """The calendar day as written, whatever the offset of the time beside it (a birthday does not move)."""
    return _read(value).date()


def _read(value: object) -> datetime:
    if isinstance(value, str):
        return datetime.fromisoformat(value.strip())
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return _EPOCH + timedelta(milliseconds=value)
        except OverflowError as beyond_the_calendar:
            raise ValueError(f"beyond the years 1 to 9999: {value!r}") from beyond_the_calendar
    raise ValueError(f"neither ISO 8601 nor milliseconds: {value!r}")
