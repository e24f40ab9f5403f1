"""Find the polynomials that the kernels evaluate, and write them as Cython.

    python tools/minimax.py            # rewrites polynomials_*.pxi and exp_table.h below src/fastact/_kernels

Each polynomial is the minimax approximation of a function on an interval, found with the
Remez exchange algorithm in 60-digit arithmetic (E. Remez, 1934; see J.-M. Muller,
"Elementary Functions", 3rd ed., chapter 3). Needs mpmath.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from mpmath import erfc, exp, expm1, log, log1p, lu_solve, matrix, mp, mpf, sqrt

mp.dps = 60
KERNELS = Path(__file__).parents[1] / "src" / "fastact" / "_kernels"
GRID = 4000  # points on which the error is searched for its extrema
DTYPES = {"f32": 30, "f64": 56}  # bits that the polynomials are good to
#: Coefficients in one chain of dependent operations. With AVX2, chains of 2 are 1.04x as fast as of 4 in float64;
#: in float32, where both halves of a vector are computed at a time, up to a tenth slower than of 7.
CHAIN = {"f32": 7, "f64": 2}


def absolute_error(x):
    return mpf(1)


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A function to approximate: `weight * (function - polynomial)` is what stays small, and 0 at `exact`."""

    name: str
    says: str
    function: Callable
    interval: tuple[float, float]
    degree: dict[str, int]
    weight: Callable = absolute_error
    exact: tuple = ()
    evaluated_in: str = "double"  # or float, or lanes, which are floats
    grid: int = GRID


def exp_tail(r):
    """(e^r - 1 - r) / r^2, by its series near 0."""
    if abs(r) > mpf("1e-3"):
        return (expm1(r) - r) / r**2
    return sum(r**k / mp.factorial(k + 2) for k in range(20))


def log1p_ratio(z):
    return log1p(z) / z if z else mpf(1)


def scaled_normal_tail(u):
    """(4 + t) e^(t^2/2) P(X > t) of a standard normal X, at t = 4 (1 + u) / (1 - u).

    Of 2, 2.5, 3, 3.5, 4 and 5 in place of 4, this needs the lowest degree.
    """
    t = 4 * (1 + u) / (1 - u)
    return (4 + t) * exp(t * t / 2) * erfc(t / sqrt(mpf(2))) / 2


def u_of(t: float) -> float:
    return (t - 4) / (t + 4)


def log_ratio(square):
    """(atanh(s) - s) / s^3 at s^2 = square: log(1 + z) = 2 atanh(z / (2 + z))."""
    if square < mpf("1e-6"):
        return sum(square**k / (2 * k + 3) for k in range(12))
    s = sqrt(square)
    return (mp.atanh(s) - s) / s**3


def gelu_slope(x):
    """The derivative of gelu."""
    return erfc(-x / sqrt(mpf(2))) / 2 + x * exp(-x * x / 2) / sqrt(2 * mp.pi)


GELU_ROOT = mp.findroot(gelu_slope, mpf("-0.75"))


def tanh_shrink_ratio(square):
    """(x - tanh(x)) / x^3 at x^2 = square."""
    if square < mpf("1e-8"):
        return mpf(1) / 3 - 2 * square / 15 + 17 * square**2 / 315
    x = sqrt(square)
    return (x - mp.tanh(x)) / x**3


def tanh_shrink_tail(square):
    """What that is beyond 1 / 3, by x^2."""
    if square < mpf("1e-8"):
        return mpf(-2) / 15 + 17 * square / 315 - 62 * square**2 / 2835
    return (tanh_shrink_ratio(square) - mpf(1) / 3) / square


def sin_tail(square):
    """(sin(r) - r) / r^3 at r^2 = square."""
    if square < mpf("1e-12"):
        return mpf(-1) / 6 + square / 120
    r = sqrt(square)
    return (mp.sin(r) - r) / r**3


def cos_tail(square):
    """(cos(r) - 1 + r^2 / 2) / r^4 at r^2 = square."""
    if square < mpf("1e-9"):
        return mpf(1) / 24 - square / 720 + square**2 / 40320
    return (mp.cos(sqrt(square)) - 1 + square / 2) / square**2


def reduced(v):
    """What is left of v after reduction by ln(2)."""
    return v - mp.nint(v / log(2)) * log(2)


def minimum(function: Callable, near: str):
    return mp.findroot(lambda x: mp.diff(function, x), mpf(near))


def gelu_tanh_argument(x):
    return 2 * sqrt(2 / mp.pi) * (x + mpf("0.044715") * x**3)


