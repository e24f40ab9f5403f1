"""Every activation and loss with its gradients beside its textbook twin and every rival that is installed.

One group holds what does the same work on the same operands. `np.copyto` is the limit: it only moves
the memory. What is wrong is refused, not timed; the rivals' spellings are those of `fastact bench`.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from fastact.bench.measure import error_of, fastact_ready, most
from fastact.bench.pairs import PAIRS, Pair, operands, result_like
from fastact.bench.rivals import LIBRARIES, Rival, load

SIZES = [1, 1_000, 100_000, pytest.param(10_000_000, marks=pytest.mark.big)]

pytestmark = [
    pytest.mark.benchmark(max_time=0.1, min_rounds=3, warmup=True, warmup_iterations=3),
    pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64], ids=lambda dtype: dtype.__name__),
    pytest.mark.parametrize("size", SIZES),
]
every_pair = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.label)


def rivals(threads: int) -> list:
    """Each rival with each function that it has; one that is not installed is skipped once, and says why."""
    found = []
    for name in LIBRARIES:
        try:
            rival = load(name, threads)
        except ImportError as error:
            found.append(pytest.param(None, None, marks=pytest.mark.skip(reason=str(error)), id=name))
            continue
        found += [
            pytest.param(rival, pair, id=f"{name}-{pair.label}")
            for pair in PAIRS
            if rival.spells(pair.name, pair.kind)
        ]
    return found


def pytest_generate_tests(metafunc) -> None:
    if "rival" in metafunc.fixturenames:
        metafunc.parametrize(("rival", "pair"), rivals(metafunc.config.getoption("--threads")))


def textbook_ready(pair: Pair, arrays: list[np.ndarray], out: np.ndarray):
    return partial(pair.textbook, *arrays)


def run(benchmark, make, pair: Pair, size: int, dtype, refuse=pytest.fail) -> None:
    """Check a function on other operands, then time it in the group of its pair."""
    if pair.halves and size < 2:
        pytest.skip("one element has no halves")
    errors = error_of(pair, make, dtype)
    if errors is None:
        pytest.skip(f"no kernel for {np.dtype(dtype).name}")
    if not errors[1] <= most(dtype):
        refuse(f"{pair.label} is off by {errors[1]:g}")
    benchmark.extra_info["ulp"] = errors[0]
    benchmark.group = f"{pair.label} {np.dtype(dtype).name} {size:,}"
    arrays = operands(pair, size, dtype)
    with np.errstate(all="ignore"):
        benchmark(make(arrays, result_like(pair, arrays)))


@every_pair
def bench_fastact(benchmark, pair: Pair, size: int, dtype) -> None:
    run(benchmark, partial(fastact_ready, pair), pair, size, dtype)


@every_pair
def bench_textbook(benchmark, pair: Pair, size: int, dtype) -> None:
    run(benchmark, partial(textbook_ready, pair), pair, size, dtype)


def bench_rival(benchmark, rival: Rival, pair: Pair, size: int, dtype) -> None:
    with rival.context():
        run(benchmark, partial(rival.ready, pair.name, pair.kind), pair, size, dtype, refuse=pytest.skip)


def bench_copyto(benchmark, size: int, dtype) -> None:
    x = np.ones(size, dtype)
    benchmark.group = f"np.copyto {x.dtype} {size:,}"
    benchmark(np.copyto, np.empty_like(x), x)
