"""A Chromium for the browser tests: one that is there, Playwright's own, or one installed now."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL_SECONDS = 600


class NoBrowser(RuntimeError):
    """There is no Chromium and none could be installed; the message says what was tried."""


def executable(playwright: Playwright) -> str:
    """Raises NoBrowser."""
    own = Path(playwright.chromium.executable_path)
    if found := _present(own):
        return found
    tried = [_run(command) for command in _ways()]
    if found := _present(own):
        return found
    raise NoBrowser(
        "The console's browser tests need Chromium and found none: not in $CHROMIUM, not on the path"
        f" ({', '.join(NAMES)}), not Playwright's own. Installing one failed:\n" + "\n".join(tried)
    )


def _present(own: Path) -> str | None:
    named = [os.environ.get("CHROMIUM"), *(shutil.which(name) for name in NAMES), str(own)]
    return next((path for path in named if path and Path(path).exists()), None)


def _ways() -> list[list[str]]:
    """Debian's package where this account may install one, Playwright's own build everywhere."""
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        ways.insert(0, ["sh", "-c", "apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium"])
    return ways


def _run(command: list[str]) -> str:
    """The command's last words, for whoever has to find out why there is no browser."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=INSTALL_SECONDS, env=environment, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"  {' '.join(command)}: {error}"
    return f"  {' '.join(command)}: exit {done.returncode}: {(done.stderr or done.stdout).strip()[-400:]}"
