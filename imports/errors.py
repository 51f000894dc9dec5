"""What the verbs of an import refuse."""

from __future__ import annotations

from contacts.errors import Conflict, DomainError, InvalidBody, NotFound


class ImportNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("Import not found")


class FileTooLarge(DomainError):
    """More bytes, unpacked, than settings.IMPORT_MAX_BYTES."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The file is larger than {limit:,} bytes unpacked")


class UnreadableFile(InvalidBody):
    """It is no file of records, or the columns do not fit it; nothing of it is kept."""


class FileGone(Conflict):
    def __init__(self) -> None:
        super().__init__("The file of this import is kept no longer: send it again")


class WrongState(Conflict):
    """What was asked for cannot be done in the state the import is in."""

    def __init__(self, action: str, state: str) -> None:
        super().__init__(f"An import that is {state} cannot be {action}")
