"""`fastact bench`: how fast fastact is beside every rival that is installed, measured in one process."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np

from .. import activations
from .._cli import SIZES, CannotRun, require_folder
from .._lookup import unknown
from .._threads import get_num_threads, set_num_threads
from .measure import Bench
from .pairs import NAMES, PAIRS, ROW_NAMES, ROW_SHAPES, Pair, row_pairs
from .report import Machine, heading, line, summary, write
from .rivals import LIBRARIES, Rival, load


def canonical(name: str) -> str:
    """The name in the benchmark of a function that a user names."""
    key = name.lower()
    key = activations.ALIASES.get(key, key)
    if key not in NAMES:
        raise CannotRun(unknown("function", name, NAMES, activations.ALIASES))
    return key


def every_job(rows: bool, sizes: list[int]) -> Iterator[tuple[Pair, int | tuple[int, ...]]]:
    """Each pair with each size at which it can be measured; over rows, with each shape along whose axes it is."""
    if not rows:
        yield from ((pair, size) for size in sizes for pair in PAIRS if size > 1 or not pair.halves)
        return
    for shape in ROW_SHAPES:
        for axis in (-1, 0 if len(shape) == 2 else 1):
            yield from ((pair, shape) for pair in row_pairs(axis))


def why_nothing(name: str, kinds: list[str]) -> str:
    """Why there is nothing to measure of a function, and what there would be."""
    there = [pair.kind for pair in PAIRS if pair.name == name and pair.kind != "derivative"]
    if not {*kinds} & {*there}:
        return f"{name!r} has no {' or '.join(dict.fromkeys(kinds))}, only {' and '.join(there)} (--kinds)"
    return f"{name!r} takes halves of x, and needs two elements at least (--sizes)"


def chosen_jobs(wanted: Namespace) -> list[tuple[Pair, int | tuple[int, ...]]]:
    """What was asked for, without names of all functions; one that is named must have something to measure."""
    named = [*dict.fromkeys(map(canonical, wanted.functions or ()))]
    others = [name for name in named if name not in ROW_NAMES]
    if wanted.rows and wanted.sizes:
        raise CannotRun("--rows has shapes of its own: leave --sizes out")
    if wanted.rows and others:
        raise CannotRun(f"--rows does not measure {', '.join(others)}; it measures {', '.join(ROW_NAMES)}")
    jobs = [
        (pair, place)
        for pair, place in every_job(wanted.rows, [*dict.fromkeys(wanted.sizes or SIZES)])
        if pair.kind in wanted.kinds and (not named or pair.name in named)
    ]
    found = {pair.name for pair, _ in jobs}
    lacking = [why_nothing(name, wanted.kinds) for name in named if name not in found]
    if lacking:
        raise CannotRun("; ".join(lacking))
    return jobs


def require_memory(sizes: Iterable[int]) -> None:
    """Refuse sizes that cannot be had, before anything is measured: operands and result are as many float64."""
    for size in sizes:
        try:
            np.empty((4, size))
        except (MemoryError, ValueError) as error:
            raise CannotRun(f"--sizes: arrays of {size:g} elements do not fit into memory: {error}") from None


@contextmanager
def at_most(threads: int) -> Iterator[None]:
    """Let fastact use so many threads."""
    before = get_num_threads()
    set_num_threads(threads)
    try:
        yield
    finally:
        set_num_threads(before)


def chosen_rivals(names: list[str] | None, threads: int) -> tuple[list[Rival], dict[str, str]]:
    """The rivals at hand, and why others are not; one that was asked for by name must be there."""
    rivals, absent = [], {}
    for name in dict.fromkeys(LIBRARIES if names is None else names):
        if name not in LIBRARIES:
            raise CannotRun(unknown("rival", name, LIBRARIES))
        try:
            rivals.append(load(name, threads))
        except ImportError as error:
            absent[name] = str(error)
    if names is not None and absent:
        missing = "; ".join(f"{name}: {reason}" for name, reason in absent.items())
        raise CannotRun(f"{missing}; install it, or leave it out of --rivals")
    return rivals, absent


def run(wanted: Namespace) -> None:
    """Measure what the command line asks for; print each cell when it is known, and write all into a folder."""
    chosen = chosen_jobs(wanted)
    if not wanted.rows:
        require_memory(dict.fromkeys(size for _, size in chosen))
    require_folder(wanted.output)
    rivals, absent = chosen_rivals(wanted.rivals, wanted.threads)
    machine = Machine.here(rivals, absent, wanted.threads)
    print(heading(machine), flush=True)
    bench, cells = Bench(rivals, wanted.seconds), []
    jobs = [(*job, dtype) for dtype in dict.fromkeys(wanted.dtypes) for job in chosen]
    try:
        with at_most(wanted.threads):
            for job in jobs:
                cells.append(bench.cell(*job))
                print(f"{len(cells):>4}/{len(jobs)} {line(cells[-1])}", flush=True)
    finally:  # also when it is stopped half-way
        if cells:
            print(summary(cells))
            write(wanted.output, machine, cells)
