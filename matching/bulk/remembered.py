"""Customers that earlier chunks of the same file read: most of the namesakes of one chunk are those of the next."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from matching.bulk.known import Known
from matching.bulk.shelf import Id

# So many are kept, 1.7 kB each: of a million customers three in four of those that a chunk reads were read before.
MOST = 50_000


class Remembered:
    """Customers as they were read, none of them held by anybody: each is so still if it has the same version.

    Whatever is read of a customer changes with its version. Kept are those that were asked for last.
    """

    def __init__(self) -> None:
        self._known: dict[Id, Known] = {}

    def among(self, wanted: Collection[Id]) -> dict[Id, Known]:
        """Those of the wanted that are kept."""
        return {pk: known for pk in wanted if (known := self._known.get(pk)) is not None}

    def keep(self, customers: Mapping[Id, Known]) -> None:
        """These were asked for, and are as they were just read."""
        kept = self._known
        for pk in customers:
            kept.pop(pk, None)  # the last to be put in is the last to go
        kept.update(customers)
        for pk in [pk for pk, _ in zip(kept, range(len(kept) - MOST), strict=False)]:
            del kept[pk]
