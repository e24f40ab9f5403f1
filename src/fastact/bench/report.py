"""What was measured, as lines for the terminal, as JSON, as Markdown, and as a picture."""

from __future__ import annotations

import json
import math
import platform
import shlex
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from .. import __version__, _dispatch
from .measure import INEXACT, Cell
from .rivals import Rival

COLUMNS = "{:<21} {:<8} {:>8} {:>10} {:>9} {:>7}  {:<20} {:>8}"
KINDS = {"function": "", "backward_from_output": "from y"}  # what a line says of others is their name
TITLES = COLUMNS.format("function", "", "", "", "fastact", "copies", "best rival", "ratio")


def cpu_name() -> str:
    """What the CPU calls itself."""
    try:
        said = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in said.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


@dataclass(frozen=True)
class Machine:
    """Where it was measured, and with what."""

    fastact: str
    instruction_set: str
    cpu: str
    python: str
    numpy: str
    command: str
    threads: int
    rivals: dict[str, str]
    absent: dict[str, str]

    @classmethod
    def here(cls, rivals: list[Rival], absent: dict[str, str], threads: int = 1) -> Machine:
        return cls(
            fastact=__version__,
            instruction_set=_dispatch.INSTRUCTION_SET,
            cpu=cpu_name(),
            python=platform.python_version(),
            numpy=np.__version__,
            command=shlex.join(["fastact", *sys.argv[1:]]),
            threads=threads,
            rivals={rival.name: rival.version for rival in rivals},
            absent=absent,
        )


def threads_of(machine: Machine) -> str:
    return "one thread" if machine.threads == 1 else f"{machine.threads} threads"


def heading(machine: Machine) -> str:
    """What the lines of the table mean."""
    rivals = ", ".join(f"{name} {version}" for name, version in machine.rivals.items())
    absent = "".join(f"\nwithout {name}: {reason}" for name, reason in machine.absent.items())
    return f"""\
fastact {machine.fastact} ({machine.instruction_set}) on {machine.cpu}, {threads_of(machine)}.
Rivals: {rivals}{absent}
Nanoseconds for an element of x, standard normal, the least of calls in turns; softmax and gates by rows of 1,000.
copies: how often np.copyto would copy x in the time. ratio: time of the fastest rival over fastact's;
< marks what fastact loses, ~ a rival that is off by more than {INEXACT:g} ULP somewhere (|x| up to 12, in float16 4).
from y: backward_from_output, which starts from the result y and not from x.

     {TITLES}"""


def line(cell: Cell) -> str:
    """A cell, for the terminal."""
    rival, ratio = "none", ""
    if cell.best:
        inexact = "~" if cell.errors[cell.best] > INEXACT else ""
        rival = f"{cell.best} {cell.nanoseconds(cell.best):.3f}{inexact}"
        ratio = f"{cell.ratio:.2f} {'<' if cell.ratio < 1 else ' '}"
    size, time, copies = cell.place, f"{cell.nanoseconds('fastact'):.3f}", f"{cell.copies:.1f}"
    kind = KINDS.get(cell.kind, cell.kind)
    said = COLUMNS.format(cell.name, kind, cell.dtype, size, time, copies, rival, ratio)
    return "  ".join(
        [said, *(f"{name} {reason}" for name, reason in cell.refused.items() if "wrong" in reason)]
    )


def groups(cells: Iterable[Cell]) -> Iterable[tuple[tuple, list[Cell]]]:
    """Cells of one dtype and size or shape, in the order of measuring."""
    for key, group in groupby(cells, key=lambda cell: (cell.dtype, cell.place)):
        yield key, list(group)


def geometric_mean(values: list[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))


def summary(cells: list[Cell]) -> str:
    """How fastact does over all."""
    said = [""]
    for dtype in dict.fromkeys(cell.dtype for cell in cells):
        for kind in dict.fromkeys(cell.kind for cell in cells):
            ratios = [c.ratio for c in cells if c.best and (c.dtype, c.kind) == (dtype, kind)]
            if ratios:
                lost = sum(ratio < 1 for ratio in ratios)
                mean = geometric_mean(ratios)
                said.append(
                    f"{dtype} {kind}: {mean:.2f} times as fast as the best rival in the geometric mean of "
                    f"{len(ratios)} cells; slower in {lost}"
                )
    return "\n".join(said)


def finite(values: dict[str, float]) -> dict[str, float | None]:
    """For JSON, which knows neither NaN nor infinity."""
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def as_json(machine: Machine, cells: list[Cell]) -> str:
    """Everything that was measured."""
    rows = [
        {
            "function": cell.name,
            "kind": cell.kind,
            "dtype": cell.dtype,
            "size": cell.size,
            "rows": cell.rows,
            "elements": cell.elements,
            "nanoseconds": {name: cell.nanoseconds(name) for name in cell.seconds},
            "ulp": finite(cell.errors),
            "refused": cell.refused,
            "best": cell.best,
            "ratio": cell.ratio if cell.best else None,
        }
        for cell in cells
    ]
    return json.dumps(asdict(machine) | {"cells": rows}, indent=1, allow_nan=False) + "\n"


