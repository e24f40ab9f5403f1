"""Find the polynomials that float32 kernels take piece by piece, and write their tables as C.

    python tools/pieces.py            # rewrites src/fastact/_kernels/formulas/pieces_f32.h

The exponent and first two bits of a + offset number the 16 pieces: a quarter of an octave each. In a piece, the
function at a = centre + t is start + slope t + t polynomial(t). A table has a row for the centres, one for the
starts, one for each coefficient, and one for the slopes if any is not 0.
A centre is one where the function and its derivative happen to be nearly floats, so that start and polynomial lose
nothing to rounding (S. Gal, ACM Transactions on Mathematical Software 17, 1991). It lies at the root of the function
if there is one, and the offset puts that into the middle of a piece: the next ones do not come close to 0. Needs
mpmath and NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count, pairwise

import numpy as np
from minimax import KERNELS, Fit, remez, tanh_shrink_ratio
from mpmath import erfc, exp, mp, mpf, sqrt

PIECES = 16  # TABLE_SIZE of lanes.h
NEARLY = 0.01  # ULP that the function and its derivative may be off at a centre


@dataclass(frozen=True, kw_only=True)
class Table:
    """A function for 0 <= a <= end, its relative error small, and its derivative.

    If it is 0 at 0, so is the first centre, and the slope there is the derivative, a float; other slopes are 0.
    """

    name: str
    says: str
    function: Callable
    derivative: Callable
    offset: float
    end: float
    degree: int
    zero_at_zero: bool = False
    root: float = -1
    scale: float = 1  # what the function is a multiple by, to within 1e-7


def rounded(value) -> float:
    return float(np.float32(float(value)))


def gelu_ratio(a):
    """a e^(a^2/2) P(X > a) of a standard normal X."""
    return a * exp(a * a / 2) * erfc(a / sqrt(mpf(2))) / 2


def gelu_ratio_slope(a):
    return (gelu_ratio(a) * a - a / sqrt(2 * mp.pi)) + exp(a * a / 2) * erfc(a / sqrt(mpf(2))) / 2


def tanh_over_identity_squared(a):
    return (mp.tanh(a) / a) ** 2 if a > mpf("1e-8") else 1 - 2 * a * a / 3


def lower_dish(a):
    """-dish(-a)."""
    root = sqrt(1 + a * a)
    return a / (2 * root * (root + a))


def lower_dish_slope(a):
    root = sqrt(1 + a * a)
    return 1 / (2 * root * (root + a)) - a / (2 * root**3)


def lower_dish_derivative(a):
    """dish'(-a)."""
    u = a / sqrt(1 + a * a)
    return (1 - 2 * u + u**3) / 2


DISH_ROOT = 0.7861513777574233
#: dish' times this has a float as its derivative, where the float next to its root is
DISH_SLOPE_AT_ROOT = mp.diff(lower_dish_derivative, mpf(rounded(DISH_ROOT)))
DISH_SLOPE_SCALE = rounded(DISH_SLOPE_AT_ROOT) / DISH_SLOPE_AT_ROOT


def lower_gelu_derivative(a):
    """e^(a^2/2) gelu'(-a)."""
    return exp(a * a / 2) * erfc(a / sqrt(mpf(2))) / 2 - a / sqrt(2 * mp.pi)


def lower_gelu_curve(a):
    return a * exp(a * a / 2) * erfc(a / sqrt(mpf(2))) / 2 - 2 / sqrt(2 * mp.pi)


def lower_silu_derivative(a):
    """e^a silu'(-a)."""
    return (1 + exp(-a) - a) / (1 + exp(-a)) ** 2


