"""What the embedded server is told: its settings and who may connect."""

import os
import pwd
from pathlib import Path

from identity.postgres.sizing import memory, sized, space

ROLE = "identity"
DATABASE = "identity"

SETTINGS = {
    "listen_addresses": "",  # the socket only: no port to collide with, nothing to reach from the network
    "max_connections": "100",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",  # solid state disks
    "checkpoint_timeout": "15min",  # unless there is as much to log before that: see sizing.py
    "jit": "off",  # statements here are short; compiling them costs more than it saves
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",  # a week, then overwritten
    "log_truncate_on_rotation": "on",
    # No values in the log: neither the DETAIL of a violated constraint nor the text of the statement.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}

# For a cluster that is deleted after use: quick, small, and lost with the machine's power.
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "2GB",
}


def configure(cluster: Path, *, sockets: Path, durable: bool) -> None:
    """Written at every start, so that an older cluster gets today's settings and a moved one today's paths."""
    settings = SETTINGS | (sized(memory(), space(cluster)) if durable else THROWAWAY)
    settings["unix_socket_directories"] = '"' + str(sockets).replace('"', '""') + '"'
    settings["unix_socket_permissions"] = "0700"
    lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in settings.items()]
    (cluster / "postgresql.conf").write_text("\n".join(lines) + "\n")
    # `peer`: the kernel tells the server which account connects. Only the one that started it is let in.
    (cluster / "pg_hba.conf").write_text(f"local all {ROLE} peer map=owner\n")
    (cluster / "pg_ident.conf").write_text(f'owner "{pwd.getpwuid(os.geteuid()).pw_name}" {ROLE}\n')
