"""numexpr: the formula as text, compiled once, with `out=`. Its float constants are double: here they are fractions."""

from __future__ import annotations

from functools import partial

import numexpr
import numpy as np

SPELLINGS = {
    "function": {
        "relu": "where(x > 0, x, 0)",
        "leaky_relu": "where(x > 0, x, x / 100)",
        "elu": "where(x > 0, x, expm1(x))",
        "silu": "x / (1 + exp(-x))",
        "sigmoid": "1 / (1 + exp(-x))",
        "tanh": "tanh(x)",
        "softplus": "log1p(exp(x))",
        "exponential": "exp(x)",
        "relu6": "where(x > 0, where(x < 6, x, 6), 0)",
        "prelu": "where(x > 0, x, x / 4)",
        "celu": "where(x > 0, x, expm1(x))",
        "mish": "x * tanh(log1p(exp(x)))",
        "dish": "x / 2 * (1 + x / sqrt(1 + x * x))",
        "log_sigmoid": "-log1p(exp(-x))",
        "hard_sigmoid": "where(x > -3, where(x < 3, (x + 3) / 6, 1), 0)",
        "hard_silu": "where(x > -3, where(x < 3, x * (x + 3) / 6, x), 0)",
        "hard_tanh": "where(x > -1, where(x < 1, x, 1), -1)",
        "tanh_shrink": "x - tanh(x)",
        "hard_shrink": "where(abs(2 * x) > 1, x, 0)",
        "softsign": "x / (1 + abs(x))",
        "squareplus": "(x + sqrt(x * x + 4)) / 2",
        "sparse_plus": "where(x > -1, where(x < 1, (x + 1) * (x + 1) / 4, x), 0)",
        "sparse_sigmoid": "where(x > -1, where(x < 1, (x + 1) / 2, 1), 0)",
        "sin": "sin(x)",
        "cos": "cos(x)",
        "sigmoid_cross_entropy": "where(x > 0, x, 0) - x * target + log1p(exp(-abs(x)))",
    },
    "backward": {
        "relu": "where(x > 0, dy, 0)",
        "leaky_relu": "where(x > 0, dy, dy / 100)",
        "elu": "where(x > 0, dy, dy * exp(x))",
        "sigmoid": "dy * exp(-x) / ((1 + exp(-x)) * (1 + exp(-x)))",
        "tanh": "dy * (1 - tanh(x) * tanh(x))",
        "softplus": "dy / (1 + exp(-x))",
        "exponential": "dy * exp(x)",
        "relu6": "where((x > 0) & (x < 6), dy, 0)",
        "prelu": "where(x > 0, dy, dy / 4)",
        "celu": "where(x > 0, dy, dy * exp(x))",
        "log_sigmoid": "dy / (1 + exp(x))",
        "hard_sigmoid": "where(abs(x) < 3, dy / 6, 0)",
        "hard_silu": "where(x > -3, where(x < 3, dy * (2 * x + 3) / 6, dy), 0)",
        "hard_tanh": "where(abs(x) < 1, dy, 0)",
        "tanh_shrink": "dy * tanh(x) * tanh(x)",
        "hard_shrink": "where(abs(2 * x) > 1, dy, 0)",
        "soft_shrink": "where(abs(2 * x) > 1, dy, 0)",
        "threshold": "where(4 * x > 1, dy, 0)",
        "softsign": "dy / ((1 + abs(x)) * (1 + abs(x)))",
        "squareplus": "dy * (1 + x / sqrt(x * x + 4)) / 2",
        "sparse_plus": "where(x > -1, where(x < 1, dy * (x + 1) / 2, dy), 0)",
        "sparse_sigmoid": "where(abs(x) < 1, dy / 2, 0)",
        "sin": "dy * cos(x)",
        "cos": "-dy * sin(x)",
        "sigmoid_cross_entropy": "dy * (1 / (1 + exp(-x)) - target)",
    },
    "backward_from_output": {
        "relu": "where(y > 0, dy, 0)",
        "leaky_relu": "where(y > 0, dy, dy / 100)",
        "elu": "where(y > 0, dy, dy * (y + 1))",
        "sigmoid": "dy * y * (1 - y)",
        "tanh": "dy * (1 - y * y)",
        "softplus": "-dy * expm1(-y)",
        "exponential": "dy * y",
        "relu6": "where((y > 0) & (y < 6), dy, 0)",
        "celu": "where(y > 0, dy, dy * (y + 1))",
        "log_sigmoid": "-dy * expm1(y)",
        "hard_sigmoid": "where((y > 0) & (y < 1), dy / 6, 0)",
        "hard_tanh": "where(abs(y) < 1, dy, 0)",
        "hard_shrink": "where(abs(y) > 0, dy, 0)",
        "soft_shrink": "where(abs(y) > 0, dy, 0)",
        "softsign": "dy * (1 - abs(y)) * (1 - abs(y))",
        "squareplus": "dy * y * y / (y * y + 1)",
        "sparse_plus": "where(y < 1, dy * sqrt(y), dy)",
        "sparse_sigmoid": "where((y > 0) & (y < 1), dy / 2, 0)",
    },
}
OPERANDS = ("dy", "x", "y", "target")  # in the order in which they come
KINDS = {np.float32: float, np.float64: np.float64}  # in numexpr's signatures float is float32


def use_threads(count: int) -> None:
    numexpr.set_num_threads(count)


def ready(spelling, arrays, out):
    kind = KINDS.get(out.dtype.type)
    if kind is None:
        return None
    used = compile(spelling, "spelling", "eval").co_names
    compiled = numexpr.NumExpr(spelling, [(name, kind) for name in OPERANDS if name in used])
    return partial(compiled, *arrays, out=out, casting="safe", order="K", ex_uses_vml=False)
