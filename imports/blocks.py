"""A kept file, from any byte on."""

from __future__ import annotations

from collections.abc import Iterator

from imports.models import Block, Import
from imports.packing import BLOCK_BYTES, unpack


def stored(imported: Import, position: int = 0) -> Iterator[bytes]:
    """The file's bytes from this one on, block by block."""
    number, skipped = divmod(position, BLOCK_BYTES)
    while True:
        content = Block.objects.filter(imported=imported, number=number).values_list("content", flat=True).first()
        if content is None:
            return
        yield unpack(bytes(content))[skipped:]
        number, skipped = number + 1, 0
