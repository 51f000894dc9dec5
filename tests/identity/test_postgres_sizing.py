"""What the embedded server takes of the machine's memory and disk."""

from pathlib import Path

import psutil
import psycopg
import pytest

from identity.postgres import EmbeddedPostgres
from identity.postgres.sizing import memory, sized, space
from tests.identity.test_postgres import directory as directory

GIBIBYTE = 1024**3


@pytest.mark.parametrize(
    ("gibibytes", "buffers", "cache"),
    [
        (0.25, "128MB", "128MB"),
        (0.5, "128MB", "256MB"),
        (1, "256MB", "512MB"),
        (24, "6144MB", "12288MB"),
        (32, "8192MB", "16384MB"),
        (256, "8192MB", "131072MB"),
    ],
)
def test_it_takes_a_quarter_of_the_memory_within_bounds(gibibytes: float, buffers: str, cache: str) -> None:
    settings = sized(int(gibibytes * GIBIBYTE), GIBIBYTE)
    assert (settings["shared_buffers"], settings["effective_cache_size"]) == (buffers, cache)


@pytest.mark.parametrize(
    ("gibibytes", "log"), [(0.5, "1024MB"), (10, "1024MB"), (30, "3072MB"), (80, "8192MB"), (999, "8192MB")]
)
def test_its_log_takes_a_tenth_of_what_is_left_on_the_disk_within_bounds(gibibytes: float, log: str) -> None:
    assert sized(GIBIBYTE, int(gibibytes * GIBIBYTE))["max_wal_size"] == log


@pytest.mark.parametrize(
    ("membership", "files", "expected"),
    [
        (
            "0::/app.slice/registry.service",
            {"app.slice/memory.max": "536870912", "app.slice/registry.service/memory.max": "max"},
            536870912,
        ),
        ("0::/", {"memory.max": "268435456"}, 268435456),
        ("0::/", {"memory.max": "max"}, None),
        ("0::/", {}, None),
        # A container of Docker under the first version of the kernel's interface: its path is the host's.
        ("5:cpu:/\n4:memory:/docker/5f3a", {"memory/memory.limit_in_bytes": "134217728"}, 134217728),
        ("4:cpu,memory:/", {"memory/memory.limit_in_bytes": "9223372036854771712"}, None),
    ],
)
def test_the_memory_is_what_a_container_or_service_may_have(
    tmp_path: Path, membership: str, files: dict[str, str], expected: int | None
) -> None:
    groups, own = tmp_path / "groups", tmp_path / "own"
    own.write_text(membership + "\n")
    for name, said in files.items():
        (groups / name).parent.mkdir(parents=True, exist_ok=True)
        (groups / name).write_text(said + "\n")
    assert memory(groups=groups, own=own) == (expected or psutil.virtual_memory().total)


def test_the_memory_is_the_machine_s_where_the_kernel_knows_no_groups(tmp_path: Path) -> None:
    assert memory(groups=tmp_path, own=tmp_path / "none") == psutil.virtual_memory().total


@pytest.mark.parametrize("durable", [True, False])
def test_the_server_is_told_so_unless_it_is_thrown_away(directory: Path, durable: bool) -> None:
    postgres = EmbeddedPostgres(directory, durable=durable)
    with postgres.running(), psycopg.connect(postgres.url) as connection:
        row = connection.execute("SELECT pg_size_bytes(current_setting('shared_buffers'))").fetchone()
    wanted = sized(memory(), space(postgres.cluster))["shared_buffers"] if durable else "128MB"
    assert row == (int(wanted.removesuffix("MB")) * 1024**2,)
