"""Every activation, derivative and backward beside its textbook twin, and NumPy's own if there is one.

One group holds what does the same work on the same operands. `np.copyto` is the limit: it only moves
the memory. A kernel whose result is wrong is refused, not timed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fastact.demo.pairs import PAIRS, Pair, operands

#: functions of NumPy's that compute what one of fastact's does
NUMPY_TWINS = {
    "exponential": np.exp,
    "exponential.derivative": np.exp,
    "linear": np.positive,
    "tanh": np.tanh,
}
SIZES = [1, 1_000, 100_000, pytest.param(10_000_000, marks=pytest.mark.big)]

pytestmark = [
    pytest.mark.benchmark(max_time=0.1, min_rounds=3, warmup=True, warmup_iterations=3),
    pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"]),
    pytest.mark.parametrize("size", SIZES),
]
every_pair = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.label)


def refuse_if_wrong(function: Callable, pair: Pair, arrays: list[np.ndarray]) -> None:
    """Fail unless a function agrees with the textbook formula in float64."""
    eps = np.finfo(arrays[0].dtype).eps
    right = pair.textbook(*(array.astype(np.float64) for array in arrays))
    np.testing.assert_allclose(function(*arrays), right, rtol=16 * eps, atol=16 * eps, err_msg=pair.label)


def run(benchmark, function: Callable, arrays: list[np.ndarray], pair: Pair, **keywords) -> None:
    """Check a function, then time it in the group of its pair."""
    benchmark.group = f"{pair.label} {arrays[0].dtype} {arrays[0].size:,}"
    refuse_if_wrong(function, pair, arrays)
    benchmark(function, *arrays, **keywords)


@every_pair
def bench_fastact(benchmark, pair: Pair, size: int, dtype) -> None:
    arrays = operands(pair, size, dtype)
    run(benchmark, pair.fast, arrays, pair, out=np.empty_like(arrays[0]))


@every_pair
def bench_textbook(benchmark, pair: Pair, size: int, dtype) -> None:
    run(benchmark, pair.textbook, operands(pair, size, dtype), pair)


@pytest.mark.parametrize("pair", [p for p in PAIRS if p.label in NUMPY_TWINS], ids=lambda pair: pair.label)
def bench_numpy(benchmark, pair: Pair, size: int, dtype) -> None:
    arrays = operands(pair, size, dtype)
    run(benchmark, NUMPY_TWINS[pair.label], arrays, pair, out=np.empty_like(arrays[0]))


def bench_copyto(benchmark, size: int, dtype) -> None:
    x = np.ones(size, dtype)
    benchmark.group = f"np.copyto {x.dtype} {size:,}"
    benchmark(np.copyto, np.empty_like(x), x)
