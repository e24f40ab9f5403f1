"""What views cost beside contiguous arrays, and float16 beside float32: a group for each activation and loss."""

from __future__ import annotations

import numpy as np
import pytest

from fastact.bench.measure import fastact_ready
from fastact.bench.pairs import PAIRS, Pair, operands, result_like

SIZE = 100_000
LAYOUTS = {
    "contiguous": lambda array: array,
    "every_second": lambda array: np.repeat(array, 2, axis=-1)[..., ::2],
    "reversed": lambda array: array[..., ::-1].copy()[..., ::-1],
}

pytestmark = [
    pytest.mark.benchmark(max_time=0.1, min_rounds=3, warmup=True, warmup_iterations=3),
    pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.label),
]


def run(benchmark, pair: Pair, dtype, layout: str = "contiguous") -> None:
    arrays = operands(pair, SIZE, dtype)
    views = [LAYOUTS[layout](array) if np.ndim(array) else array for array in arrays]
    benchmark(fastact_ready(pair, views, result_like(pair, arrays)))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=lambda dtype: dtype.__name__)
def bench_layout(benchmark, pair: Pair, dtype, layout: str) -> None:
    benchmark.group = f"{pair.label} {dtype.__name__}"
    run(benchmark, pair, dtype, layout)


@pytest.mark.parametrize("dtype", [np.float16, np.float32], ids=lambda dtype: dtype.__name__)
def bench_half(benchmark, pair: Pair, dtype) -> None:
    benchmark.group = f"{pair.label} in half precision"
    run(benchmark, pair, dtype)
