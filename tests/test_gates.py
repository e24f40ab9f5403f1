"""The gated linear units: axes, lengths, places of operands and results, types, and gradients."""

from __future__ import annotations

import copy
import pickle
import re

import numpy as np
import pytest
from conftest import every_float

import fastact as fa
from fastact._table import BY_NAME, GATE_BOUNDS, GATES
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
    assert (np.abs(got[finite] - right[finite]) / ulp).max() <= GATE_BOUNDS["float32"]


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


@pytest.mark.parametrize("axis", [None, (0,), [0], "0", 1.0, True])
@every_gate
def test_an_axis_that_is_no_integer_is_refused(gate, axis):
    x, dy = operands((4, 8), 1, np.float32)
    with pytest.raises(TypeError, match=rf"{gate}: axis must be an integer, got {re.escape(repr(axis))}"):
        fa.get(gate)(x, axis=axis)
    with pytest.raises(TypeError, match=rf"{gate}\.backward: axis must be an integer"):
        fa.get(gate).backward(dy, x, axis=axis)


@every_gate
def test_an_axis_may_be_an_integer_of_numpy(gate):
    x, dy = operands((4, 6), 0, np.float32)
    function = fa.get(gate)
    np.testing.assert_array_equal(function(x, axis=np.int64(0)), function(x, axis=0))
    np.testing.assert_array_equal(function.backward(dy, x, np.int64(-2)), function.backward(dy, x, 0))


@pytest.mark.parametrize("wrong", [None, object(), {}, "text", 1j], ids=lambda wrong: type(wrong).__name__)
@every_gate
def test_what_is_no_number_is_a_type_error(gate, wrong):
    with pytest.raises(TypeError, match=f"ufunc '{gate}' not supported for the input types"):
        fa.get(gate)(wrong)
    with pytest.raises(TypeError, match=rf"ufunc '{gate}\.backward' not supported for the input types"):
        fa.get(gate).backward(wrong, wrong)


@every_gate
def test_shapes_that_do_not_fit_are_refused(gate):
    x, dy = operands((3, 8), 1, np.float32)
    function = fa.get(gate)
    for wrong in (x, x[0], np.ones((2, 3, 4))):
        with pytest.raises(ValueError, match=r"dy must broadcast to the shape of a half of x, \(3, 4\), got"):
            function.backward(wrong, x)
    with pytest.raises(ValueError, match=r"out must have the shape of x, \(3, 8\), got \(3, 4\)"):
        function.backward(dy, x, out=np.empty((3, 4), np.float32))
    room = np.zeros((2, 3, 8), np.float32)
    for out in (np.empty_like(room), room):
        for operand in (x, room[0]):  # out shares memory with it, or does not
            with pytest.raises(ValueError, match=r"out must have the shape of x, \(3, 8\), got \(2, 3, 8\)"):
                function.backward(dy, operand, out=out)
    with pytest.raises(ValueError, match=r"where must broadcast to the shape of x, \(3, 8\), got \(3, 4\)"):
        function.backward(dy, x, out=x, where=dy > 0)
    with pytest.raises(ValueError, match=r"non-broadcastable|could not be broadcast"):
        function(x, out=np.empty((3, 8), np.float32)[:, :5])


@pytest.mark.parametrize("keyword", [{"casting": "loose"}, {"subok": "yes"}])
@every_gate
def test_keywords_are_looked_at_beside_arrays_of_the_quick_way(gate, keyword):
    x, dy = operands((3, 8), 1, np.float32)
    with pytest.raises((TypeError, ValueError), match=next(iter(keyword))):
        fa.get(gate)(x, **keyword)
    with pytest.raises((TypeError, ValueError), match=next(iter(keyword))):
        fa.get(gate).backward(dy, x, **keyword)


@every_float
@every_gate
def test_a_gradient_of_the_result_is_broadcast(gate, dtype):
    x, dy = operands((3, 8), 1, dtype)
    backward = fa.get(gate).backward
    for spread in (dy[0], dy[:1], dy[:, :1], dy[0, 0], 0.5):
        whole = np.broadcast_to(np.asarray(spread, dtype), (3, 4)).copy()
        dx = backward(spread, x)
        assert dx.dtype == dtype
        np.testing.assert_array_equal(dx, backward(whole, x))


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
def test_an_out_that_overlaps_itself_gets_the_second_half_last(gate):
    backward = fa.get(gate).backward
    x, dy = np.arange(12, dtype=np.float32).reshape(3, 4) / 7, np.ones((3, 2), np.float32)
    rooms = np.zeros((2, 10), np.float32)
    for room, keywords in zip(rooms, ({}, {"where": True}), strict=True):
        backward(dy, x, out=np.lib.stride_tricks.as_strided(room, (3, 4), (12, 4)), **keywords)
    np.testing.assert_array_equal(*rooms)


