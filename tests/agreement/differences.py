"""Where fastact differs from another library on purpose, and why: the one table of such places.

At all other points the two must agree. A place that no longer differs fails a test, and so must leave the table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Points(NamedTuple):
    """Where two libraries were compared: x and our result there, as long doubles, and how they were called."""

    x: np.ndarray
    y: np.ndarray
    parameters: dict
    theirs: dict
    dtype: np.dtype
    smallest: float
    largest: float


class Difference(NamedTuple):
    """`where` libraries differ from a function or gradient of ours (None: from all) for a `reason`.

    There, ours has the `value`; None stands for the exact result, to within the documented error.
    """

    libraries: tuple[str, ...]
    names: tuple[str, ...] | None
    kind: str
    where: Callable[[Points], np.ndarray]
    reason: str
    value: Callable[[Points], object] | None = None


ALL = ("torch", "jax", "keras")


def beyond_threshold(p: Points) -> np.ndarray:
    return p.x * p.parameters.get("beta", 1) > p.theirs.get("threshold", 20)


DIFFERENCES = (
    # -- functions
    Difference(
        ALL, ("gelu",), "function", lambda p: p.x < -1.4,
        "the left tail is lost: 1 + erf or 1 + tanh cancels, or the argument of erfc is rounded",
    ),
    Difference(
        ALL, ("silu", "mish", "gelu", "hard_silu"), "function", lambda p: p.x == -np.inf,
        "-infinity times 0 is NaN; ours is the limit, -0", lambda p: -0.0,
    ),
    Difference(
        ALL, ("softsign",), "function", lambda p: np.isinf(p.x),
        "infinity over infinity is NaN; ours is the limit", lambda p: np.sign(p.x),
    ),
    Difference(
        ALL, ("tanh_shrink",), "function", lambda p: np.abs(p.x) < 0.5,
        "x - tanh(x) cancels near 0, where ours keeps its relative accuracy",
    ),
    Difference(
        ("torch",), ("softplus",), "function", beyond_threshold,
        "PyTorch jumps to x beyond a threshold; ours has no jump anywhere",
    ),
    Difference(
        ("torch", "jax"), ("log_softmax",), "function", lambda p: p.y > -0.5,
        "the logarithm of a sum near 1 loses the digits of a dominant element",
    ),
    Difference(
        ("jax", "keras"), None, "function", lambda p: np.abs(p.y) < p.smallest,
        "XLA takes subnormal results for 0",
    ),
    Difference(
        ("jax",), ("sigmoid", "silu"), "function", lambda p: (p.x < -11) & (p.dtype == np.float16),
        "JAX computes float16 in float16: e^-x overflows",
    ),
    Difference(
        ("jax", "keras"), ("squareplus",), "function",
        lambda p: (p.x < -3) | (p.x * p.x > p.largest),
        "x + sqrt(x^2 + b) cancels on the left; the square overflows",
    ),
    Difference(
        ("keras",), ("hard_shrink", "soft_shrink", "threshold"), "function", lambda p: np.isnan(p.x),
        "a comparison hides NaN; ours hands it on", lambda p: np.nan,
    ),
    # -- gradients
    Difference(
        ALL, None, "gradient", lambda p: np.isnan(p.x),
        "a piecewise gradient chosen by comparison hides NaN; ours hands it on", lambda p: np.nan,
    ),
    Difference(
        ALL, ("silu", "mish", "gelu", "squareplus", "sparse_plus"), "gradient", lambda p: np.isinf(p.x),
        "infinity times 0 is NaN; ours is the limit", lambda p: np.where(p.x > 0, 1.0, 0.0),
    ),
    Difference(
        ALL, ("softsign",), "gradient", lambda p: np.isinf(p.x),
        "infinity over infinity is NaN; ours is the limit", lambda p: 0.0,
    ),
    Difference(
        ("torch",), ("softplus",), "gradient", beyond_threshold, "the slope of that jump is 1",
    ),
    Difference(
        ("torch",), ("hard_sigmoid",), "gradient", lambda p: np.abs(p.x) < 3,
        "PyTorch's sixth is that of float32", lambda p: 1 / np.longdouble(6),
    ),
    Difference(
        ("torch",), ("celu",), "gradient", lambda p: p.x <= 0,
        "PyTorch's 1 / alpha is that of float32",
    ),
    Difference(
        ("jax", "keras"), ("leaky_relu",), "gradient", lambda p: p.x == 0,
        "at the kink JAX takes the slope of the right side, we and PyTorch that of the left",
        lambda p: p.parameters.get("negative_slope", 0.01),
    ),
    Difference(
        ("jax", "keras"), ("hard_tanh",), "gradient", lambda p: np.abs(p.x) == 1,
        "at the edges JAX takes the slope inside, we and PyTorch that outside", lambda p: 0.0,
    ),
    Difference(
        ("jax", "keras"), ("sparse_sigmoid",), "gradient", lambda p: np.abs(p.x) == 1,
        "at the edges JAX takes the mean of both slopes, we that outside, as in hard_sigmoid", lambda p: 0.0,
    ),
    Difference(
        ("jax",), ("gelu", "mish"), "gradient", lambda p: np.abs(p.x) > 2.5,
        "1 - tanh^2, multiplied by x or its cube, loses digits",
    ),
)  # fmt: skip


def concerning(library: str, name: str, kind: str) -> list[Difference]:
    """The rows about a function or a gradient."""
    return [
        d
        for d in DIFFERENCES
        if library in d.libraries and kind == d.kind and (d.names is None or name in d.names)
    ]
