"""How the console writes times, scores and weights."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from contacts import clock
from matching.lookups import MOST_COUNTED
from review.console.labels import field_label
from review.console.zones import abbreviation
from review.size import COUNTED

register = template.Library()


# From the largest that fits; a month and a year are those of a glance, not of a calendar.
UNITS = (
    (timedelta(days=365), "y"),
    (timedelta(days=30), "mo"),
    (timedelta(days=1), "d"),
    (timedelta(hours=1), "h"),
    (timedelta(minutes=1), "min"),
)


@register.filter
def age(moment: datetime) -> SafeString:
    """How long something has been waiting, in one unit, with the time itself as its title."""
    return _time(moment, _passed(moment) or "now")


@register.filter
def ago(moment: datetime) -> SafeString:
    """The same, to go on in a sentence with."""
    passed = _passed(moment)
    return _time(moment, f"{passed} ago" if passed else "just now")


@register.filter
def clock_time(moment: datetime) -> str:
    """The time of a day that is near, with its zone, for it stands alone."""
    return f"{timezone.localtime(moment):%H:%M} {abbreviation(moment)}"


@register.filter
def dated(moment: datetime) -> str:
    """A day and the time, with its zone, for it stands alone."""
    local = timezone.localtime(moment)
    return f"{local.day} {local:%b %Y, %H:%M} {abbreviation(moment)}"


def _time(moment: datetime, words: str) -> SafeString:
    title = f"{timezone.localtime(moment):%Y-%m-%d %H:%M} {abbreviation(moment)}"
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), title, words)


def _passed(moment: datetime) -> str:
    """Empty for less than a minute."""
    passed = clock.now() - moment
    return next((f"{passed // unit} {name}" for unit, name in UNITS if passed >= unit), "")


@register.filter
def bits(weight: float | None, digits: int = 1) -> str:
    """A weight with its sign; the minus is the typographic one, as wide as the plus."""
    if weight is None:
        return "0.0"
    return f"{weight:+.{digits}f}".replace("-", "−")


@register.filter
def score(figure: float) -> str:
    """Two digits, cut and not rounded: 0.949 must not read 0.95 beside a threshold that it missed."""
    return f"{int(figure * 100 + 1e-9) / 100:.2f}"


@register.filter
def probability(figure: float) -> str:
    """Four digits, and never a certainty: models have none."""
    return f"{min(max(figure, 0.0001), 0.9999):.4f}"


@register.filter
def field_words(name: str) -> str:
    """A field as the API has it, as people call it."""
    return field_label(name)


@register.filter
def percent(share: float) -> str:
    return f"{100 * share:.2f}"


@register.filter
def lasting(seconds: float) -> str:
    """How long something takes, as people say it."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{max(round(seconds), 1)} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


@register.filter
def about(number: int) -> str:
    """A number as `review.size` gives it: beyond what it counts, to two digits and said to be about that."""
    if number < COUNTED:
        return f"{number:,}"
    coarse = 10 ** (len(str(number)) - 2)
    return f"about {round(number / coarse) * coarse:,}"


@register.filter
def figure(number: int) -> str:
    """A number that was counted so far only; beyond MOST_COUNTED there are more."""
    return f"more than {MOST_COUNTED:,}" if number > MOST_COUNTED else f"{number:,}"
