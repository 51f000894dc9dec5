"""Bytes on their way in: unpacked where they are gzip, cut into blocks of one size, packed again one by one.

A block is packed by itself, so that reading can begin anywhere without reading what comes before.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

BLOCK_BYTES = 1024 * 1024
_GZIP = b"\x1f\x8b"
_GZIP_FORMAT = 31  # zlib's number for "gzip, largest window"
_LEVEL = 1  # a third of the size for a tenth of the time


class NotGzip(ValueError):
    """The bytes begin like gzip and are none, or end too early."""


def pack(block: bytes) -> bytes:
    return zlib.compress(block, _LEVEL)


def unpack(content: bytes) -> bytes:
    return zlib.decompress(content)


class Unpacking:
    """The plain bytes of what is fed: of gzip, of one or several members, or of anything else as it is.

    Never holds more than one block of what a well-packed file unpacks to.
    """

    def __init__(self) -> None:
        self._start = b""
        self._plain: bool | None = None
        self._member = zlib.decompressobj(_GZIP_FORMAT)

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Raises NotGzip."""
        if self._plain is None:
            piece, self._start = self._start + piece, b""
            if len(piece) < len(_GZIP):
                self._start = piece
                return
            self._plain = not piece.startswith(_GZIP)
        if self._plain:
            yield piece
        else:
            yield from self._inflated(piece)

    def finish(self) -> bytes:
        """What was too short to tell. Raises NotGzip where the last member is not whole."""
        if self._plain is False and not self._member.eof:
            raise NotGzip("the gzip file ends in the middle")
        return self._start

    def _inflated(self, piece: bytes) -> Iterator[bytes]:
        try:
            while piece:
                if self._member.eof:
                    piece = piece.lstrip(b"\0")  # some tools pad the end
                    if not piece:
                        return
                    self._member = zlib.decompressobj(_GZIP_FORMAT)
                yield self._member.decompress(piece, BLOCK_BYTES)
                piece = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        except zlib.error as error:
            raise NotGzip("the gzip file is damaged") from error


class Cutting:
    """Blocks of exactly BLOCK_BYTES, of pieces of any size; the last may be shorter."""

    def __init__(self) -> None:
        self._pieces = bytearray()

    def feed(self, piece: bytes) -> Iterator[bytes]:
        self._pieces += piece
        while len(self._pieces) >= BLOCK_BYTES:
            yield bytes(self._pieces[:BLOCK_BYTES])
            del self._pieces[:BLOCK_BYTES]

    def finish(self) -> bytes:
        return bytes(self._pieces)
