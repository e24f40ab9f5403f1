"""What views cost beside contiguous arrays, and float16 beside float32: fastact beside itself, in turns.

    python bench/layouts.py                                      # every function and gradient, 100,000 elements
    python bench/layouts.py relu silu.backward --size 1e7

Prints how many times as long as contiguous operands views take, and float16 as long as float32, on one thread.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterator

import numpy as np

import fastact as fa
from fastact._cli import positive
from fastact.bench.measure import fastact_ready, fastest
from fastact.bench.pairs import PAIRS, Pair, operands, result_like

LAYOUTS = {
    "contiguous": lambda array: array,
    "every second": lambda array: np.repeat(array, 2, axis=-1)[..., ::2],
    "reversed": lambda array: array[..., ::-1].copy()[..., ::-1],
}
LINE = "{:<38} {:<8} {:>12} {:>12} {:>12}"
LIMIT = 2.0  # times as long as contiguous, or as float32


def ready(pair: Pair, size: int, dtype, layout: str = "contiguous"):
    """The call for operands that lie so; the result is contiguous."""
    arrays = operands(pair, size, dtype)
    views = [LAYOUTS[layout](array) if np.ndim(array) else array for array in arrays]
    return fastact_ready(pair, views, result_like(pair, arrays))


def ratios(pair: Pair, size: int, seconds: float) -> Iterator[tuple[str, dict[str, float]]]:
    """For each dtype the time of each layout over that of contiguous arrays; of float16 over that of float32."""
    for dtype in (np.float32, np.float64):
        calls = {layout: ready(pair, size, dtype, layout) for layout in LAYOUTS}
        taken = fastest(calls, seconds)
        whole = taken.pop("contiguous")
        yield dtype.__name__, {layout: time / whole for layout, time in taken.items()}
    taken = fastest({dtype: ready(pair, size, dtype) for dtype in ("float16", "float32")}, seconds)
    yield "float16", {"contiguous": taken["float16"] / taken["float32"]}


def said(of: str, found: list[tuple[float, str]]) -> str:
    """A line of the summary."""
    values = [ratio for ratio, _ in found]
    above = sum(value > LIMIT for value in values)
    largest, label = max(found)
    return (
        f"{of}: median {statistics.median(values):.2f}, above {LIMIT:g}: {above} of {len(found)}, "
        f"largest {largest:.2f} ({label})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    pairs = {pair.label: pair for pair in PAIRS}
    parser.add_argument(
        "label", nargs="*", metavar="LABEL", help="such as relu or relu.backward; all, if not given"
    )
    parser.add_argument(
        "--size", type=positive(int), default=100_000, help="elements of x (default: %(default)s)"
    )
    parser.add_argument(
        "--seconds", type=positive(float), default=0.2, help="how long to repeat a measurement"
    )
    options = parser.parse_args()
    unknown = [label for label in options.label if label not in pairs]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(pairs)}")
    fa.set_num_threads(1)
    summary: dict[str, list[tuple[float, str]]] = {}
    print(LINE.format("", "", *LAYOUTS))
    for label in options.label or pairs:
        operand_count = "one operand" if pairs[label].kind in ("function", "derivative") else "two operands"
        for dtype, found in ratios(pairs[label], options.size, options.seconds):
            cells = {"contiguous": 1.0} | found
            print(
                LINE.format(label, dtype, *(f"{cells[k]:.2f}" if k in cells else "" for k in LAYOUTS)),
                flush=True,
            )
            for layout, ratio in found.items():
                of = "float16" if dtype == "float16" else f"{layout}, {operand_count}, {dtype}"
                summary.setdefault(of, []).append((ratio, label))
    print("", *(said(of, found) for of, found in summary.items()), sep="\n")


if __name__ == "__main__":
    main()