#: reduced arguments of e^-x for the derivatives of silu and gelu_tanh, and of e^x for that of mish, at their roots
ROOTS = (
    reduced(-minimum(lambda x: x / (1 + exp(-x)), "-1.28")),
    reduced(-gelu_tanh_argument(minimum(lambda x: x / (1 + exp(-gelu_tanh_argument(x))), "-0.75"))),
    reduced(minimum(lambda x: x * mp.tanh(log1p(exp(x))), "-1.19")),
)

HALF_LN2 = float(log(2) / 2) * 1.0001

FITS = [
    Fit(
        name="exp_tail",
        says="(e^r - 1 - r) / r^2 for abs(r) <= ln(2) / 2",
        function=exp_tail,
        interval=(-HALF_LN2, HALF_LN2),
        degree={"f32": 4, "f64": 9},
        weight=lambda r: max(abs(r), mpf("1e-2")),  # the relative error of expm1
    ),
    Fit(
        name="precise_exp_tail",
        says="the same, exact where the derivatives of silu, gelu_tanh and mish have their roots",
        function=exp_tail,
        interval=(-HALF_LN2, HALF_LN2),
        degree={"f32": 5},
        weight=lambda r: max(abs(r), mpf("1e-2")),
        exact=ROOTS,
    ),
    Fit(
        name="near_exp_tail",
        says="(e^r - 1 - r) / r^2 for abs(r) <= ln(2) / 2, in float, for the relative error of e^r",
        function=exp_tail,
        interval=(-HALF_LN2, HALF_LN2),
        degree={"f32": 4},
        weight=lambda r: max(r**2, mpf("1e-4")) / exp(r),
        evaluated_in="float",
    ),
    Fit(
        name="near_expm1_tail",
        says="the same, for the relative error of e^r - 1",
        function=exp_tail,
        interval=(-HALF_LN2, HALF_LN2),
        degree={"f32": 5},
        weight=lambda r: max(abs(r), mpf("1e-2")),
        evaluated_in="float",
    ),
    Fit(
        name="exp_tail_in_lanes",
        says="the same for the relative error of e^r, in lanes",
        function=exp_tail,
        interval=(-HALF_LN2, HALF_LN2),
        degree={"f32": 4},
        weight=lambda r: max(r**2, mpf("1e-4")) / exp(r),
        evaluated_in="lanes",
    ),
    Fit(
        name="log1p_ratio",
        says="log(1 + z) / z for 0 <= z <= 1",
        function=log1p_ratio,
        interval=(0.0, 1.0),
        degree={"f32": 10},
        weight=lambda z: 1 / log1p_ratio(z),
    ),
    Fit(
        name="atanh_tail",
        says="(atanh(s) - s) / s^3 in s^2, for 0 <= s <= 1/3",
        function=log_ratio,
        interval=(0.0, 1 / 9),
        degree={"f64": 9},
    ),
    Fit(
        name="near_atanh_tail",
        says="(atanh(s) - s) / s^3 in s^2, for 0 <= s <= 1/3, in float",
        function=log_ratio,
        interval=(0.0, 1 / 9),
        degree={"f32": 3},
        weight=lambda square: max(square, mpf("1e-4")),
        evaluated_in="float",
    ),
    Fit(
        name="normal_tail_ratio",
        says="(4 + t) e^(t^2/2) P(X > t), X standard normal, in u = (t - 4) / (t + 4), 0 <= t <= 19.6, exact at the "
        "root of gelu'",
        function=scaled_normal_tail,
        interval=(-1.0, u_of(19.6)),
        degree={"f32": 10},
        exact=(u_of(-GELU_ROOT),),
        weight=lambda u: 1 / scaled_normal_tail(u),
    ),
    Fit(
        name="normal_tail_ratio",
        says="(4 + t) e^(t^2/2) P(X > t), X standard normal, in u = (t - 4) / (t + 4), 0 <= t <= 39",
        function=scaled_normal_tail,
        interval=(-1.0, u_of(39.0)),
        degree={"f64": 22},
        weight=lambda u: 1 / scaled_normal_tail(u),
    ),
    Fit(
        name="tanh_shrink_tail",
        says="((x - tanh(x)) / x^3 - 1 / 3) / x^2 in x^2, for abs(x) <= 1",
        function=tanh_shrink_tail,
        interval=(0.0, 1.0),
        degree={"f32": 6, "f64": 14},
    ),
    Fit(
        name="sin_tail",
        says="(sin(r) - r) / r^3 in r^2, for abs(r) <= pi / 4",
        function=sin_tail,
        interval=(0.0, 0.6169),
        degree={"f32": 3, "f64": 6},
    ),
    Fit(
        name="cos_tail",
        says="(cos(r) - 1 + r^2 / 2) / r^4 in r^2, for abs(r) <= pi / 4",
        function=cos_tail,
        interval=(0.0, 0.6169),
        degree={"f32": 2, "f64": 5},
    ),
    Fit(
        name="near_sin_tail",
        says="(r - sin(r)) / r^3 in r^2, in float, for abs(r) <= 0.83",
        function=lambda square: -sin_tail(square),
        interval=(0.0, 0.69),
        degree={"f32": 2},
        weight=lambda square: max(square, mpf("1e-2")),  # the relative error of the sine
        evaluated_in="float",
    ),
    Fit(
        name="near_cos_tail",
        says="(cos(r) - 1 + r^2 / 2) / r^4 in r^2, in float, for abs(r) <= 0.83",
        function=cos_tail,
        interval=(0.0, 0.69),
        degree={"f32": 2},
        weight=lambda square: max(square, mpf("1e-2")) ** 2,
        evaluated_in="float",
    ),
]


