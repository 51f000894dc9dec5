"""Spark, on a cluster or in local processes. Pure Python travels to the executors; jellyfish must be there already."""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import contacts.normalisation.similarity
import matching.whole_registry.similarity
from matching.model_definition import ModelDefinition
from matching.whole_registry.engine import EngineMissing, predicted
from matching.whole_registry.java import java_environment
from matching.whole_registry.similarity import similarities
from matching.whole_registry.splink_model import SIMILARITY, least_weight, splink_settings

_PYTHON = "spark.pyspark.python"
_FAILED = "stage failure"


class SparkEngine:
    name = "spark"

    def __init__(self, scratch: Path, *, master: str, memory: str | None = None, conf: Mapping[str, str]) -> None:
        """`scratch` must be a directory that the executors see as well. Raises EngineMissing."""
        try:
            from pyspark.sql import SparkSession
            from pyspark.sql.functions import arrow_udf
            from splink.backends.spark import SparkAPI
        except ModuleNotFoundError as error:
            raise EngineMissing("Spark or Splink is not installed: pip install '.[whole-registry,spark]'") from error
        local = master.startswith("local")  # local-cluster[…], too
        os.environ.update(java_environment() | _python(conf, local=local))
        builder = SparkSession.builder.appName("identity-registry").master(master)
        for name, value in {**_defaults(scratch, memory, local=local), **conf}.items():
            builder = builder.config(name, value)
        self._spark = builder.getOrCreate()
        self._spark.sparkContext.setLogLevel("ERROR")
        self._spark.sparkContext.setCheckpointDir(str(scratch / "checkpoints"))
        self._spark.sparkContext.addPyFile(str(_packed(scratch)))
        self._spark.udf.register(SIMILARITY, arrow_udf(similarities, "double"))
        self._check_executors()
        self._splink = SparkAPI(spark_session=self._spark, register_udfs_automatically=False)

    def _check_executors(self) -> None:
        """Before an hour's work rather than after it: their Python is another one."""
        from py4j.protocol import Py4JJavaError
        from pyspark.errors import PythonException

        try:
            self.rows(f"SELECT {SIMILARITY}('a', 'a')")
        except (PythonException, Py4JJavaError) as error:
            self.close()
            raise EngineMissing(
                f"The executors cannot compare: {_reason(str(error))}. Their Python must be of this minor version and"
                f" have jellyfish and pyarrow; --conf {_PYTHON}=… says which it is."
            ) from error

    def read(self, table: str, *directories: Path) -> None:
        self._spark.read.parquet(*map(str, directories)).createOrReplaceTempView(table)

    def make(self, table: str, sql: str) -> None:
        if self._spark.catalog.tableExists(table):
            self.drop(table)
        self._spark.sql(sql).persist().createOrReplaceTempView(table)

    def view(self, table: str, sql: str) -> None:
        self._spark.sql(sql).createOrReplaceTempView(table)

    def similar(self, left: str, right: str, least: float) -> str:
        return f"({left} IS NOT NULL AND {right} IS NOT NULL)"

    def score(self, pairs: str, statements: str, model: ModelDefinition) -> str:
        from splink import Linker

        compared = self._splink.register(self._spark.table(statements))
        linker = Linker(compared, splink_settings(model), log_level=None)
        found = self._splink.register(self._spark.table(pairs))
        return str(predicted(linker, found, least_weight=least_weight(model)).physical_name)

    def drop(self, table: str) -> None:
        self._spark.table(table).unpersist()
        self._spark.catalog.dropTempView(table)

    def write(self, sql: str, to: Path) -> None:
        self._spark.sql(sql).write.parquet(str(to))

    def count(self, table: str) -> int:
        return int(self._spark.table(table).count())

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._spark.sql(sql).collect()]

    def close(self) -> None:
        self._spark.stop()


def _python(conf: Mapping[str, str], *, local: bool) -> dict[str, str]:
    """Spark takes the executors' Python from the environment; its setting of that name counts for spark-submit only."""
    python = conf.get(_PYTHON) or os.environ.get("PYSPARK_PYTHON") or (sys.executable if local else "")
    return {"PYSPARK_PYTHON": python} if python else {}


def _reason(told: str) -> str:
    """The error itself: what a report from Python ends with, or one from Java says of the job that failed."""
    lines = told.strip().splitlines()
    line = next((each for each in lines if _FAILED in each), lines[-1])
    return line.rpartition("Exception: ")[2]


def _defaults(scratch: Path, memory: str | None, *, local: bool) -> dict[str, str]:
    quiet = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    # Spark's own place is the folder that the command was given in.
    quiet["spark.sql.warehouse.dir"] = str(scratch / "warehouse")
    # On one machine nobody else is to be reached, and a few partitions do.
    alone = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"} if local else {}
    return {**quiet, **alone, **({"spark.driver.memory": memory} if memory else {})}


def _packed(scratch: Path) -> Path:
    """The modules that executors need; they import nothing but each other and jellyfish."""
    archive = scratch / "registry_similarity.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for module in (contacts.normalisation.similarity, matching.whole_registry.similarity):
            *packages, name = module.__name__.split(".")
            for depth in range(1, len(packages) + 1):
                packed.writestr("/".join([*packages[:depth], "__init__.py"]), "")
            packed.write(str(module.__file__), "/".join([*packages, f"{name}.py"]))
    return archive
