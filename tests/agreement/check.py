"""How another library's results are held against ours: they agree to some roundings, or differ on purpose."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable

import numpy as np
import oracle
import pytest
from differences import Difference, Points, concerning
from twins import OTHER_DEFAULTS, Twin

from fastact import reference
from fastact._table import BY_NAME

ml_dtypes = pytest.importorskip("ml_dtypes", reason="ml_dtypes is not installed")

ROUNDINGS = 16  # of both sides together: PyTorch's float64 softmax takes 9, JAX's gelu near -1.4 as many
OURS = 8  # of ours alone, where another library is no guide: gelu in float64 is promised to 8
FLOATS = (np.float16, ml_dtypes.bfloat16, np.float32, np.float64)
ROWS = ("softmax", "log_softmax", "glu")  # not elementwise

tried: set[tuple[str, str, str]] = set()  # (library, our name, kind)
met: set[tuple[str, Difference]] = set()  # the differences that were there

every_float = pytest.mark.parametrize("dtype", FLOATS, ids=lambda dtype: np.dtype(dtype).name)
#: how functions with parameters are called besides with their defaults
CALLS = {
    "leaky_relu": [{"negative_slope": 0.25}],
    "elu": [{"alpha": 0.75}],
    "celu": [{"alpha": 1.5}],
    "gelu": [{"approximate": True}, {"approximate": False}],
    "hard_shrink": [{"threshold": 0.25}],
    "soft_shrink": [{"threshold": 1.5}],
    "squareplus": [{"b": 1.5}],
    **{name: [{"axis": 0}] for name in ROWS},
}


def calls(twins: dict[str, Twin], required: dict[str, dict] | None = None):
    """Parametrise a test over their functions, each with its defaults and with other parameters."""
    required = required or {}
    return pytest.mark.parametrize(
        ("name", "theirs"),
        [
            pytest.param(name, given, id=f"{name}{given or ''}")
            for name in twins
            for given in [required.get(name, {}), *CALLS.get(name, [])]
        ],
    )


def defaults(function: Callable, twin: Twin) -> dict:
    """The defaults of those of their parameters that we have."""
    found = inspect.signature(function).parameters
    return {
        name: found[name].default
        for name in twin.parameters
        if found[name].default is not inspect.Parameter.empty
    }


def assert_defaults(library: str, name: str, function: Callable, twin: Twin) -> None:
    """Their defaults are ours, but for those that twins.py names."""
    own = BY_NAME[twin.name].parameters if twin.name in BY_NAME else ()
    ours = {p.name: p.default for p in own} | {"approximate": False, "axis": -1}
    for parameter, value in defaults(function, twin).items():
        same = OTHER_DEFAULTS.get((library, name, parameter), ours[twin.parameters[parameter]])
        assert value == same, f"{library}: {name}({parameter}={value})"
        if (library, name, parameter) in OTHER_DEFAULTS:
            assert value != ours[twin.parameters[parameter]], (
                "no longer another default: take it out of twins.py"
            )


def assert_every_difference_was_met(library: str, twins: dict[str, Twin], kinds: tuple[str, ...]) -> None:
    """After all other tests of a library: no row of the table that is no longer true."""
    due = {(library, twin.name, kind) for twin in twins.values() for kind in kinds}
    if not tried >= due:
        pytest.skip("only some functions were tried")
    rows = {row for call in due for row in concerning(*call)}
    gone = [row.reason for row in rows if (library, row) not in met]
    assert not gone, f"{library} no longer differs: {gone}"


def operand(name: str, dtype) -> np.ndarray:
    """What a function is tried on: densely where it bends, its kinks, both ends, NaN; or some rows."""
    if name in ROWS:
        return (4 * np.random.default_rng(0).standard_normal((8, 6))).astype(dtype)
    kinks = [0.0, 0.25, 0.5, 1.0, 1.5, 3.0, 6.0, 20.0, 50.0, 100.0, 800.0, 1e-3, 1e-6, np.inf]
    x = [*(np.linspace(-12, 12, 4801) + 0.00017), *kinks, *(-k for k in kinks), np.nan]
    return np.array(x).astype(dtype)


@functools.cache
def finfo(dtype):
    return ml_dtypes.finfo(dtype)


def call(twin: Twin, theirs: dict) -> dict:
    """Our parameters for theirs."""
    unknown = theirs.keys() - twin.parameters.keys()
    assert not unknown, f"{twin.name}: no counterpart of {unknown} in twins.py"
    return {
        twin.parameters[name]: value for name, value in theirs.items() if twin.parameters[name] is not None
    }


def exact(name: str, kind: str, points: Points, here: np.ndarray) -> np.ndarray:
    """The exact results at some finite points, as the tests of accuracy know them."""
    if name in ROWS:
        found = {"softmax": reference.get("softmax"), "log_softmax": exact_log_softmax}[name](
            points.x, **points.parameters
        )
        return found[here]
    parameters = dict(points.parameters)
    if parameters.pop("approximate", False) in (True, "tanh"):
        name += "_tanh"
    row = BY_NAME[name]
    values = [float(parameters.get(p.name, p.default)) for p in row.parameters]
    of = oracle.exact if points.dtype == np.float64 else oracle.textbook
    return of(row, "function" if kind == "function" else "derivative", points.x[here], values)


def exact_log_softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """log_softmax with the largest element left out of the sum, so that nothing cancels."""
    if x.ndim == 0:
        return np.zeros_like(x)
    largest = np.expand_dims(x.argmax(axis=axis), axis)
    shifted = x - np.take_along_axis(x, largest, axis)
    e = np.exp(shifted)
    np.put_along_axis(e, largest, 0, axis)
    return shifted - np.log1p(e.sum(axis=axis, keepdims=True))


def distance(a: np.ndarray, b: np.ndarray, dtype, floor=0.0) -> np.ndarray:
    """How far a is from b, in roundings of b (of a b below `floor`, as if it were that)."""
    info = finfo(dtype)
    with np.errstate(all="ignore"):
        rounding = np.maximum(np.abs(b), floor) * float(info.eps)
        apart = np.abs(a - b) / np.maximum(rounding, float(info.smallest_subnormal))
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    return np.where(same, 0, np.where(np.isnan(apart), np.inf, apart))


def assert_agree(library: str, twin: Twin, kind: str, x, theirs: dict, ours, right, dy=1.0) -> None:
    """Hold our result against theirs, but at differences, where it is held against the contract.

    `theirs` has the parameters of their call, `right` their result. Small gradients count as dy, as their terms cancel.
    """
    tried.add((library, twin.name, kind))
    dtype = ours.dtype
    assert (right.dtype, right.shape) == (dtype, ours.shape)
    parameters = call(twin, theirs)
    wide, got, right = (np.asarray(a).astype(np.longdouble) for a in (x, ours, right))
    tiny = float(finfo(dtype).smallest_normal)
    dy = np.asarray(dy).astype(np.longdouble)
    if dy.shape != got.shape:
        dy = np.abs(dy).max(initial=0)
    floor = 0.0 if kind == "function" else np.abs(dy)
    due = np.zeros(got.shape, bool)
    if wide.shape == got.shape:
        points = Points(wide, got, parameters, theirs, dtype, tiny, float(finfo(dtype).max))
        apart = distance(got, right, dtype, floor)
        for difference in concerning(library, twin.name, kind):
            here = np.broadcast_to(difference.where(points), got.shape)
            if here.any():
                due |= here
                assert_ours(difference, twin.name, points, here, dy, floor)
                if (apart[here] > ROUNDINGS).any():
                    met.add((library, difference))
    wrong = ~due & (distance(got, right, dtype, floor) > ROUNDINGS)
    where = wide[wrong] if wide.shape == got.shape else "?"
    assert not wrong.any(), (
        f"{library} {twin.name} {kind} {theirs}: at {where} ours {got[wrong]}, theirs {right[wrong]}"
    )


def assert_ours(difference: Difference, name: str, points: Points, here, dy, floor) -> None:
    """Our result at a difference is what the table says."""
    if difference.value is None:
        here = here & np.isfinite(points.x)  # where it is not, another row of the table says what ours is
        value = exact(name, difference.kind, points, here)
    else:
        value = np.broadcast_to(difference.value(points), points.x.shape)[here]
    dy, floor = (np.broadcast_to(a, points.x.shape)[here] for a in (dy, floor))
    with np.errstate(invalid="ignore"):
        right = value * dy if difference.kind == "gradient" else value
    got = points.y[here]
    apart = distance(got, right, points.dtype, floor)
    assert (apart <= OURS).all(), f"{name}: {difference.reason}: ours {got}, not {right}, at {points.x[here]}"
    zero = (right == 0) & (difference.kind == "function") & (difference.value is not None)
    np.testing.assert_array_equal(np.signbit(got[zero]), np.signbit(right[zero]), err_msg=difference.reason)
