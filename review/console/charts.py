"""Where things are in the pictures of the quality page: numbers in, places out. The templates draw them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from review.figures import Bin, Month, Share, Week

WIDTH = 640
HEIGHT = 200
LEFT = 40
BOTTOM = 24
TOP = 12
_ROOM = HEIGHT - TOP - BOTTOM


def _y(share: float) -> float:
    """`share` of the height that a picture has for its values, from 0 at the bottom to 1 at the top."""
    return round(TOP + (1 - share) * _ROOM, 1)


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    style: str
    points: str
    end: float


@dataclass(frozen=True, slots=True)
class Label:
    x: float
    text: str


@dataclass(frozen=True, slots=True)
class LineChart:
    """Rates from `floor` to 1 by month. `rungs` are heights with their words."""

    lines: Sequence[Line]
    labels: Sequence[Label]
    rungs: Sequence[tuple[float, str]]


def rates(months: Sequence[Month]) -> LineChart:
    """Precision, recall and F1; the scale begins below the lowest of them, at a multiple of 0.02."""
    read: tuple[tuple[str, str, Callable[[Month], float]], ...] = (
        ("Precision", "first", lambda month: month.quality.precision),
        ("Recall", "second", lambda month: month.quality.recall),
        ("F1", "third", lambda month: month.quality.f1),
    )
    lowest = min(rate(month) for _, _, rate in read for month in months)
    floor = max(0, min(int(lowest * 50) - 1, 48)) / 50
    step = (WIDTH - LEFT - 24) / max(len(months) - 1, 1)
    lines = [_line(name, style, [rate(month) for month in months], floor, step) for name, style, rate in read]
    labels = [Label(round(LEFT + place * step, 1), _month(month.month)) for place, month in enumerate(months)]
    rungs = [(_y(share), f"{floor + share * (1 - floor):.2f}") for share in (0, 0.5, 1)]
    return LineChart(lines, labels[::-2], rungs)


def _line(name: str, style: str, values: Sequence[float], floor: float, step: float) -> Line:
    heights = [_y((value - floor) / (1 - floor)) for value in values]
    points = " ".join(f"{LEFT + place * step:.1f},{y}" for place, y in enumerate(heights))
    return Line(name, style, points, heights[-1])


def _month(day: date) -> str:
    return f"{day:%b %y}"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of two parts, one upon the other, each with its top and height."""

    x: float
    width: float
    lower: tuple[float, float]
    upper: tuple[float, float]
    title: str


@dataclass(frozen=True, slots=True)
class ColumnChart:
    columns: Sequence[Column]
    most: int
    marks: Sequence[Label] = ()


def histogram(bins: Sequence[Bin], *, match: float, review: float) -> ColumnChart:
    """Scores from the lowest bin in use on, with both thresholds; heights by the square root, so that few show."""
    used = [place for place, each in enumerate(bins) if each.linked or each.proposed]
    shown = bins[min(used, default=0) :] if used else bins
    low = shown[0].low
    unit = (WIDTH - LEFT - 16) / (1 - low)
    most = max((each.linked + each.proposed for each in shown), default=0)
    columns = [
        _column(
            LEFT + (each.low - low) * unit,
            (each.high - each.low) * unit - 2,
            each.linked,
            each.proposed,
            f"{each.low:.2f} to {each.high:.2f}: {each.linked} linked, {each.proposed} proposed",
            lambda number: (number / most) ** 0.5 if most else 0.0,
        )
        for each in shown
    ]
    marks = [Label(round(LEFT + (value - low) * unit, 1), f"{value:g}") for value in (review, match) if value >= low]
    return ColumnChart(columns, most, marks)


def throughput(weeks: Sequence[Week]) -> ColumnChart:
    step = (WIDTH - LEFT - 16) / max(len(weeks), 1)
    most = max((week.same + week.other for week in weeks), default=0)
    columns = [
        _column(
            LEFT + place * step,
            step - 6,
            week.same,
            week.other,
            f"Week of {week.begins:%-d %b %Y}: {week.same} same, {week.other} not the same",
            lambda number: number / most if most else 0.0,
        )
        for place, week in enumerate(weeks)
    ]
    marks = [Label(round(LEFT + place * step, 1), f"{week.begins:%-d %b}") for place, week in enumerate(weeks)]
    return ColumnChart(columns, most, marks[::2])


def _column(x: float, width: float, lower: int, upper: int, title: str, share: Callable[[int], float]) -> Column:
    middle, top = _y(share(lower)), _y(share(lower + upper))
    base = _y(0)
    return Column(round(x, 1), round(width, 1), (middle, round(base - middle, 1)), (top, round(middle - top, 1)), title)


@dataclass(frozen=True, slots=True)
class Strip:
    """A source's records as one strip: parts of a hundred with where each begins."""

    share: Share
    y: int
    parts: Sequence[tuple[str, float, float]]


STRIP_HEIGHT = 28
STRIP_LEFT = 120


def strips(shares: Sequence[Share]) -> list[Strip]:
    return [_strip(share, place) for place, share in enumerate(shares)]


def _strip(share: Share, place: int) -> Strip:
    unit = (WIDTH - STRIP_LEFT) / max(share.total, 1)
    parts, x = [], float(STRIP_LEFT)
    for style, number in (("first", share.linked), ("third", share.proposed), ("rest", share.new)):
        parts.append((style, round(x, 1), round(number * unit, 1)))
        x += number * unit
    return Strip(share, place * STRIP_HEIGHT, parts)