@every_gate
def test_out_may_be_a_tuple_of_one(gate):
    x, dy = operands((3, 8), 1, np.float32)
    function = fa.get(gate)
    for call, arrays in ((function, (x,)), (function.backward, (dy, x))):
        right = call(*arrays)
        out = np.empty_like(right)
        assert call(*arrays, out=(out,)) is out
        np.testing.assert_array_equal(out, right)
        np.testing.assert_array_equal(call(*arrays, out=(None,)), right)
        with pytest.raises(ValueError, match="out must be an array or a tuple of one, got a tuple of 2"):
            call(*arrays, out=(out, out))
    with pytest.raises(TypeError, match="out must be an ndarray, got list"):
        function.backward(dy, x, out=[0.0])


@every_shape
@every_float
@every_gate
def test_where(gate, dtype, shape, axis):
    """The rest of out stays, also where out is an operand."""
    x, dy = operands(shape, axis, dtype)
    function = fa.get(gate)
    kept = np.random.default_rng(2).random(dy.shape) < 0.5
    out = np.full_like(dy, 7)
    assert function(x, axis, where=kept, out=out) is out
    np.testing.assert_array_equal(out, np.where(kept, function(x, axis), dtype(7)))
    kept = np.random.default_rng(3).random(shape) < 0.5
    right = function.backward(dy, x, axis)
    out = np.full_like(x, 7)
    assert function.backward(dy, x, axis, where=kept, out=out) is out
    np.testing.assert_array_equal(out, np.where(kept, right, dtype(7)))
    out = x.copy()
    function.backward(dy, out, axis, where=kept, out=out)
    np.testing.assert_array_equal(out, np.where(kept, right, x))


@every_gate
def test_where_broadcasts(gate):
    x, dy = operands((5, 8), 1, np.float32)
    kept = [True, False, False, True, False, True, True, False]
    out = np.zeros_like(x)
    fa.get(gate).backward(dy, x, where=kept, out=out)
    np.testing.assert_array_equal(out, np.where(kept, fa.get(gate).backward(dy, x), np.float32(0)))
    with pytest.warns(UserWarning, match="'where' used without 'out'"):
        dx = fa.get(gate).backward(dy, x, where=kept)
    np.testing.assert_array_equal(dx[:, kept], out[:, kept])


@every_gate
def test_dtype_and_casting(gate):
    x, dy = operands((5, 8), 1, np.float32)
    function = fa.get(gate)
    wide = x.astype(np.float64), dy.astype(np.float64)
    for call, arrays, right in (
        (function, (x,), function(wide[0])),
        (function.backward, (dy, x), function.backward(wide[1], wide[0])),
    ):
        y = call(*arrays, dtype=np.float64)
        assert y.dtype == np.float64
        np.testing.assert_array_equal(y, right)
        with pytest.raises(TypeError, match="Cannot cast ufunc '"):
            call(*arrays, dtype=np.float16, casting="safe")
        narrow = np.empty(right.shape, np.float16)
        with pytest.raises(TypeError, match="Cannot cast ufunc '"):
            call(*arrays, out=narrow, casting="safe")
        np.testing.assert_array_equal(call(*arrays, out=narrow), call(*arrays).astype(np.float16))


@pytest.mark.parametrize("order", ["C", "F", "K"])
@pytest.mark.parametrize("axis", [0, 1])
@every_gate
def test_order(gate, axis, order):
    x, dy = operands((8, 6), axis, np.float32)
    function = fa.get(gate)
    for place in (np.ascontiguousarray, np.asfortranarray):
        for call, arrays in ((function, (place(x),)), (function.backward, (place(dy), place(x)))):
            y, like = call(*arrays, axis, order=order), np.negative(place(x), order=order)
            np.testing.assert_array_equal(y, call(*arrays, axis))
            assert (y.flags.c_contiguous, y.flags.f_contiguous) == (
                like.flags.c_contiguous,
                like.flags.f_contiguous,
            )


@every_gate
def test_a_keyword_that_there_is_not_is_named(gate):
    x, dy = operands((3, 8), 1, np.float32)
    with pytest.raises(TypeError, match="unexpected keyword argument 'signature'"):
        fa.get(gate).backward(dy, x, signature="fff->f")


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


class Tagged(np.ndarray):
    """An array with an attribute."""

    tag = None

    def __array_finalize__(self, other):
        self.tag = getattr(other, "tag", None)


@every_gate
def test_subclasses_stay(gate):
    x, dy = operands((3, 8), 1, np.float32)
    of_class, function = x.view(Tagged), fa.get(gate)
    of_class.tag = "kept"
    right = function.backward(dy, x)
    for tagged, plain in (
        (function(of_class), function(x)),
        (function.backward(dy, of_class), right),
        (function.backward(dy.view(Tagged), x), right),
    ):
        assert type(tagged) is Tagged
        np.testing.assert_array_equal(tagged, plain)
    assert function(of_class).tag == function.backward(dy, of_class).tag == "kept"
    assert type(function(of_class, subok=False)) is np.ndarray
    assert type(function.backward(dy, of_class, subok=False)) is np.ndarray


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


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_docstrings_have_the_derivative_and_the_bound(gate):
    slope = f"{gate.gate}'(x) = ``{BY_NAME[gate.gate].derivative}``"
    function = fa.get(gate.name)
    assert slope in function.__doc__
    assert f"float32 {GATE_BOUNDS['float32']:g}." in function.__doc__
    assert slope in function.backward.__doc__
