"""How the console writes times, scores and weights."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from contacts import clock

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
def ago(moment: datetime | None) -> SafeString | str:
    """How long ago, in one unit, with the time itself as its title."""
    if moment is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), f"{moment:%Y-%m-%d %H:%M} UTC", _passed(moment)
    )


def _passed(moment: datetime) -> str:
    passed = clock.now() - moment
    for unit, name in UNITS:
        if passed >= unit:
            return f"{passed // unit} {name}"
    return "now"


@register.filter
def bits(weight: float | None) -> str:
    """A weight with its sign; the minus is the typographic one, as wide as the plus."""
    if weight is None:
        return "0.0"
    return f"{weight:+.1f}".replace("-", "−")


@register.filter
def score(figure: float) -> str:
    """Two digits, cut and not rounded: 0.949 must not read 0.95 beside a threshold that it missed."""
    return f"{int(figure * 100 + 1e-9) / 100:.2f}"


@register.filter
def percent(share: float) -> str:
    return f"{100 * share:.2f}"
