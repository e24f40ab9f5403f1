"""numba: the formula of one element, compiled into a ufunc."""

from __future__ import annotations

import math
from functools import cache, partial

import numba

SPELLINGS = {
    "function": {
        "relu": lambda x: x if x > 0 else x * 0,
        "leaky_relu": lambda x: x if x > 0 else x / 100,
        "elu": lambda x: x if x > 0 else math.expm1(x),
        "silu": lambda x: x / (1 + math.exp(-x)),
        "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
        "tanh": lambda x: math.tanh(x),
        "softplus": lambda x: math.log1p(math.exp(x)),
        "exponential": lambda x: math.exp(x),
        "relu6": lambda x: min(max(x, 0), 6),
        "prelu": lambda x: x if x > 0 else x / 4,
        "celu": lambda x: x if x > 0 else math.expm1(x),
        "gelu": lambda x: x / 2 * math.erfc(-x * 0.7071067811865476),
        "mish": lambda x: x * math.tanh(math.log1p(math.exp(x))),
        "dish": lambda x: x / 2 * (1 + x / math.sqrt(1 + x * x)),
        "hard_tanh": lambda x: min(max(x, -1), 1),
        "tanh_shrink": lambda x: x - math.tanh(x),
        "softsign": lambda x: x / (1 + abs(x)),
        "squareplus": lambda x: (x + math.sqrt(x * x + 4)) / 2,
        "sin": lambda x: math.sin(x),
        "cos": lambda x: math.cos(x),
        "sigmoid_cross_entropy": lambda x, t: max(x, 0) - x * t + math.log1p(math.exp(-abs(x))),
    },
    "backward": {
        "relu": lambda dy, x: dy if x > 0 else dy * 0,
        "leaky_relu": lambda dy, x: dy if x > 0 else dy / 100,
        "elu": lambda dy, x: dy if x > 0 else dy * math.exp(x),
        "softplus": lambda dy, x: dy / (1 + math.exp(-x)),
        "exponential": lambda dy, x: dy * math.exp(x),
        "prelu": lambda dy, x: dy if x > 0 else dy / 4,
        "softsign": lambda dy, x: dy / ((1 + abs(x)) * (1 + abs(x))),
        "squareplus": lambda dy, x: dy * (1 + x / math.sqrt(x * x + 4)) / 2,
        "sin": lambda dy, x: dy * math.cos(x),
        "cos": lambda dy, x: -dy * math.sin(x),
        "sigmoid_cross_entropy": lambda dy, x, t: dy * (1 / (1 + math.exp(-x)) - t),
    },
    "backward_from_output": {
        "relu": lambda dy, y: dy if y > 0 else dy * 0,
        "leaky_relu": lambda dy, y: dy if y > 0 else dy / 100,
        "elu": lambda dy, y: dy if y > 0 else dy * (y + 1),
        "sigmoid": lambda dy, y: dy * y * (1 - y),
        "tanh": lambda dy, y: dy * (1 - y) * (1 + y),
        "softplus": lambda dy, y: -dy * math.expm1(-y),
        "exponential": lambda dy, y: dy * y,
        "log_sigmoid": lambda dy, y: -dy * math.expm1(y),
        "softsign": lambda dy, y: dy * (1 - abs(y)) * (1 - abs(y)),
        "squareplus": lambda dy, y: dy * (y * y / (y * y + 1)),
    },
}


@cache
def compiled(spelling, dtype: str, operands: int):
    return numba.vectorize([f"{dtype}({', '.join([dtype] * operands)})"])(spelling)


def ready(spelling, arrays, out):
    try:
        ufunc = compiled(spelling, out.dtype.name, len(arrays))
    except NotImplementedError:
        return None  # no float16 on a CPU
    return partial(ufunc, *arrays, out)
