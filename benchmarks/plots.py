"""Pictures of what was measured, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

Row = Mapping[str, Any]
SIZE = (8, 4.2)  # inches
# A picture is the same file for the same figures.
mpl.rcParams["svg.hashsalt"] = "identity-registry"


def flatness(rows: Sequence[Row], path: Path) -> None:
    """The 99th percentile of each door over the size of the registry, for the largest number of clients."""
    clients = max(row["clients"] for row in rows)
    figure = plt.figure(figsize=SIZE)
    axes = figure.subplots()
    for door in sorted({row["door"] for row in rows}):
        own = sorted((r for r in rows if r["door"] == door and r["clients"] == clients), key=lambda row: row["size"])
        axes.plot([row["size"] for row in own], [row["p99"] for row in own], marker="o", label=door)
    axes.set(xscale="log", xlabel="customers in the registry", ylabel=f"p99 in ms, {clients} clients", ylim=(0, None))
    _finish(figure, axes, path)


def shares(rows: Sequence[Row], path: Path) -> None:
    """The rate of each door as a share of the floor, for each size, for the largest number of clients."""
    clients = max(row["clients"] for row in rows)
    doors = sorted({row["door"] for row in rows})
    sizes = sorted({row["size"] for row in rows})
    figure = plt.figure(figsize=SIZE)
    axes = figure.subplots()
    height = 0.8 / len(sizes)
    for place, size in enumerate(sizes):
        found = {r["door"]: r["of_floor"] for r in rows if r["size"] == size and r["clients"] == clients}
        at = [number + place * height for number, door in enumerate(doors) if door in found]
        axes.barh(at, [found[door] for door in doors if door in found], height, label=f"{size:,} customers")
    axes.set_yticks([number + 0.4 - height / 2 for number in range(len(doors))], doors)
    axes.set(xlabel=f"requests a second beside the server's floor, {clients} clients")
    _finish(figure, axes, path)


def _finish(figure: Figure, axes: Axes, path: Path) -> None:
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize="small")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)
