"""The executors of Spark have a Python of their own: one that cannot compare is told before the work, not after it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from matching.whole_registry.engine import EngineMissing
from matching.whole_registry.on_spark import SparkEngine
from tests.matching.whole_registry.engines import SMALL


@pytest.fixture
def bare_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One without any package."""
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    ("python", "reason"), [("python", "No module named 'pyarrow'"), ("none-such", "Cannot run program")]
)
def test_a_python_that_cannot_compare_is_told_at_once(
    tmp_path: Path, bare_python: Path, python: str, reason: str
) -> None:
    conf = SMALL | {"spark.pyspark.python": str(bare_python.with_name(python)), "spark.task.maxFailures": "1"}
    with pytest.raises(EngineMissing, match=reason) as told:
        SparkEngine(tmp_path, master="local[1]", memory="600m", conf=conf)
    assert len(str(told.value).splitlines()) == 1
    assert "spark.pyspark.python" in str(told.value)
