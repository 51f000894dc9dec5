"""The web server as a process of its own: started, watched and stopped."""

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

HOST = "127.0.0.1"
APPLICATION = "identity.wsgi:application"
START_SECONDS = 60
STOP_SECONDS = 15
THREADS = 8  # per worker; requests wait for the database more than they compute
PR_SET_PDEATHSIG = 1  # Linux, prctl(2)


class CannotServe(RuntimeError):
    """The web server cannot be started; the message is one line for whoever ran the command."""


def check_port(port: int) -> None:
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still fading away counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError as error:
            raise CannotServe(f"Port {port} needs more rights than this account has; choose one above 1023.") from error
        except (OSError, OverflowError) as error:
            raise CannotServe(
                f"Port {port} is in use or not a port. Stop what listens there, or choose another: PORT=8001 make run"
            ) from error


@contextmanager
def port_held(port: int) -> Iterator[None]:
    """While it starts and runs, no other `make run` of this account takes the same port.

    The port itself does not keep two apart that start at once: until a server listens it is free, and servers share it
    then (SO_REUSEPORT). The lock ends with this process, however that ends.
    """
    path = Path(tempfile.gettempdir()) / f"identity-registry-{os.getuid()}-port-{port}.lock"
    with path.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotServe(
                f"Port {port} is taken: another `make run` is starting or running there. "
                "Stop it, or choose another: PORT=8001 make run"
            ) from error
        yield


@contextmanager
def web_server(
    port: int, application: str = APPLICATION, environment: Mapping[str, str] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """Accepts connections inside the block. At its end, requests under way are finished and all workers are gone."""
    counted = tempfile.TemporaryDirectory(prefix="identity-registry-metrics-")
    process = subprocess.Popen(
        _command(port, application),
        env=server_environment(environment or os.environ, counted=counted.name),
        process_group=0,  # Ctrl-C reaches this process alone, which then stops the server in good order
        preexec_fn=end_with_parent if sys.platform == "linux" else None,
    )
    try:
        _wait_until_listening(process, port)
        yield process
    finally:
        _stop(process)
        counted.cleanup()


def server_environment(environment: Mapping[str, str], *, counted: str) -> dict[str, str]:
    """A connection for each thread where nobody said how many; `counted` is where the processes count together."""
    return {"DATABASE_POOL_SIZE": str(THREADS), **environment, "PROMETHEUS_MULTIPROC_DIR": counted}


def _command(port: int, application: str) -> list[str]:
    settings = {
        "interface": "wsgi",
        "host": HOST,
        "port": str(port),
        "workers": str(min(os.cpu_count() or 1, 8)),
        "blocking-threads": str(THREADS),
        "workers-kill-timeout": "10",
        "log-level": "error",
    }
    options = [word for name, value in settings.items() for word in (f"--{name}", value)]
    return [sys.executable, "-m", "granian", *options, "--respawn-failed-workers", application]


def end_with_parent() -> None:
    """Even when this process is killed outright, the server ends and frees its port."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait_until_listening(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise CannotServe(f"The web server ended while starting (exit code {process.returncode}).")
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise CannotServe(f"The web server did not answer within {START_SECONDS} seconds.")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Its workers do not notice when the process over them is killed: they would keep the port, and answer nobody."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
