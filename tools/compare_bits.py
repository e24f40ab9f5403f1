"""Compare bits over all 2^32 float32: AVX2's with AVX-512's, and backward(1, x)'s with the derivative's.

    python tools/compare_bits.py                                    # all functions of the table
    python tools/compare_bits.py --functions silu mish --sample 99  # these, of one input in 99

What is bit-identical need not be measured twice by tools/accuracy.py. Every result is compared as it is,
NaN by sign and payload too. One process loads the kernels of both instruction sets and compares them
block by block, so no result need be kept, nor trusted to a digest, and an input that differs is at hand.
Exits with 1 if one does. Chunks that are done are kept in --state, as long as the kernels stay as they are.
"""

from __future__ import annotations

import argparse
import sys
import time
from functools import cache, partial
from importlib import import_module
from pathlib import Path

import numpy as np
from accuracy import BLOCK, CHUNK, build_of, chunk_by_chunk
from conftest import KINDS, defaults

from fastact import _dispatch
from fastact._build import inputs_and_loop
from fastact._kernels import ufuncs
from fastact._table import BY_NAME, OPERANDS, Activation

SETS = ("avx2", "avx512")
SHOWN = 5  # inputs of each comparison that fails


def kernels(instruction_set: str) -> list:
    """The modules of an instruction set, whichever this process uses."""
    return [import_module(f"fastact._kernels.{instruction_set}_{dtype}") for dtype in ("f32", "f64")]


@cache
def ufunc(name: str, kind: str, instruction_set: str) -> np.ufunc:
    """What a public function calls in a process that uses that instruction set."""
    inputs, loop = inputs_and_loop(BY_NAME[name], kind)
    return ufuncs.elementwise_ufunc(name, "", len(inputs), *kernels(instruction_set), loop)


def kinds(row: Activation) -> list[str]:
    """What there is of a function."""
    return [kind for kind in KINDS if kind != "backward_from_output" or row.from_output is not None]


def comparisons(row: Activation) -> list[tuple]:
    """Pairs of results that should have the same bits, each a kind by an instruction set."""
    between_sets = [tuple((kind, by) for by in SETS) for kind in kinds(row)]
    return between_sets + [(("1 * derivative", by), ("backward", by)) for by in SETS]


def compare(name: str, spacing: int, start: int) -> dict[str, list]:
    """What differs in a chunk of inputs: how many and the first, as bits of the input and of both results."""
    row, ones, patterns = BY_NAME[name], np.ones(BLOCK, np.float32), np.empty(BLOCK, np.uint32)
    operands = {"dy": ones, "x": patterns.view(np.float32), "y": patterns.view(np.float32)}
    parameters = defaults(row, np.float32)
    steps = {}  # what is computed in each block, of the same arrays
    for by in SETS:
        for kind in kinds(row):
            inputs = *(operands[operand] for operand in OPERANDS[kind]), *parameters
            steps[kind, by] = ufunc(name, kind, by), inputs, np.empty_like(ones)
        # A product, as backward is, has no signalling NaN: IEEE 754 makes them quiet. All else it leaves alone.
        steps["1 * derivative", by] = np.multiply, (ones, steps["derivative", by][-1]), np.empty_like(ones)
    bits = {what: result.view(np.uint32) for what, (_, _, result) in steps.items()}
    offsets = np.arange(BLOCK, dtype=np.uint32) * np.uint32(spacing)
    found = {}
    for block in range(start, start + CHUNK * spacing, BLOCK * spacing):
        np.add(offsets, np.uint32(block % 2**32), out=patterns)
        with np.errstate(invalid="ignore"):  # of the product
            for function, inputs, result in steps.values():
                function(*inputs, out=result)
        for one, other in comparisons(row):
            if not np.array_equal(bits[one], bits[other]):
                where = np.flatnonzero(bits[one] != bits[other])
                known = found.setdefault(f"{' by '.join(one)}, {' by '.join(other)}", [0, []])
                known[0] += len(where)
                shown = where[: SHOWN - len(known[1])]
                known[1] += [[int(b[i]) for b in (patterns, bits[one], bits[other])] for i in shown]
    return found


def show(what: str, count: int, examples: list[list[int]]) -> None:
    """Print the first inputs for which two results differ."""
    print(f"    {what}: {count:,} inputs differ")
    for example in examples[:SHOWN]:
        of, *both = (f"{np.uint32(bits).view(np.float32)!s} ({bits:08x})" for bits in example)
        print(f"        of {of}: {', '.join(both)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--functions", choices=BY_NAME, nargs="+", default=[*BY_NAME], metavar="NAME")
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="one input in N only; odd is best")
    parser.add_argument("--state", type=Path, default=Path("compare_bits.state"), help="of a run to resume")
    options = parser.parse_args()
    if not {*SETS} <= {*_dispatch.available()}:
        parser.error(f"needs {' and '.join(SETS)}, but has only {', '.join(_dispatch.available())}")
    starts = range(0, 1 << 32, CHUNK * options.sample)
    inputs, of = len(starts) * CHUNK, f"{build_of(*(kernels(name)[0] for name in SETS))} {options.sample}"
    differing, began = 0, time.monotonic()
    for name in options.functions:
        work = partial(compare, name, options.sample)
        total = {}
        for found in chunk_by_chunk([of, name], work, starts, options.state):
            for what, (count, examples) in found.items():
                known = total.get(what, (0, []))
                total[what] = known[0] + count, known[1] + examples
        compared = f"{len(comparisons(BY_NAME[name]))} comparisons of {inputs:,} inputs"
        print(f"{name:<14} {compared}: {f'{len(total)} DIFFER' if total else 'the same bits'}", flush=True)
        for what, differences in total.items():
            show(what, *differences)
        differing += len(total)
    took = time.monotonic() - began
    print(f"{len(options.functions)} functions, {differing} comparisons differ; {took:.0f} s")
    sys.exit(differing > 0)


if __name__ == "__main__":
    main()
