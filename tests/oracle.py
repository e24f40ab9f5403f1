"""What the right answers are: definitions in multiple precision, distances in ULP, and inputs by bit pattern.

An answer is a long double, which on x86-64 has 11 bits more than a double. For float32 and float16
it comes from the textbook functions in `fastact.reference`, run in long double; for float64 from the
definitions below, which know nothing of the library, and against which the textbook ones are held.
"""

from __future__ import annotations

import mpmath
import numpy as np
from mpmath import mp, mpf

from fastact import reference
from fastact._table import Activation

mp.dps = 60
INFINITE_EXPONENT = {np.float16: 16, np.float32: 128, np.float64: 1024}

SELU_SCALE, SELU_ALPHA = mpf("1.0507009873554804934193349852946"), mpf("1.6732632423543772848170429916717")
GELU_TANH_SCALE, GELU_TANH_CUBIC = 2 * mpmath.sqrt(2 / mp.pi), mpf("0.044715")


def exp(x):
    """e^x, but for abs(x) > 20,000, where it is 0 or infinite even as a long double, as at 20,000."""
    return mpmath.exp(max(min(x, 20_000), -20_000))


def sigmoid(x):
    z = exp(-abs(x))
    return (z if x < 0 else 1) / (1 + z)


def sigmoid_slope(x):
    z = exp(-abs(x))
    return z / (1 + z) ** 2


def softplus(x):
    return max(x, 0) + mpmath.log1p(exp(-abs(x)))


def one_sided(x):
    """(1 + x / sqrt(1 + x^2)) / 2."""
    return sigmoid(2 * mpmath.asinh(x))


def sech2(x):
    return 4 * sigmoid_slope(2 * x)


def phi(x):
    return exp(-x * x / 2) / mpmath.sqrt(2 * mp.pi)


def Phi(x):
    return mpmath.erfc(-max(x, -200) / mpmath.sqrt(2)) / 2


def tanh_argument(x):
    return GELU_TANH_SCALE * (x + GELU_TANH_CUBIC * x**3)


def precisely(function):
    """A function that loses twice the digits by which its argument is small: computed with those to spare."""

    def wrapper(x):
        with mpmath.workdps(60 + 3 * max(0, -int(mpmath.log10(abs(x) or 1)))):
            return function(x)

    return wrapper


