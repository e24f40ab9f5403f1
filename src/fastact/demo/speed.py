"""Time each activation and its derivative beside its textbook twin, and say how exact both are."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np

from .. import _dispatch
from .._threads import get_num_threads
from ..bench.measure import exact_result, largest_errors
from ..bench.pairs import PAIRS, Pair, operands

HEADING = """\
Activations on {size:,} float32 values (standard normal; softmax by rows of 1,000), instruction set {isa},
up to {threads} threads (FASTACT_NUM_THREADS); the textbook's NumPy has one.
ns: time per element. ULP: largest distance from the textbook formula evaluated in float64, in units
in the last place of the float32 result. The textbook is fastact.reference, in NumPy and float32; it
loses digits where its terms cancel, most near the root of a derivative.

                                fastact           textbook
                               ns      ULP        ns      ULP  speed-up"""


def fastest(functions: list[Callable], arrays: list[np.ndarray], repeats: int) -> list[float]:
    """The shortest of `repeats` runs of each function, in seconds; the functions take turns."""
    shortest = [float("inf")] * len(functions)
    for _ in range(repeats):
        for i, function in enumerate(functions):
            start = perf_counter()
            function(*arrays)
            shortest[i] = min(shortest[i], perf_counter() - start)
    return shortest


def digits(error: float) -> int:
    """How many decimals an error gets."""
    return 2 if error < 1000 else 0


def line(pair: Pair, size: int, repeats: int) -> str:
    """A line of the table: one pair, measured."""
    arrays = operands(pair, size, np.float32)
    functions = [pair.fast, pair.textbook]
    exact = exact_result(pair, arrays)
    nanoseconds = [1e9 * seconds / size for seconds in fastest(functions, arrays, repeats)]
    errors = [
        largest_errors(function(*arrays), exact, np.dtype(np.float32), 0.0)[0] for function in functions
    ]
    columns = (f"{ns:8.2f} {error:8.{digits(error)}f}" for ns, error in zip(nanoseconds, errors, strict=True))
    return f"{'  '.join(columns)} {nanoseconds[1] / nanoseconds[0]:8.1f}x"


def show(quick: bool = False) -> None:
    """Print the table, a line as soon as it is measured."""
    size, repeats = (10_000, 3) if quick else (1_000_000, 7)
    print(HEADING.format(size=size, isa=_dispatch.INSTRUCTION_SET, threads=get_num_threads()))
    for pair in PAIRS:
        if (
            pair.kind in ("function", "derivative") and pair.name != "linear"
        ):  # whose textbook hands x back: nothing to time
            print(f"{pair.label:<25}", end="", flush=True)
            print(line(pair, size, repeats), flush=True)
