"""Measure the accuracy of the library: the largest error of every function and derivative, in ULP.

    python tools/accuracy.py                                    # a sample of each dtype, some minutes
    python tools/accuracy.py --function silu --dtype float32
    python tools/accuracy.py --exhaustive --function sigmoid    # all 2^32 float32, a minute a function and core
    python tools/accuracy.py --write                            # and put it into docstrings and ACCURACY.md
    python tools/accuracy.py --rivals numpy torch --write       # of other libraries into ACCURACY-RIVALS.md

FASTACT_ISA chooses the instruction set. The right answers come from tests/oracle.py: multiple
precision for float64, where the figures are "no worse found", long double for the others. In float64
some thousand inputs are judged so, and of two and a half million those that long double finds suspicious. Over all
float32 they come from the library's own float64 kernels: those are held to multiple precision, to
within 8 ULP of theirs, which is 1.5e-8 ULP of float32, and they answer a hundred times as fast.
Chunks that are done are kept in --state, so an exhaustive run that was broken off goes on from there.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import numpy as np
import oracle
from conftest import defaults, public

import fastact
from fastact import _dispatch
from fastact._accuracy import MEASURED
from fastact._table import ACTIVATIONS, BY_NAME, PROMISED_FAR, Activation
from fastact.bench.rivals import LIBRARIES, Rival, load

CHUNK = 1 << 22
BLOCK = 1 << 13  # so small that each process computes on one thread
CLOSER = 16_384  # float64 of each exponent where functions bend, of which the suspects are judged
PER_EXPONENT = {"float16": 0, "float32": 4096, "float64": 64}


class Errors(NamedTuple):
    """The largest error, where it is, how many inputs it is of, and the sum of `count` errors."""

    worst: float
    at: float
    inputs: int
    total: float
    count: int

    def __add__(self, other: Errors) -> Errors:
        worst = max(self, other, key=lambda errors: errors.worst)
        inputs, total, count = (a + b for a, b in zip(self[2:], other[2:], strict=True))
        return Errors(worst.worst, worst.at, inputs, total, count)


NONE = Errors(-1.0, np.nan, 0, 0.0, 0)


def errors_of(row: Activation, kind: str, x: np.ndarray, right: np.ndarray, got: np.ndarray) -> Errors:
    """Errors of results over given inputs."""
    distance = oracle.errors(row, kind, x, right, got)
    worst = np.argmax(distance)
    with np.errstate(over="ignore"):  # a rival may be off by more than a float holds
        total = float(distance.sum())
    return Errors(float(distance[worst]), float(x[worst]), len(x), total, len(x))


def measure(name: str, kind: str, x: np.ndarray) -> Errors:
    """Errors of one function over given inputs."""
    row, dtype = BY_NAME[name], x.dtype.type
    x = oracle.away_from_kinks(row, x)
    parameters = defaults(row, dtype)
    right = (oracle.exact if dtype == np.float64 else oracle.textbook)(row, kind, x, parameters)
    return errors_of(row, kind, x, right, public(row, kind)(x, *parameters))


def measure_suspects(name: str, kind: str, seed: int) -> Errors:
    """The largest error in float64 of those inputs, of very many, that the textbook in long double suspects."""
    row = BY_NAME[name]
    x = oracle.away_from_kinks(row, oracle.inputs(row, np.float64, CLOSER, seed))
    parameters = defaults(row)
    right = oracle.textbook(row, kind, x, parameters)
    distance = oracle.errors(row, kind, x, right, public(row, kind)(x, *parameters))
    worst = measure(name, kind, oracle.suspects(x, distance, 8))
    return Errors(worst.worst, worst.at, len(x), 0.0, 0)


def measure_patterns(name: str, kind: str, start: int) -> Errors:
    """Errors over a chunk of all float32, by bit pattern."""
    blocks = range(start, start + CHUNK, BLOCK)
    return sum((measure_block(name, kind, block) for block in blocks), NONE)


def measure_block(name: str, kind: str, start: int) -> Errors:
    """The same over a block that stays in cache, against the float64 kernels."""
    row = BY_NAME[name]
    x = np.arange(start, start + BLOCK, dtype=np.uint32).view(np.float32)
    largest = PROMISED_FAR if row.far else np.finfo(np.float32).max
    if not abs(x[-1]) <= largest:  # the last of a block is the largest
        x = x[np.abs(x) <= largest]
    for kink in row.kinks:
        if len(x) and abs(x[0]) <= abs(kink) <= abs(x[-1]):
            x = x[x != np.float32(kink)]
    if not len(x):
        return NONE
    parameters = defaults(row, np.float32)
    function = public(row, kind)
    beyond = 2.0**128  # what infinity counts as
    right = function(x.astype(np.float64), *parameters)
    distance = function(x, *parameters).astype(np.float64)
    np.clip(right, -beyond, beyond, out=right)
    np.clip(distance, -beyond, beyond, out=distance)
    distance -= right
    np.abs(distance, out=distance)
    distance /= unit(right)
    worst = np.argmax(distance)  # a NaN, if there is one
    found = float(np.nan_to_num(distance[worst], nan=np.inf))
    return Errors(found, float(x[worst]), len(x), float(distance.sum()), len(x))


def unit(y: np.ndarray) -> np.ndarray:
    """The distance of the float32 on both sides of each float64, by the exponent."""
    bits = y.view(np.int64) & (0x7FF << 52)
    np.clip(bits, (1023 - 126) << 52, (1023 + 127) << 52, out=bits)
    bits -= 23 << 52
    return bits.view(np.float64)


def build_of(*kernels) -> str:
    """What tells these modules from those of another build."""
    return f"{zlib.crc32(b''.join(Path(module.__file__).read_bytes() for module in kernels)):08x}"


def exhaustively(name: str, kind: str, state: Path) -> Errors:
    """Errors over all float32."""
    build = build_of(_dispatch.f32, _dispatch.f64)  # figures of other kernels do not count
    of, starts = [f"{_dispatch.INSTRUCTION_SET} {build}", name, kind], range(0, 1 << 32, CHUNK)
    found = chunk_by_chunk(of, partial(measure_patterns, name, kind), starts, state)
    return sum((Errors(*errors) for errors in found), NONE)


def chunk_by_chunk(of: list[str], work: Callable, starts: range, state: Path) -> Iterator:
    """What `work` finds in each chunk; those that `state` knows from an earlier run are not worked on again."""
    done = {}
    for line in state.read_text().splitlines() if state.exists() else ():
        known = json.loads(line)
        if known["of"] == of:
            done[known["start"]] = known["found"]
    yield from done.values()
    starts = [start for start in starts if start not in done]
    began = time.monotonic()
    with ProcessPoolExecutor(os.cpu_count()) as pool, state.open("a") as file:
        for count, (start, found) in enumerate(zip(starts, pool.map(work, starts), strict=True), 1):
            print(json.dumps({"of": of, "start": start, "found": found}), file=file, flush=True)
            left = (time.monotonic() - began) / count * (len(starts) - count)
            progress = f"{' '.join(of[1:])}: {count / len(starts):.0%}, {left:.0f} s left"
            print(f"\r{progress} ", end="", file=sys.stderr)
            yield found
    print("\r" + " " * 70 + "\r", end="", file=sys.stderr)


RECORD = Path(__file__).parents[1] / "src" / "fastact" / "_accuracy.py"
TABLE = Path(__file__).parents[1] / "ACCURACY.md"


def recorded(name: str, kind: str, dtype: str, errors: Errors, exhaustive: bool) -> None:
    """Put a figure into the record that docstrings read, and write the table of the documentation anew."""
    all_inputs = exhaustive or dtype == "float16"
    figures = {key: {k: dict(v) for k, v in kinds.items()} for key, kinds in MEASURED.items()}
    known = figures.setdefault(name, {}).setdefault(kind, {}).get(dtype)
    if known and known[2] is None and not all_inputs:
        return  # a sample says less than what all inputs said
    mean = round(errors.total / errors.count, 3)
    figures[name][kind][dtype] = (
        round(errors.worst, 4),
        errors.at,
        None if all_inputs else errors.inputs,
        mean,
    )
    MEASURED.clear()
    MEASURED.update(figures)
    lines = [
        '"""Largest errors found, in ULP, where, in how many inputs, None for all, and mean; tools/accuracy.py."""',
        "",
        f"#: of version {fastact.__version__}, instruction set {_dispatch.INSTRUCTION_SET}",
        "MEASURED = {",
    ]
    for row in ACTIVATIONS:
        if row.name in figures:
            lines.append(f"    {json.dumps(row.name)}: {{")
            for of, by_dtype in figures[row.name].items():
                lines.append(f"        {json.dumps(of)}: {{")
                lines += [f"            {json.dumps(d)}: {v}," for d, v in sorted(by_dtype.items())]
                lines.append("        },")
            lines.append("    },")
    RECORD.write_text("\n".join([*lines, "}", ""]).replace("e+", "e"))  # as ruff writes numbers
    write_table(figures)


def write_table(figures: dict) -> None:
    """ACCURACY.md: a row for each function and derivative."""
    lines = [
        "# Accuracy",
        "",
        "Largest and mean errors found in units in the last place (ULP), "
        f"version {fastact.__version__}, instruction set",
        f"{_dispatch.INSTRUCTION_SET}, {time.strftime('%Y-%m-%d')}. 0.5 is a correctly rounded result. "
        "In float16, and where",
        "float32 is in **bold**, all inputs were tried, else a sample by bit pattern: no worse was found in two",
        "million float32, or, of 2.5 million float64, in those that long double arithmetic finds to be the worst of",
        "each power of two. Within 0.5 of a root of a float64 derivative an error counts only beyond 2^-52. sin and",
        f"cos: float32 up to {PROMISED_FAR:,.0f}. AVX2 and AVX-512 give the same bits, and backward(1, x) those of the",
        "derivative: `python tools/compare_bits.py` compares them over all float32.",
        "",
        "Made by `python tools/accuracy.py --write`, bold figures by the same with `--exhaustive`.",
        "",
        "| function | float16 | mean | float32 | at | mean | float64 | at | mean |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in ACTIVATIONS:
        for kind, by_dtype in figures.get(row.name, {}).items():
            cells = [row.name + ("'" if kind == "derivative" else "")]
            for dtype in ("float16", "float32", "float64"):
                worst, at, inputs, mean = by_dtype.get(dtype, (None, None, 0, None))
                bold = "**" if inputs is None and dtype == "float32" else ""
                cells.append("" if worst is None else f"{bold}{worst:.3f}{bold}")
                if dtype != "float16":
                    cells.append("" if worst is None or worst == 0 else f"{at:.9g}")
                cells.append("" if mean is None else f"{mean:.3f}")
            lines.append(f"| {' | '.join(cells)} |")
    TABLE.write_text("\n".join([*lines, ""]))


RIVALS_TABLE = TABLE.with_name("ACCURACY-RIVALS.md")
WIDTH = 1000  # of the rows that a rival is given


def result_of_rival(rival: Rival, name: str, kind: str, x: np.ndarray) -> np.ndarray | None:
    """What a rival's spelling in `fastact bench` gives, for a derivative the gradient of 1; None if it has none."""
    spelled = kind if kind == "function" else "backward"
    if not rival.spells(name, spelled):
        return None
    rows = np.resize(x, (len(x) // WIDTH + 1, WIDTH))
    operands = [rows] if kind == "function" else [np.ones_like(rows), rows]
    with rival.context(), np.errstate(all="ignore"):
        call = rival.ready(name, spelled, operands, np.empty_like(rows))
        return None if call is None else np.array(call()).ravel()[: len(x)]


def rival_errors(rivals: list[Rival], row: Activation, kind: str, x: np.ndarray) -> list[Errors | None]:
    """Errors of each over given inputs."""
    x = oracle.away_from_kinks(row, x)
    rounded = np.float64 if x.dtype == np.float64 else np.float32
    parameters = tuple(float(rounded(p.example if p.default is None else p.default)) for p in row.parameters)
    right = oracle.textbook(row, kind, x, parameters)
    results = [result_of_rival(rival, row.name, kind, x) for rival in rivals]
    return [None if got is None else errors_of(row, kind, x, right, got) for got in results]


def measure_rivals(names: list[str], functions: list[str], dtypes: list[str], seed: int, write: bool) -> None:
    """Print, and perhaps write, the largest errors of other libraries on the sample."""
    rivals = [load(name) for name in names]
    versions = ", ".join(f"{rival.name} {rival.version}" for rival in rivals)
    lines = [
        "# Accuracy of other libraries",
        "",
        f"Largest errors found in ULP, and where, {time.strftime('%Y-%m-%d')}: {versions}.",
        "As each spells the function in `fastact bench`; a derivative as the gradient of 1. On a sample by bit",
        "pattern, tails and subnormal numbers included, judged by long double, which tells errors of many ULP. `inf`:",
        "NaN where there is a number, or a zero of the wrong sign. JAX takes subnormal numbers for 0.",
        "",
        f"Made by `python tools/accuracy.py --rivals {' '.join(names)} "
        f"{' '.join(f'--dtype {dtype}' for dtype in dtypes)} --write`.",
    ]
    for dtype in dtypes:
        lines += ["", f"{dtype}:", "", f"| function | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
        for name in functions:
            row = BY_NAME[name]
            x = oracle.inputs(row, np.dtype(dtype).type, PER_EXPONENT[dtype], seed)
            for kind in ("function", "derivative"):
                found = rival_errors(rivals, row, kind, x)
                cells = ["" if e is None else f"{e.worst:.4g} at {e.at:.4g}" for e in found]
                lines.append(f"| {' | '.join([name + ('' if kind == 'function' else chr(39)), *cells])} |")
                print(dtype, lines[-1], flush=True)
    if write:
        RIVALS_TABLE.write_text("\n".join([*lines, ""]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--function", choices=BY_NAME, action="append", help="all, if not given")
    parser.add_argument("--dtype", choices=PER_EXPONENT, action="append", help="all, if not given")
    parser.add_argument("--exhaustive", action="store_true", help="every float32")
    parser.add_argument("--state", type=Path, default=Path("accuracy.state"), help="of an exhaustive run")
    parser.add_argument("--write", action="store_true", help="the figures into _accuracy.py and ACCURACY.md")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--rivals", nargs="+", choices=LIBRARIES, help="measure these libraries instead of fastact"
    )
    options = parser.parse_args()
    if options.exhaustive and options.dtype not in (None, ["float32"]):
        parser.error("--exhaustive is of float32 alone")
    dtypes = ["float32"] if options.exhaustive else options.dtype or PER_EXPONENT
    functions = options.function or [row.name for row in ACTIVATIONS]
    if options.rivals:
        if options.exhaustive:
            parser.error("--rivals are measured on a sample, not over all float32")
        if options.function and options.write:
            parser.error("--rivals --write writes a table of all functions: leave --function out")
        measure_rivals(options.rivals, functions, [*dtypes], options.seed, options.write)
        return
    print(f"instruction set {_dispatch.INSTRUCTION_SET}; ULP; `worst` is the largest error found\n")
    print(f"{'function':<14} {'':<11} {'dtype':<8} {'worst':>9} {'mean':>6}  {'at':<24} {'inputs':>13}")
    for name in functions:
        for kind in ("function", "derivative"):
            for dtype in dtypes:
                if options.exhaustive:
                    errors = exhaustively(name, kind, options.state)
                else:
                    x = oracle.inputs(BY_NAME[name], np.dtype(dtype).type, PER_EXPONENT[dtype], options.seed)
                    errors = measure(name, kind, x)
                    if dtype == "float64":
                        errors += measure_suspects(name, kind, options.seed)
                mean = errors.total / errors.count
                figures = f"{errors.worst:>9.4g} {mean:>6.3f}  {errors.at!r:<24} {errors.inputs:>13,}"
                print(f"{name:<14} {kind:<11} {dtype:<8} {figures}", flush=True)
                if options.write:
                    recorded(name, kind, dtype, errors, options.exhaustive)


if __name__ == "__main__":
    main()