#: name -> f and f', of x and the parameters, away from kinks
DEFINITIONS = {
    "linear": (lambda x: x, lambda x: 1),
    "relu": (lambda x: max(x, 0), lambda x: int(x > 0)),
    "relu6": (lambda x: min(max(x, 0), 6), lambda x: int(0 < x < 6)),
    "leaky_relu": (lambda x, a: x if x > 0 else a * x, lambda x, a: 1 if x > 0 else a),
    "prelu": (lambda x, w: x if x > 0 else w * x, lambda x, w: 1 if x > 0 else w),
    "elu": (
        lambda x, a: x if x > 0 else a * mpmath.expm1(x),
        lambda x, a: 1 if x > 0 else a * mpmath.exp(x),
    ),
    "selu": (
        lambda x: SELU_SCALE * (x if x > 0 else SELU_ALPHA * mpmath.expm1(x)),
        lambda x: SELU_SCALE * (1 if x > 0 else SELU_ALPHA * mpmath.exp(x)),
    ),
    "celu": (
        lambda x, a: x if x > 0 else a * mpmath.expm1(x / a),
        lambda x, a: 1 if x > 0 else mpmath.exp(x / a),
    ),
    "gelu": (lambda x: x * Phi(x), lambda x: Phi(x) + x * phi(x)),
    "gelu_tanh": (
        lambda x: x * sigmoid(tanh_argument(x)),
        lambda x: (
            sigmoid(tanh_argument(x))
            + x * GELU_TANH_SCALE * (1 + 3 * GELU_TANH_CUBIC * x**2) * sigmoid_slope(tanh_argument(x))
        ),
    ),
    "silu": (lambda x: x * sigmoid(x), lambda x: sigmoid(x) + x * sigmoid_slope(x)),
    "mish": (
        lambda x: x * mpmath.tanh(softplus(x)),
        lambda x: mpmath.tanh(softplus(x)) + x * sech2(softplus(x)) * sigmoid(x),
    ),
    "dish": (
        lambda x: x * one_sided(x),
        lambda x: one_sided(x) * (1 + (x * mpmath.sqrt(1 + x * x) - x * x) / (1 + x * x)),
    ),
    "sigmoid": (sigmoid, sigmoid_slope),
    "log_sigmoid": (lambda x: -softplus(-x), lambda x: sigmoid(-x)),
    "hard_sigmoid": (lambda x: min(max(x + 3, 0), 6) / 6, lambda x: mpf(int(-3 < x < 3)) / 6),
    "hard_silu": (
        lambda x: x * min(max(x + 3, 0), 6) / 6,
        lambda x: 0 if x < -3 else 1 if x > 3 else (2 * x + 3) / 6,
    ),
    "tanh": (mpmath.tanh, sech2),
    "hard_tanh": (lambda x, a, b: min(max(x, a), b), lambda x, a, b: int(a < x < b)),
    "tanh_shrink": (precisely(lambda x: x - mpmath.tanh(x)), lambda x: mpmath.tanh(x) ** 2),
    "hard_shrink": (lambda x, t: x if abs(x) > t else 0, lambda x, t: int(abs(x) > t)),
    "soft_shrink": (
        lambda x, t: mpmath.sign(x) * max(abs(x) - t, 0),
        lambda x, t: int(abs(x) > t),
    ),
    "threshold": (lambda x, t, v: x if x > t else v, lambda x, t, v: int(x > t)),
    "softplus": (lambda x, b: softplus(b * x) / b, lambda x, b: sigmoid(b * x)),
    "softsign": (lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2),
    "squareplus": (
        lambda x, b: (x + mpmath.sqrt(x * x + b)) / 2 if x > 0 else b / (2 * (mpmath.sqrt(x * x + b) - x)),
        lambda x, b: one_sided(x / mpmath.sqrt(b)),
    ),
    "sparse_plus": (
        lambda x: 0 if x < -1 else x if x > 1 else (x + 1) ** 2 / 4,
        lambda x: min(max((x + 1) / 2, 0), 1),
    ),
    "sparse_sigmoid": (lambda x: min(max((x + 1) / 2, 0), 1), lambda x: mpf(int(-1 < x < 1)) / 2),
    "exponential": (mpmath.exp, mpmath.exp),
    "sin": (mpmath.sin, mpmath.cos),
    "cos": (mpmath.cos, lambda x: -mpmath.sin(x)),
}


def to_long_double(value) -> np.longdouble:
    """An mpmath number, rounded to long double."""
    mantissa, exponent = mpmath.frexp(value)
    high = float(mantissa)
    bounded = min(max(int(exponent), -16_000), 16_000)  # beyond, it is 0 or infinity to all
    return np.ldexp(np.longdouble(high) + np.longdouble(float(mantissa - high)), bounded)


def exact(row: Activation, kind: str, x: np.ndarray, parameters: tuple[float, ...] = ()) -> np.ndarray:
    """The row's function or derivative at finite x, to the precision of long double."""
    if row.name not in DEFINITIONS:
        return textbook(row, kind, x, parameters)
    definition = DEFINITIONS[row.name][kind == "derivative"]
    values = [to_long_double(definition(mpf(float(v)), *map(mpf, parameters))) for v in x]
    return np.array(values, dtype=np.longdouble)


def textbook(row: Activation, kind: str, x: np.ndarray, parameters: tuple[float, ...] = ()) -> np.ndarray:
    """The same from `fastact.reference` in long double: fast, and exact enough for float32."""
    name = row.name if kind == "function" else f"{row.name}_derivative"
    keywords = {p.name: np.longdouble(value) for p, value in zip(row.parameters, parameters, strict=True)}
    with np.errstate(all="ignore"):
        return reference.get(name)(x.astype(np.longdouble), **keywords)


