"""`fastact bench`: how fast fastact is beside every rival that is installed, measured in one process."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches

from .. import activations
from .._cli import CannotRun
from .._threads import get_num_threads, set_num_threads
from .measure import Bench
from .pairs import NAMES, PAIRS, ROW_NAMES, ROW_SHAPES, Pair, row_pairs
from .report import Machine, heading, line, require_folder, summary, write
from .rivals import LIBRARIES, Rival, load


def canonical(name: str) -> str:
    """The name of a row of the table for a name that a user gives."""
    key = name.lower()
    key = activations.ALIASES.get(key, key)
    if key not in (*NAMES, *ROW_NAMES):
        [close] = get_close_matches(key, [*NAMES, *ROW_NAMES, *activations.ALIASES], n=1, cutoff=0.0)
        raise CannotRun(
            f"unknown function {name!r}; the closest is {close!r}, and there are: {', '.join(NAMES)}"
        )
    return key


def chosen_pairs(names: list[str] | None, kinds: list[str]) -> list[Pair]:
    """The pairs that were asked for; without names, all."""
    wanted = NAMES if names is None else {canonical(name) for name in names}
    return [pair for pair in PAIRS if pair.name in wanted and pair.kind in kinds]


def row_jobs(names: list[str] | None, kinds: list[str]) -> Iterator[tuple[Pair, tuple[int, ...]]]:
    """Pairs over rows, of those that were asked for, each with the shapes along whose axes it is measured."""
    wanted = ROW_NAMES if names is None else {canonical(name) for name in names}
    for shape in ROW_SHAPES:
        for axis in (-1, 0 if len(shape) == 2 else 1):
            for pair in row_pairs(axis):
                if pair.name in wanted and pair.kind in kinds:
                    yield pair, shape


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
    for name in LIBRARIES if names is None else names:
        if name not in LIBRARIES:
            raise CannotRun(f"unknown rival {name!r}; there are: {', '.join(LIBRARIES)}")
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
    require_folder(wanted.output)
    rivals, absent = chosen_rivals(wanted.rivals, wanted.threads)
    machine = Machine.here(rivals, absent, wanted.threads)
    print(heading(machine), flush=True)
    bench, cells = Bench(rivals, wanted.seconds), []
    if wanted.rows:
        chosen = list(row_jobs(wanted.functions, wanted.kinds))
    else:
        pairs = chosen_pairs(wanted.functions, wanted.kinds)
        chosen = [(pair, size) for size in wanted.sizes for pair in pairs if size > 1 or not pair.halves]
    jobs = [(*job, dtype) for dtype in wanted.dtypes for job in chosen]
    try:
        with at_most(wanted.threads):
            for job in jobs:
                cells.append(bench.cell(*job))
                print(f"{len(cells):>4}/{len(jobs)} {line(cells[-1])}", flush=True)
    finally:  # also when it is stopped half-way
        if cells:
            print(summary(cells))
            write(wanted.output, machine, cells)
