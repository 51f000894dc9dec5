"""A file comes in, piece by piece, and is kept block by block: never more of it in memory than a block or two."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from itertools import chain

from django.conf import settings
from django.db import transaction

from imports.checking import check
from imports.errors import FileTooLarge, UnreadableFile
from imports.models import Block, Import
from imports.options import Options
from imports.packing import Cutting, NotGzip, Unpacking, pack
from sources.models import Tenant

NAME_LIMIT = 200


class Receiver:
    """Takes one file for a tenant; `close` makes an import of it that waits to be started.

    A receiver that is never closed leaves an import that is `receiving` for ever; imports.tasks sweeps those away.
    """

    def __init__(self, name: str, *, tenant: Tenant, by: str) -> None:
        self.imported = Import.objects.create(tenant=tenant, by=by, name=name[:NAME_LIMIT])
        self._unpacking, self._cutting = Unpacking(), Cutting()
        self._digest = blake2b(digest_size=32)
        self._blocks = 0
        self._limit = int(settings.IMPORT_MAX_BYTES)

    def write(self, piece: bytes) -> None:
        """Raises FileTooLarge, UnreadableFile; nothing of the file is kept then."""
        try:
            for plain in self._unpacking.feed(piece):
                self._take(plain)
        except NotGzip as error:
            self.discard()
            raise UnreadableFile([str(error)]) from error

    def close(self, options: Options) -> Import:
        """The import, checked and ready. Raises UnreadableFile."""
        try:
            self._take(self._unpacking.finish())
        except NotGzip as error:
            self.discard()
            raise UnreadableFile([str(error)]) from error
        if last := self._cutting.finish():
            self._keep(last)
        self.imported.digest = self._digest.hexdigest()
        try:
            return check(self.imported, options)
        except UnreadableFile:
            self.discard()
            raise

    def discard(self) -> None:
        """Leave no trace."""
        with transaction.atomic():
            Block.objects.filter(imported=self.imported).delete()
            Import.objects.filter(pk=self.imported.pk, state=Import.State.RECEIVING).delete()

    def _take(self, plain: bytes) -> None:
        self.imported.size += len(plain)
        if self.imported.size > self._limit:
            self.discard()
            raise FileTooLarge(self._limit)
        self._digest.update(plain)
        for block in self._cutting.feed(plain):
            self._keep(block)

    def _keep(self, block: bytes) -> None:
        Block.objects.create(imported=self.imported, number=self._blocks, content=pack(block))
        self._blocks += 1


def receive(pieces: Iterable[bytes], options: Options, *, name: str, tenant: Tenant, by: str) -> Import:
    """Keep a file and check it. Raises FileTooLarge, UnreadableFile."""
    remaining = iter(pieces)
    first = next(remaining, b"")  # before anything is written: whoever sends nothing leaves nothing
    receiver = Receiver(name, tenant=tenant, by=by)
    for piece in chain([first], remaining):
        receiver.write(piece)
    return receiver.close(options)


def unfinished_twin(imported: Import) -> Import | None:
    """An import of the same file in the same way that was begun and not ended, for whoever would go on with it."""
    begun = Import.objects.of(imported.tenant).filter(
        digest=imported.digest,
        source=imported.source,
        only_source=imported.only_source,
        dry_run=imported.dry_run,
        state__in=[Import.State.QUEUED, Import.State.RUNNING, Import.State.PAUSED, Import.State.FAILED],
    )
    return next((other for other in begun.order_by("pk") if other.columns == imported.columns), None)