def ulp_distance(got: np.ndarray, right: np.ndarray) -> np.ndarray:
    """abs(got - right) in units in the last place of the right answer, in the dtype of got.

    A subnormal answer has the unit of all subnormals. Infinity counts as the power of two that
    follows the largest number. NaN, or a zero of the wrong sign, is infinitely far off.
    """
    info = np.finfo(got.dtype)
    beyond = np.ldexp(np.longdouble(1), INFINITE_EXPONENT[got.dtype.type])
    right = np.clip(right, -beyond, beyond)
    _, exponent = np.frexp(np.where(np.abs(right) == beyond, beyond / 2, right))
    lowest = int(info.minexp) - info.nmant
    unit = np.ldexp(
        np.longdouble(1), np.maximum(np.where(right == 0, lowest, exponent - 1 - info.nmant), lowest)
    )
    distance = np.abs(np.clip(got.astype(np.longdouble), -beyond, beyond) - right) / unit
    wrong_zero = (got == 0) & (right != 0) & (np.signbit(got) != np.signbit(right))
    return np.where(np.isnan(distance) | wrong_zero, np.inf, distance)


def near(dtype, centre: float, floats: int = 64) -> np.ndarray:
    """All numbers of a float dtype within `floats` steps of a centre."""
    bits = np.dtype(f"i{np.dtype(dtype).itemsize}")
    middle = int(np.abs(np.asarray(centre, dtype)).view(bits))
    around = np.arange(max(0, middle - floats), middle + floats + 1).astype(bits).view(dtype)
    around = around[np.isfinite(around)]
    return -around if centre < 0 else around


def bit_patterns(dtype, per_exponent: int, seed: int) -> np.ndarray:
    """Every exponent and sign with so many random mantissas, the smallest and the largest among them.

    In float64 that is done where functions bend, from 2^-64 to 2^12; every other exponent gets two.
    """
    info = np.finfo(dtype)
    rng = np.random.default_rng(seed)
    bits = np.dtype(f"u{np.dtype(dtype).itemsize}")
    bias = 1 - int(info.minexp)
    exponents = np.arange(bias + int(info.maxexp))
    if dtype == np.float64:
        bent = (exponents > bias - 64) & (exponents < bias + 12)
        exponents = np.concatenate([exponents, np.repeat(exponents[bent], per_exponent)])
        per_exponent = 1
    mantissas = rng.integers(0, 1 << info.nmant, (2, len(exponents), per_exponent), dtype=np.uint64)
    mantissas[:, 0, 0], mantissas[:, -1, 0] = 0, (1 << info.nmant) - 1
    if per_exponent > 2:
        mantissas[:, :, 0], mantissas[:, :, 1] = 0, (1 << info.nmant) - 1
    signs = np.arange(2, dtype=np.uint64)[:, None, None] << np.uint64(info.nmant + info.nexp)
    patterns = signs | exponents.astype(np.uint64)[None, :, None] << np.uint64(info.nmant) | mantissas
    return patterns.astype(bits).view(dtype).ravel()


def inputs(row: Activation, dtype, per_exponent: int, seed: int = 0) -> np.ndarray:
    """Finite inputs that look everywhere, and closer where the row is interesting; all of them in float16."""
    if dtype == np.float16:
        x = np.arange(1 << 16).astype(np.uint16).view(np.float16)
        return x[np.isfinite(x)]
    marked = [0.0, -0.0, 1.0, -1.0, *row.interesting, *row.roots, *row.kinks]
    windows = [near(dtype, centre) for centre in marked]
    return np.concatenate([bit_patterns(dtype, per_exponent, seed), *windows])


def suspects(x: np.ndarray, distance: np.ndarray, of_each: int) -> np.ndarray:
    """x of the largest distances, so many of each exponent and sign: where a fast answer may be a poor judge."""
    binade = 2 * np.frexp(x)[1] + np.signbit(x)
    order = np.lexsort((-distance, binade))
    _, first, counts = np.unique(binade[order], return_index=True, return_counts=True)
    rank = np.arange(len(x)) - np.repeat(first, counts)
    return x[order[rank < of_each]]


def away_from_kinks(row: Activation, x: np.ndarray) -> np.ndarray:
    """x without the row's kinks, whose derivative is a choice that test_activations looks at."""
    return x[~np.isin(x, [*row.kinks])]


def errors(row: Activation, kind: str, x: np.ndarray, right: np.ndarray, got: np.ndarray) -> np.ndarray:
    """Distances in ULP; near a root of a float64 derivative only errors that are large in themselves count."""
    distance = ulp_distance(got, right)
    if kind == "derivative" and x.dtype == np.float64:
        for root in row.roots:
            small = np.abs(got.astype(np.longdouble) - right) <= 2.0**-52
            distance[(np.abs(x - root) < 0.5) & small] = 0
    return distance
