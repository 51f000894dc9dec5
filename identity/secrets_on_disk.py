"""Secrets generated once and kept in the data directory: the development key and the demo's passwords."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def kept_secret(directory: Path, name: str, *, length: int = 48) -> str:
    """The secret of that name, made at its first use; `length` in bytes. Only the file's owner can read it.

    Raises ImproperlyConfigured where nothing can be kept.
    """
    path = directory / name
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            with suppress(FileExistsError):
                _write_new(path, secrets.token_urlsafe(length))
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"IDENTITY_DATA_DIR must be a folder to write in: {error}") from error


def _write_new(path: Path, secret: str) -> None:
    """Complete or not at all: another process starting at the same moment must never read an empty secret."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secret)
    try:
        os.link(draft, path)
    finally:
        draft.unlink()