STEPS = 16  # numbers of the table of powers of two, from 1 to 2
TABLE_BITS = 8  # of each, so that its product with a number of 16 bits is exact in float
STEP = log(2) / STEPS

#: 2^(k/16) as in the table
POWERS = [
    mpf(round(2 ** (TABLE_BITS - 1) * mpf(2) ** (mpf(k) / STEPS))) / 2 ** (TABLE_BITS - 1)
    for k in range(STEPS)
]
#: what their logarithms lack
RESTS = [k * STEP - log(power) for k, power in enumerate(POWERS)]

TABLE_TAIL = Fit(
    name="table_tail",
    says="(e^r - 1 - r) / r^2 for what is left of an argument beside the table",
    function=exp_tail,
    interval=(float(min(RESTS) - STEP / 2) * 1.001, float(max(RESTS) + STEP / 2) * 1.001),
    degree={"f32": 1},
    weight=lambda r: max(r**2, mpf("1e-7")),
)


def remez(fit: Fit, dtype: str) -> tuple[list, float]:
    """Coefficients (lowest first) and the largest weighted error."""
    if fit.exact:
        return through(*fit.exact, fit=fit, dtype=dtype)
    low, high = map(mpf, fit.interval)
    degree = fit.degree[dtype]
    steps = fit.grid
    grid = [(low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * i / steps) for i in range(steps + 1)]
    values = [fit.function(x) for x in grid]
    weights = [fit.weight(x) for x in grid]
    n = degree + 2
    nodes = [round(i * steps / (n - 1)) for i in range(n)]
    for _ in range(40):
        a = matrix(n, n)
        b = matrix(n, 1)
        for row, i in enumerate(nodes):
            for k in range(degree + 1):
                a[row, k] = grid[i] ** k
            a[row, degree + 1] = (-1) ** row / weights[i]
            b[row] = values[i]
        solution = lu_solve(a, b)
        coefficients = [solution[k] for k in range(degree + 1)]
        errors = [
            w * (v - mp.polyval(coefficients[::-1], x)) for x, v, w in zip(grid, values, weights, strict=True)
        ]
        extrema = alternating_extrema(errors, n)
        if extrema == nodes:
            break
        nodes = extrema
    return coefficients, float(max(abs(e) for e in errors))


def through(point, *others, fit: Fit, dtype: str) -> tuple[list, float]:
    """The same for value + (x - point) quotient(x), of which the quotient is approximated."""
    value = fit.function(point)
    quotient = replace(
        fit,
        function=lambda x: (fit.function(x) - value) / (x - point),
        weight=lambda x: fit.weight(x) * abs(x - point),
        degree={dtype: fit.degree[dtype] - 1},
        exact=others,
    )
    q, error = remez(quotient, dtype)
    shifted = [value, *q]
    return [a - point * b for a, b in zip(shifted, [*q, mpf(0)], strict=True)], error


def alternating_extrema(errors: list, n: int) -> list[int]:
    """Indices of the largest error in each run of one sign; the n consecutive best."""
    runs: list[int] = []
    for i, e in enumerate(errors):
        if runs and (e > 0) == (errors[runs[-1]] > 0):
            if abs(e) > abs(errors[runs[-1]]):
                runs[-1] = i
        else:
            runs.append(i)
    while len(runs) > n:
        runs.pop(0 if abs(errors[runs[0]]) < abs(errors[runs[-1]]) else -1)
    if len(runs) < n:
        raise ArithmeticError("the error does not alternate often enough: raise GRID or the precision")
    return runs


