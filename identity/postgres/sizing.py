"""How much memory and disk the embedded server may take of the machine that it runs on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil

MEBIBYTE = 1024**2

# In MiB. Shared memory: a quarter of the machine's, which PostgreSQL's manual gives as a start. What indexes do not fit
# into it is fetched from the system page by page, which costs a backend more than finding the row.
LEAST_BUFFERS, MOST_BUFFERS = 128, 8 * 1024
# The log between two checkpoints. The first change of a page after each logs the page whole, and in a large registry a
# row changes several pages of indexes that nobody has changed since.
LEAST_LOG, MOST_LOG = 1024, 8 * 1024

_CONTROL_GROUPS = Path("/sys/fs/cgroup")
_OWN_GROUPS = Path("/proc/self/cgroup")


def sized(memory: int, disk: int) -> dict[str, str]:
    """Settings for so many bytes of memory, and of space left on the disk that the cluster is on."""
    mebibytes = memory // MEBIBYTE
    return {
        "shared_buffers": f"{_within(LEAST_BUFFERS, mebibytes // 4, MOST_BUFFERS)}MB",
        "effective_cache_size": f"{max(LEAST_BUFFERS, mebibytes // 2)}MB",
        "max_wal_size": f"{_within(LEAST_LOG, disk // MEBIBYTE // 10, MOST_LOG)}MB",
    }


def _within(least: int, wished: int, most: int) -> int:
    return max(least, min(wished, most))


def memory(*, groups: Path = _CONTROL_GROUPS, own: Path = _OWN_GROUPS) -> int:
    """Bytes of memory that this process may have: the machine's, or less in a container or service with a limit."""
    return min([psutil.virtual_memory().total, *_limits(groups, own)])


def space(cluster: Path) -> int:
    """Bytes that are left on the disk of the cluster."""
    return shutil.disk_usage(cluster).free


def _limits(groups: Path, own: Path) -> Iterator[int]:
    """Of the control groups that the process is in, of either version of the kernel's interface."""
    try:
        lines = own.read_text().splitlines()
    except OSError:  # no Linux
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            yield from _upwards(groups, path, "memory.max")
        elif "memory" in controllers.split(","):
            yield from _upwards(groups / "memory", path, "memory.limit_in_bytes")


def _upwards(root: Path, path: str, name: str) -> Iterator[int]:
    """What the group and those above it say. A container sees its own group as the root, and no folder of its path."""
    group = root / path.lstrip("/")
    for folder in (group, *group.parents):
        try:
            said = (folder / name).read_text().strip()
        except OSError:
            said = ""
        if said.isdecimal():
            yield int(said)
        if folder == root:
            return
