"""How a file is to be read: what whoever sends it may choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sources.models import SourceSystem


@dataclass(frozen=True, slots=True)
class Options:
    """`format` and what `mapping` leaves out are found in the file itself.

    `mapping`: CSV column -> field of a record (imports.columns.FIELDS), an empty one to leave a column out. `source`:
    whose records are that name none. `only_source`: the only one whose records are taken. `columns_follow`: what the
    columns are is said later (imports.previewing.choose), so that none need be known by its name yet.
    """

    format: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    source: SourceSystem | None = None
    only_source: SourceSystem | None = None
    dry_run: bool = False
    columns_follow: bool = False
