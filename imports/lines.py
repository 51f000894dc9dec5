"""From the bytes of a file to its lines. Pure: no Django."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

BOM = b"\xef\xbb\xbf"
# The most bytes of a line, as of a body of POST /customers.
LONGEST_LINE = 1024 * 1024

Line = tuple[bytes, int]
"""A line without its end, cut off behind LONGEST_LINE, and how many bytes of the file it takes, its end included."""


def lines(blocks: Iterable[bytes]) -> Iterator[Line]:
    rest, dropped = b"", 0
    for block in blocks:
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            yield line[: LONGEST_LINE + 1], len(line) + dropped + 1
            dropped = 0
        if len(rest) > LONGEST_LINE:
            dropped += len(rest) - LONGEST_LINE - 1
            rest = rest[: LONGEST_LINE + 1]
    if rest:
        yield rest, len(rest) + dropped


def too_long(line: bytes) -> bool:
    return len(line) > LONGEST_LINE
