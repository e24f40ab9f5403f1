"""The gated linear units: axes, lengths, places of operands and results, types, and gradients."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from conftest import every_float

import fastact as fa
from fastact._table import GATES
from fastact.reference import activations as reference

every_gate = pytest.mark.parametrize("gate", [gate.name for gate in GATES])
SHAPES = [
    ((6,), 0),
    ((6,), -1),
    ((3, 8), 1),
    ((8, 3), 0),
    ((2, 6, 5), 1),
    ((2, 6, 5), -2),
    ((700, 1030), -1),
    ((4, 0), 1),
]
every_shape = pytest.mark.parametrize(("shape", "axis"), SHAPES)
KINDS = {np.float16: np.float32, np.float32: np.float64, np.float64: np.longdouble}


def operands(shape, axis, dtype, seed=0):
    """x, and dy of the shape of half of it."""
    rng = np.random.default_rng(seed)
    x = (3 * rng.standard_normal(shape)).astype(dtype)
    half = [*shape]
    half[axis] //= 2
    return x, rng.standard_normal(half).astype(dtype)


def tolerance(dtype) -> dict[str, float]:
    """One rounding for the product, one for its factor, and some for the textbook, which loses digits in float64."""
    return {"rtol": 32 * float(np.finfo(dtype).eps), "atol": 8 * float(np.finfo(dtype).eps)}


@every_gate
def test_names(gate):
    assert fa.get(gate) is fa.get(gate.upper()) is getattr(fa, gate)
    assert gate in fa.names()
    assert not hasattr(fa.get(gate), "derivative")


@every_shape
@every_float
@every_gate
def test_agrees_with_the_textbook(gate, dtype, shape, axis):
    x, dy = operands(shape, axis, dtype)
    wide = KINDS[dtype]
    y, dx = fa.get(gate)(x, axis), fa.get(gate).backward(dy, x, axis)
    assert (y.dtype, y.shape) == (dtype, dy.shape)
    assert (dx.dtype, dx.shape) == (dtype, x.shape)
    right = reference.gated(gate, x.astype(wide), axis)
    np.testing.assert_allclose(y, right.astype(dtype), **tolerance(dtype))
    right = reference.gated_backward(gate, dy.astype(wide), x.astype(wide), axis)
    np.testing.assert_allclose(dx, right.astype(dtype), **tolerance(dtype))


@every_gate
def test_float32_is_within_one_ulp_at_any_scale(gate):
    rng = np.random.default_rng(5)
    rows = []
    for spread in (1, 8, 30, 90):
        a = rng.choice([-1, 1], 20_000) * np.exp2(rng.uniform(-149, 127, 20_000))
        near_one = rng.standard_normal(20_000)
        b = spread * rng.standard_normal(20_000)
        rows += [np.concatenate([a, b]), np.concatenate([near_one, b])]
    x = np.array(rows, np.float32)
    got, right = fa.get(gate)(x), fa.get(gate)(x.astype(np.float64))
    with np.errstate(over="ignore", under="ignore"):
        nearest = right.astype(np.float32)
    finite = np.isfinite(nearest)
    np.testing.assert_array_equal(got[~finite], nearest[~finite])
    ulp = np.spacing(np.abs(nearest[finite])).astype(np.float64)
    assert (np.abs(got[finite] - right[finite]) / ulp).max() <= 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_is_half_of_x_times_the_gate(gate, dtype):
    x, dy = operands((50, 80), -1, dtype, seed=1)
    a, b = x[:, :40], x[:, 40:]
    within_two_ulp = {"rtol": 2 * float(np.finfo(dtype).eps), "atol": 0}
    function, activation = fa.get(gate.name), fa.get(gate.gate)
    np.testing.assert_allclose(function(x), a * activation(b), **within_two_ulp)
    dx = function.backward(dy, x)
    np.testing.assert_allclose(dx[:, :40], dy * activation(b), **within_two_ulp)
    np.testing.assert_allclose(dx[:, 40:], dy * a * activation.derivative(b), **within_two_ulp)


@every_gate
def test_gradient_is_the_difference_quotient(gate):
    x, dy = operands((3, 10, 2), 1, np.float64)
    function = fa.get(gate)
    dx, h = function.backward(dy, x, axis=1), 1e-6
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        quotient = np.sum(dy * (function(x + step, axis=1) - function(x - step, axis=1))) / (2 * h)
        np.testing.assert_allclose(dx[index], quotient, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(("shape", "axis"), [((5,), -1), ((4, 7), 1), ((3, 4), 0)])
@every_gate
def test_an_odd_length_is_refused(gate, shape, axis):
    x = np.zeros(shape)
    with pytest.raises(ValueError, match=rf"{gate}: x must have an even length along axis {axis}, got \d"):
        fa.get(gate)(x, axis)
    with pytest.raises(ValueError, match=rf"{gate}\.backward: x must have an even length along axis {axis}"):
        fa.get(gate).backward(x, x, axis)


@pytest.mark.parametrize(("shape", "axis"), [((), -1), ((4,), 1), ((4,), -2), ((4, 2), 2)])
@every_gate
def test_an_axis_that_is_not_there_is_refused(gate, shape, axis):
    with pytest.raises(np.exceptions.AxisError):
        fa.get(gate)(np.zeros(shape), axis)
    with pytest.raises(np.exceptions.AxisError):
        fa.get(gate).backward(np.zeros(shape), np.zeros(shape), axis)


@every_gate
def test_shapes_that_do_not_fit_are_refused(gate):
    x, dy = operands((3, 8), 1, np.float32)
    function = fa.get(gate)
    with pytest.raises(ValueError, match=r"dy must have the shape of a half of x, \(3, 4\), got \(3, 8\)"):
        function.backward(x, x)
    with pytest.raises(ValueError, match=r"out must have the shape of x, \(3, 8\), got \(3, 4\)"):
        function.backward(dy, x, out=np.empty((3, 4), np.float32))
    with pytest.raises(ValueError, match=r"non-broadcastable|could not be broadcast"):
        function(x, out=np.empty((3, 8), np.float32)[:, :5])


@pytest.mark.parametrize(
    "wrong", [np.ones(4, complex), np.ones(4, object), np.array(["a", "b"]), np.ones(4, np.longdouble)]
)
@every_gate
def test_other_types_are_a_type_error(gate, wrong):
    with pytest.raises(TypeError):
        fa.get(gate)(wrong)
    with pytest.raises(TypeError):
        fa.get(gate).backward(wrong[: len(wrong) // 2], wrong)


@pytest.mark.parametrize(
    ("dtype", "result"),
    [("bool", "float32"), ("int8", "float32"), ("uint16", "float32"), ("int32", "float64")],
)
@every_gate
def test_integers_and_lists(gate, dtype, result):
    x = np.array([[1, 0, 1, 1]], dtype)
    function = fa.get(gate)
    y, dx = function(x), function.backward(x[:, :2], x)
    assert y.dtype == dx.dtype == result
    np.testing.assert_array_equal(y, function(x.astype(result)))
    np.testing.assert_array_equal(function([[1.0, 0.0, 1.0, 1.0]]), function(x.astype(float)))
    np.testing.assert_array_equal(
        function.backward([[1.0, 0.0]], [[1.0, 0.0, 1.0, 1.0]]),
        function.backward(x[:, :2].astype(float), x.astype(float)),
    )


LAYOUTS = {
    "reversed": lambda a: np.ascontiguousarray(a[::-1, ::-1])[::-1, ::-1],
    "transposed": lambda a: np.ascontiguousarray(a.T).T,
    "every third": lambda a: np.repeat(a, 3, axis=1)[:, ::3],
    "swapped": lambda a: a.astype(a.dtype.newbyteorder()),
    "read-only": lambda a: np.frombuffer(a.tobytes(), a.dtype).reshape(a.shape),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@every_float
@every_gate
def test_layouts(gate, dtype, layout):
    function, place = fa.get(gate), LAYOUTS[layout]
    for axis in (0, 1):
        x, dy = operands((34, 70), axis, dtype)
        y, dx = function(x, axis), function.backward(dy, x, axis)
        np.testing.assert_array_equal(function(place(x), axis), y)
        np.testing.assert_array_equal(function.backward(place(dy), place(x), axis), dx)
        if layout != "read-only":
            out = place(np.zeros_like(y))
            assert function(x, axis, out=out) is out
            np.testing.assert_array_equal(out, y)
            out = place(np.zeros_like(dx))
            assert function.backward(dy, x, axis, out=out) is out
            np.testing.assert_array_equal(out, dx)


@every_float
@every_gate
def test_results_over_operands(gate, dtype):
    function = fa.get(gate)
    for axis in (0, 1):
        original, dy = operands((40, 40), axis, dtype)
        y, dx = function(original, axis), function.backward(dy, original, axis)
        halves = np.split(original.copy(), 2, axis), [slice(None), slice(None)]
        for start in (0, 7, 20):  # over the first half, across both, over the second
            x = original.copy()
            where = halves[1].copy()
            where[axis] = slice(start, start + 20)
            function(x, axis, out=x[tuple(where)])
            np.testing.assert_array_equal(x[tuple(where)], y)
        x = original.copy()
        assert function.backward(dy, x, axis, out=x) is x
        np.testing.assert_array_equal(x, dx)
        room = np.zeros((80, 80), dtype)  # out one off x, and dy within out
        x = room[:40, :40]
        x[...] = original
        function.backward(dy, x, axis, out=room[1:41, 1:41])
        np.testing.assert_array_equal(room[1:41, 1:41], dx)
        out = np.zeros_like(original)
        inner = out[:20] if axis == 0 else out[:, :20]
        inner[...] = dy
        function.backward(inner, original, axis, out=out)
        np.testing.assert_array_equal(out, dx)


@every_gate
def test_no_warnings_and_nan_stays(gate):
    special = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-310, 1e308, -1e308, 750.0, -750.0])
    a, b = np.meshgrid(special, special)
    x = np.stack([a.ravel(), b.ravel()], axis=1)
    with np.errstate(all="raise"):
        y = fa.get(gate)(x)
        dx = fa.get(gate).backward(np.ones_like(y), x)
    nan = np.isnan(x).any(axis=1)
    assert np.isnan(y[nan]).all()
    assert np.isnan(dx[np.isnan(x[:, 1])]).all()


@every_gate
def test_subclasses_stay(gate):
    class Tagged(np.ndarray):
        pass

    x, dy = operands((3, 8), 1, np.float32)
    tagged = fa.get(gate).backward(dy.view(Tagged), x.view(Tagged))
    assert type(fa.get(gate)(x.view(Tagged))) is type(tagged) is Tagged
    masked = fa.get(gate).backward(dy, np.ma.masked_greater(x, 1))
    right = fa.get(gate).backward(dy, x)
    for dx in (tagged, masked):
        np.testing.assert_array_equal(
            np.ma.getdata(dx)[~np.ma.getmaskarray(dx)], right[~np.ma.getmaskarray(dx)]
        )
    assert masked.mask.any()


@every_gate
def test_pickles_name_the_public_function(gate):
    function = fa.get(gate)
    for member in (
        function,
        function.backward,
        function.ufunc,
        function.backward.ufunc_a,
        function.backward.ufunc_b,
    ):
        assert pickle.loads(pickle.dumps(member)) is member
        assert copy.deepcopy(member) is member