TABLES = [
    Table(
        name="TANH",
        says="tanh(a)",
        function=mp.tanh,
        derivative=lambda a: 1 - mp.tanh(a) ** 2,
        offset=1,
        end=9.2,
        degree=5,
        zero_at_zero=True,
    ),
    Table(
        name="NORMAL_TAIL",
        says="a e^(a^2/2) P(X > a), X standard normal",
        function=gelu_ratio,
        derivative=gelu_ratio_slope,
        offset=1,
        end=15,
        degree=5,
        zero_at_zero=True,
    ),
    Table(
        name="DISH",
        says="a (1 - a / sqrt(1 + a^2)) / 2",
        function=lower_dish,
        derivative=lower_dish_slope,
        offset=1,
        end=15,
        degree=6,
        zero_at_zero=True,
    ),
    Table(
        name="DISH_SLOPE",
        says="dish'(-a) DISH_SLOPE_SCALE",
        function=lambda a: lower_dish_derivative(a) * DISH_SLOPE_SCALE,
        derivative=lambda a: mp.diff(lower_dish_derivative, a) * DISH_SLOPE_SCALE,
        offset=0.84375,
        end=11,
        degree=7,
        root=DISH_ROOT,
        scale=DISH_SLOPE_SCALE,
    ),
    Table(
        name="GELU_SLOPE",
        says="e^(a^2/2) gelu'(-a)",
        function=lower_gelu_derivative,
        derivative=lower_gelu_curve,
        offset=1.125,
        end=12.9,
        degree=5,
        root=0.7517915246935645,
    ),
    Table(
        name="SILU_SLOPE",
        says="e^a silu'(-a)",
        function=lower_silu_derivative,
        derivative=lambda a: mp.diff(lower_silu_derivative, a),
        offset=2,
        end=30,
        degree=6,
        root=1.2784645427610738,
    ),
    Table(
        name="TANH_SHRINK",
        says="(a - tanh(a)) / a^3",
        function=lambda a: tanh_shrink_ratio(a * a),
        derivative=lambda a: mp.diff(lambda x: tanh_shrink_ratio(x * x), a),
        offset=0.5,
        end=7.5,
        degree=5,
    ),
    Table(
        name="TANH_SQUARED",
        says="(tanh(a) / a)^2",
        function=tanh_over_identity_squared,
        derivative=lambda a: mp.diff(tanh_over_identity_squared, a),
        offset=0.5,
        end=7.5,
        degree=6,
    ),
]


def edges(table: Table) -> list[float]:
    """Where the pieces begin, and the last one ends."""
    quarters = [2.0**octave * (1 + quarter / 4) for octave in range(-1, 6) for quarter in range(4)]
    first = sum(start <= table.offset for start in quarters) - 1
    return [max(start - table.offset, 0) for start in quarters[first : first + PIECES + 1]]


def ulps_off(value) -> float:
    """How far the nearest float is."""
    nearest = np.float32(float(value))
    return float(abs(mpf(float(nearest)) - value) / mpf(float(np.spacing(abs(nearest)))))


def centre(table: Table, low: float, high: float) -> float:
    """A float close to the middle of a piece, where the function and its derivative are nearly floats."""
    if low < table.root < high:
        return rounded(table.root)
    middle = np.float32((low + high) / 2)
    for steps in count():
        candidate = mpf(float(middle + steps * np.spacing(middle)))
        if ulps_off(table.function(candidate)) < NEARLY and ulps_off(table.derivative(candidate)) < NEARLY:
            return float(candidate)
    raise AssertionError("unreachable")


def piece(table: Table, low: float, high: float) -> tuple[list[float], float]:
    """Centre, start, coefficients and slope, and the largest relative error of the polynomial."""
    at_zero = table.zero_at_zero and low == 0
    middle = 0.0 if at_zero else centre(table, low, high)
    start, derivative = table.function(mpf(middle)), table.derivative(mpf(middle))
    slope = derivative if at_zero else 0.0

    def away(t):
        return t if abs(t) > mpf("1e-6") else mpf("1e-6")

    def curvature(t):
        return ((table.function(middle + away(t)) - start) / away(t) - derivative) / away(t)

    fit = Fit(
        name=table.name,
        says=table.says,
        function=curvature,
        interval=(low - middle, high - middle),
        degree={"f32": table.degree - 1},
        weight=lambda t: away(t) ** 2 / abs(table.function(middle + away(t))),
        grid=400,
    )
    coefficients, error = remez(fit, "f32")
    return [middle, *map(rounded, [start, derivative - slope, *coefficients, slope])], error


def as_c(table: Table) -> str:
    """The table as an array of rows, a column for each piece."""
    bounds = edges(table)
    columns, errors = [], []
    for low, high in pairwise(bounds):
        if low < table.end:
            column, error = piece(table, low, min(high, table.end))
            errors.append(error)
        columns.append(column)  # beyond the end, the last one again
    turn = (np.float32(table.offset).view(np.int32) >> 21) % PIECES
    rows = np.roll(np.array(columns, np.float32).T, turn, axis=1)
    if not table.zero_at_zero:
        rows = rows[:-1]
    about = f"{table.says} for 0 <= a <= {table.end}, offset {table.offset}; largest relative error {max(errors):.2g}"
    print(f"{table.name}: {about}")
    text = f"\n/* {about} */\nstatic const float {table.name}_PIECES[] = {{\n"
    for row in rows:
        text += "    " + ", ".join(f"{float(value).hex()}f" for value in row) + ",\n"
    text += "};\n"
    if table.scale != 1:
        rest = float(1 / table.scale - 1)
        text += f"#define {table.name}_REST {rest!r}f /* 1 / {table.name}_SCALE - 1 */\n"
    return text


def main() -> None:
    text = (
        "/* Polynomials in pieces for float32 results, for look_up of lanes.h; made by tools/pieces.py. */\n"
    )
    (KERNELS / "formulas" / "pieces_f32.h").write_text(text + "".join(map(as_c, TABLES)))


if __name__ == "__main__":
    main()