#: how each type multiplies and adds, and writes a number
MUL_ADD = {"double": "mul_add", "float": "mul_add_f32", "lanes": "lanes_mul_add"}
NUMBER = {"double": "{!r}", "float": "{!r}", "lanes": "in_all_lanes({!r})"}


def polynomial(coefficients: list, chain: int, evaluated_in: str) -> str:
    """The polynomial by Horner's rule up to `chain` coefficients; a longer one in two parts (G. Estrin's scheme)."""
    mul_add, number = MUL_ADD[evaluated_in], NUMBER[evaluated_in]
    if len(coefficients) > chain:
        middle = split(len(coefficients))
        low, high = (
            polynomial(part, chain, evaluated_in) for part in (coefficients[:middle], coefficients[middle:])
        )
        return f"{mul_add}({high}, {power(middle)}, {low})"
    text = number.format(float(coefficients[-1]))
    for c in coefficients[-2::-1]:
        text = f"{mul_add}({text}, x, {number.format(float(c))})"
    return text


def split(count: int) -> int:
    """Where to cut so many coefficients: at a power of two near the middle."""
    return 1 << (2 * count // 3).bit_length() - 1


def power(exponent: int) -> str:
    return "x" if exponent == 1 else f"x{exponent}"


def as_cython(fit: Fit, dtype: str) -> str:
    """An inline function."""
    coefficients, error = remez(fit, dtype)
    about = f"{fit.says}; degree {fit.degree[dtype]}, largest error {error:.2g}"
    print(f"{dtype} {fit.name}: {about}")
    real = fit.evaluated_in
    value = polynomial(coefficients, CHAIN[dtype], real)
    used = [k for k in (8, 4, 2) if power(k) in value]
    squares = [k for k in (2, 4, 8) if used and k <= used[0]]
    lines = [f"    # {about}"]
    lines += [f"    cdef {real} {power(k)} = {power(k // 2)} * {power(k // 2)}" for k in squares]
    lines.append(f"    return {value}")
    return f"\ncdef inline {real} {fit.name}({real} x) noexcept nogil:\n" + "\n".join(lines) + "\n"


def exact_float(x) -> str:
    """The float nearest to a number, as C writes it."""
    return f"{np.float32(float(x)).item().hex()}f"


def exp_table() -> str:
    """The numbers that e^x needs beside a table, as a header in C."""
    coefficients, error = remez(TABLE_TAIL, "f32")
    constants = {
        "STEPS_A_UNIT": STEPS / log(2),
        "STEP_F32": STEP,
        "STEP_LOW_F32": STEP - mpf(np.float32(float(STEP)).item()),
        **{f"TABLE_TAIL_{k}": c for k, c in enumerate(coefficients)},
    }
    shortfalls = [
        round((1 + mpf(k) / STEPS - power) * 2 ** (TABLE_BITS - 1)) for k, power in enumerate(POWERS)
    ]
    lines = [
        "/* Numbers for e^x by a table of powers of two; made by tools/minimax.py. */",
        f"/* {TABLE_TAIL.says}; degree 1, largest error of e^r {error:.2g} */",
        *(f"#define {name} {exact_float(value)}" for name, value in constants.items()),
        f"/* what 2^(k/{STEPS}), to {TABLE_BITS} bits, falls short of 1 + k/{STEPS}, in the last of these bits */",
        table("powers_shortfall", "uint8_t", list(map(str, shortfalls))),
        "/* what the logarithms of the powers to so many bits lack */",
        table("powers_rest", "float", list(map(exact_float, RESTS))),
    ]
    return "\n".join(lines) + "\n"


def table(name: str, of_type: str, numbers: list[str]) -> str:
    """An array in C."""
    rows = [", ".join(numbers[i : i + 4]) for i in range(0, len(numbers), 4)]
    return f"static const {of_type} {name}[{len(numbers)}] = {{\n    " + ",\n    ".join(rows) + "};"


def main() -> None:
    for dtype, bits in DTYPES.items():
        text = f"# Minimax polynomials for {dtype} results, {bits} bits; made by tools/minimax.py.\n"
        text += "\n".join(as_cython(fit, dtype) for fit in FITS if dtype in fit.degree)
        (KERNELS / "formulas" / f"polynomials_{dtype}.pxi").write_text(text)
    (KERNELS / "rows" / "exp_table.h").write_text(exp_table())


if __name__ == "__main__":
    main()