def markdown_of(cell: Cell | None) -> list[str]:
    """Three columns: fastact, the best rival, the ratio; bold where fastact loses."""
    if cell is None:
        return ["", "", ""]
    time = f"{cell.nanoseconds('fastact'):.2f}"
    if not cell.best:
        return [time, "none", ""]
    inexact = "~" if cell.errors[cell.best] > INEXACT else ""
    ratio = f"{cell.ratio:.2f}"
    return [
        time,
        f"{cell.nanoseconds(cell.best):.2f}{inexact} {cell.best}",
        f"**{ratio}**" if cell.ratio < 1 else ratio,
    ]


def as_markdown(machine: Machine, cells: list[Cell]) -> str:
    """A table for each dtype and size: a row for each function, its kinds side by side."""
    rivals = ", ".join(f"{name} {version}" for name, version in machine.rivals.items())
    said = [
        f"Made by `{machine.command}` on {machine.cpu} ({machine.instruction_set}), {threads_of(machine)}; {rivals}. "
        "Nanoseconds for an element, the fastest rival, and its time over fastact's, bold where fastact is slower; "
        f"~ marks a rival that is off by more than {INEXACT:g} ULP somewhere."
    ]
    for (dtype, place), group in groups(cells):
        found = {(cell.name, cell.kind): cell for cell in group}
        kinds = [*dict.fromkeys(cell.kind for cell in group)]
        titles = [""]
        for kind in kinds:
            titles += [{"function": "f"}.get(kind, kind), "best rival", "ratio"]
        said += ["", f"{place} {dtype}:", "", f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
        for name in dict.fromkeys(cell.name for cell in group):
            columns = [name]
            for kind in kinds:
                columns += markdown_of(found.get((name, kind)))
            said.append(f"| {' | '.join(columns)} |")
    return "\n".join(said) + "\n"


def picture(machine: Machine, dtype: str, place: str, cells: list[Cell]):
    """Bars of fastact and of its best rival for each function, dots for the other rivals; a log scale."""
    from ..plot import BLUE, GRID, INK, ORANGE, new_figure

    kinds = [*dict.fromkeys(cell.kind for cell in cells)]
    widest = max(sum(cell.kind == kind for cell in cells) for kind in kinds)
    figure = new_figure(3 + 0.34 * widest, 3.6 * len(kinds) + 0.6)
    legend = {}  # of all panels: not each has every label
    for panel, kind in zip(figure.subplots(len(kinds), 1, squeeze=False).ravel(), kinds, strict=True):
        shown = [cell for cell in cells if cell.kind == kind]
        at = np.arange(len(shown))
        panel.bar(at - 0.2, [c.nanoseconds("fastact") for c in shown], 0.38, color=BLUE, label="fastact")
        raced = [(k, cell) for k, cell in enumerate(shown) if cell.best]
        panel.bar(
            [k + 0.2 for k, _ in raced],
            [cell.nanoseconds(cell.best) for _, cell in raced],
            0.38,
            color=ORANGE,
            label="best rival",
        )
        others = [(k + 0.2, c.nanoseconds(name)) for k, c in raced for name in c.rivals if name != c.best]
        if others:
            panel.plot(*zip(*others, strict=True), ".", color=INK, markersize=3, label="other rivals")
        copy = [cell.nanoseconds("copyto") for cell in shown]
        panel.axhline(np.median(copy), color=INK, linewidth=1, linestyle="--", label="np.copyto")
        panel.set_yscale("log")
        panel.set_ylim(bottom=min(cell.nanoseconds(name) for cell in shown for name in cell.seconds) / 2)
        panel.set_ylabel("ns an element")
        panel.set_title({"function": "f(x)"}.get(kind, kind), color=INK)
        panel.set_xticks(at, [cell.name for cell in shown], rotation=60, ha="right", fontsize=8)
        panel.set_xlim(-0.7, len(shown) - 0.3)
        panel.grid(axis="y", color=GRID, linewidth=0.6)
        panel.set_axisbelow(True)
        handles, labels = panel.get_legend_handles_labels()
        legend |= dict(zip(labels, handles, strict=True))
    figure.suptitle(f"{place} {dtype}, {threads_of(machine)}", color=INK)
    columns = 4 if widest > 10 else 2
    figure.legend(legend.values(), legend, loc="outside lower center", ncols=columns, frameon=False)
    return figure


def write(folder: Path, machine: Machine, cells: list[Cell]) -> None:
    """Write results.json, table.md and a picture for each dtype and size."""
    for name, text in (("results.json", as_json(machine, cells)), ("table.md", as_markdown(machine, cells))):
        (folder / name).write_text(text, encoding="utf-8")
        print(f"wrote {folder / name}")
    for (dtype, place), group in groups(cells):
        path = folder / f"{dtype}-{place.replace(',', '').replace(':', '-axis')}.png"
        try:
            picture(machine, dtype, place, group).savefig(path, dpi=150)
        except ImportError as error:
            print(f"no picture: {error}")
            return
        print(f"wrote {path}")
