"""The softmax family: axes, layouts, special rows, gradients."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pytest
from conftest import FLOATS, every_float
from test_ufuncs import LAYOUTS, Room, assert_same_bits

import fastact as fa
from fastact import reference
from fastact._table import SOFTMAX_FAMILY

SAME_SHAPE = [row.name for row in SOFTMAX_FAMILY if not row.reduces]
every_row = pytest.mark.parametrize("row", SOFTMAX_FAMILY, ids=lambda row: row.name)
every_function = pytest.mark.parametrize("name", SAME_SHAPE)
every_tempered = pytest.mark.parametrize("name", [row.name for row in SOFTMAX_FAMILY if row.tempered])
every_member = pytest.mark.parametrize("member", ["", "backward", "backward_from_output"])


def public(name: str, member: str):
    return getattr(getattr(fa, name), member) if member else getattr(fa, name)


def operands(member: str, shape, dtype=np.float64) -> list[np.ndarray]:
    rng = np.random.default_rng(7)
    x = (2 * rng.standard_normal(shape)).astype(dtype)
    return [x] if not member else [rng.standard_normal(shape).astype(dtype), x]


def qualified(name: str, member: str) -> str:
    """As errors call it."""
    return f"{name}.{member}" if member else name


# -- axes and layouts ---------------------------------------------------------------------------


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3, (0,), (1, 2), (2, 0), (-1, -3), (0, 1, 2), None, ()])
@every_member
@every_function
def test_axes(name, member, axis):
    function = public(name, member)
    arrays = operands(member, (3, 4, 5))
    got = function(*arrays, axis=axis)
    axes = tuple(range(3)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    last = tuple(range(-len(axes), 0))
    moved = [np.moveaxis(a, axes, last) for a in arrays]
    rows = [m.reshape(*m.shape[: 3 - len(axes)], -1) for m in moved]
    right = np.moveaxis(function(*rows).reshape(moved[0].shape), last, axes)
    assert_same_bits(got, right)
    out = np.empty((3, 4, 5))
    assert function(*arrays, axis=axis, out=out) is out
    assert_same_bits(out, right)


@pytest.mark.parametrize("axis", [3, -4, (0, 3), (1, 1)])
@every_member
@every_function
def test_wrong_axes_are_refused(name, member, axis):
    with pytest.raises(ValueError, match=rf"^{qualified(name, member)}: axis .*(out of bounds|twice)"):
        public(name, member)(*operands(member, (3, 4, 5)), axis=axis)


@pytest.mark.parametrize("axis", [1.0, "1", [1], True, (0, 1.5)])
@every_member
@every_function
def test_what_is_no_axis_is_refused(name, member, axis):
    allowed = "axis must be an integer, a tuple of integers or None, got"
    with pytest.raises(TypeError, match=f"^{qualified(name, member)}: {allowed}"):
        public(name, member)(*operands(member, (3, 4, 5)), axis=axis)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("axis", [-1, 0, None])
@every_float
@every_member
@every_function
def test_layouts(name, member, dtype, axis, layout):
    function = public(name, member)
    for shape in [(3, 5), (4, 67), (2, 2500)]:
        arrays = operands(member, shape, dtype)
        right = function(*arrays, axis=axis)
        rooms = [Room(layout, a) for a in arrays]
        assert_same_bits(function(*(room.view for room in rooms), axis=axis), right)
        for room in rooms:
            room.assert_untouched()
        out = Room(layout, np.zeros(shape, dtype))
        assert function(*arrays, axis=axis, out=out.view) is out.view
        assert_same_bits(out.view, right)
        out.assert_surroundings_untouched()


@every_float
@every_member
@every_function
def test_in_place(name, member, dtype):
    for n in (1, 10, 2500):
        for k in range(len(operands(member, 1))):
            arrays = operands(member, (3, n), dtype)
            right = public(name, member)(*(a.copy() for a in arrays))
            public(name, member)(*arrays, out=arrays[k])
            assert_same_bits(arrays[k], right)


@every_float
@every_member
@every_function
def test_lengths_and_rows_in_any_company(name, member, dtype):
    function = public(name, member)
    for n in [*range(1, 70), 2047, 2048, 2049, 4096, 4097]:
        arrays = operands(member, (3, n), dtype)
        together = function(*arrays)
        for i in range(3):
            assert_same_bits(function(*(a[i] for a in arrays)), together[i])


@pytest.mark.parametrize("shape", [(33, 70), (161, 31), (513, 65), (2500, 33), (140_000, 2)])
@every_float
@every_row
def test_the_bits_do_not_depend_on_how_rows_lie(row, dtype, shape):
    """Rows side by side are worked on across memory, and their exponentials kept or not by other limits."""
    for member in ("", "backward", "backward_from_output" if row.from_output else ""):
        arrays = operands(member, shape, dtype)
        if member and row.reduces:
            arrays[0] = arrays[0][0]
        function = public(row.name, member)
        side_by_side = function(*arrays, axis=0)
        right = function(*(np.ascontiguousarray(a.T) for a in arrays))
        assert_same_bits(side_by_side, np.array(right.T, order="C"))
        for c in (0, shape[1] - 1):
            alone = function(*(np.array(a[..., c]) for a in arrays))
            assert_same_bits(np.asarray(alone), np.array(side_by_side[..., c]))


@every_float
@every_member
@every_function
def test_shapes(name, member, dtype):
    function = public(name, member)
    for shape in [(0,), (3, 0), (0, 3), (2, 0, 3)]:
        for axis in (-1, 0, None):
            result = function(*operands(member, shape, dtype), axis=axis)
            assert result.shape == shape
            assert result.dtype == dtype
    scalar = function(*(a[0] for a in operands(member, 1, dtype)))
    assert np.shape(scalar) == ()
    assert scalar.dtype == dtype


@every_function
def test_dtypes(name):
    for dtype, result in {"bool": "f4", "i1": "f4", "u2": "f4", "i4": "f8", "u8": "f8", "f2": "f2"}.items():
        assert public(name, "")(np.array([0, 1, 1], dtype)).dtype == result
    for wrong in (np.longdouble([1]), [1j], np.array([1], object), ["1"]):
        with pytest.raises(TypeError, match=f"^ufunc '{name}' not supported"):
            public(name, "")(wrong)


@every_member
@every_function
def test_errors_of_numpy_name_the_function(name, member):
    x = operands(member, (3, 4))
    called = re.escape(qualified(name, member))
    with pytest.raises(TypeError, match=f"'{called}' output from"):
        public(name, member)(*x, out=np.zeros((3, 4), np.int32))
    with pytest.raises(ValueError, match=f"^{called}: Output operand 0 has a mismatch"):
        public(name, member)(*x, out=np.zeros((3, 5)))


# -- values -------------------------------------------------------------------------------------


@every_float
@every_function
def test_special_rows(name, dtype):
    """All -inf, one NaN or +inf make the whole row NaN; -inf beside finite elements is exact."""
    nan, inf = np.nan, np.inf
    sign = -1 if name == "softmin" else 1
    rows = np.array([[-inf] * 3, [1, nan, 2], [1, inf, 2], [inf, inf, 0], [nan, inf, -inf]], dtype)
    with np.errstate(all="raise"):
        assert np.isnan(public(name, "")(sign * rows)).all()
        beside = public(name, "")(sign * np.array([[-inf, 0, 0, -inf], [5, -inf, -inf, -inf]], dtype))
    shares = {key: [[0, 0.5, 0.5, 0], [1, 0, 0, 0]] for key in SAME_SHAPE}
    shares["log_softmax"] = [[-inf, -np.log(2), -np.log(2), -inf], [0, -inf, -inf, -inf]]
    np.testing.assert_array_equal(beside, np.array(shares[name], dtype))
    assert not np.signbit(beside[beside == 0]).any() or name == "log_softmax"


@every_float
@every_function
def test_a_special_row_leaves_the_others_alone(name, dtype):
    for n in (3, 40, 2500):
        x = operands("", (4, n), dtype)[0]
        right = public(name, "")(x)
        x[1], x[2, n // 2] = np.inf if name == "softmin" else -np.inf, np.nan
        got = public(name, "")(x)
        assert_same_bits(got[[0, 3]], right[[0, 3]])
        assert np.isnan(got[1:3]).all()


@every_float
def test_the_logarithm_of_a_winner_keeps_its_accuracy(dtype):
    got = fa.log_softmax(np.array([0, -20, -30], dtype))
    rest = np.exp(-20.0) + np.exp(-30.0)
    np.testing.assert_allclose(
        got[0], -np.log1p(rest), rtol=2 * np.finfo(dtype).eps, atol=6e-8 * (dtype == np.float16)
    )


@every_float
@every_member
@every_function
def test_huge_and_tiny_elements(name, member, dtype):
    info = np.finfo(dtype)
    x = np.array(
        [[info.max, -info.max, 0], [info.max, info.max, info.max], [info.tiny, 0, -info.tiny]], dtype
    )
    with np.errstate(all="raise"):
        public(name, member)(*operands(member, (3, 3), dtype)[:-1], x)
        if not member:
            got = fa.softmax(x)
            np.testing.assert_array_equal(got, np.array([[1, 0, 0], [1 / 3] * 3, [1 / 3] * 3], dtype))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("axis", [-1, 0])
@every_function
def test_reference_agrees(name, axis, dtype):
    dy, x = operands("backward", (50, 60), dtype)
    tolerance = 100 * np.finfo(dtype).eps
    backward = reference.get(f"{name}_backward")(dy, x, axis=axis)
    function = public(name, "")
    textbook = reference.get(name)(x, axis=axis)
    absolute = np.finfo(dtype).eps if name == "sparsemax" else 0
    np.testing.assert_allclose(function(x, axis), textbook, rtol=tolerance, atol=absolute)
    np.testing.assert_allclose(function.backward(dy, x, axis), backward, rtol=tolerance, atol=tolerance)
    y = function(x, axis)
    np.testing.assert_allclose(
        function.backward_from_output(dy, y, axis), backward, rtol=tolerance, atol=tolerance
    )


@every_function
def test_backward_is_the_gradient(name):
    dy, x = operands("backward", 9)
    h = 1e-6
    function = public(name, "")
    steps = h * np.eye(9)
    quotient = ((function(x + steps) - function(x - steps)) * dy).sum(axis=-1) / (2 * h)
    np.testing.assert_allclose(function.backward(dy, x), quotient, rtol=1e-8, atol=1e-9)


@every_function
def test_float16_is_computed_wider_and_rounded_once(name):
    dy, x = operands("backward", (20, 300), np.float16)
    wide = [a.astype(np.float64) for a in (dy, x)]
    function = public(name, "")
    for got, right in [
        (function(x), function(wide[1])),
        (function.backward(dy, x), function.backward(*wide)),
    ]:
        np.testing.assert_allclose(got.astype(float), right, rtol=0.51 * 2**-10, atol=0.51 * 2**-24)


@pytest.mark.parametrize("axis", [0, -1])
@every_function
def test_gradients_near_the_largest_double_are_weighed_like_others(name, axis):
    dy, x = operands("backward", (7, 37))
    scale = 2.0**1000  # exact, and the weighted sums of RAISED exponentials are beyond a double
    right = public(name, "backward")(dy, x, axis=axis)
    large = np.copysign(scale, dy) * np.abs(dy)
    got = public(name, "backward")(large, x, axis=axis)
    np.testing.assert_allclose(got / scale, right, rtol=1e-12, atol=1e-15)
    some = np.arange(7) % 2 if axis == -1 else np.arange(37) % 2  # the rows beside are left alone
    some = np.expand_dims(some, axis).astype(bool)
    mixed = public(name, "backward")(np.where(some, large, dy), x, axis=axis)
    assert_same_bits(mixed, np.where(some, got, right))


@pytest.mark.parametrize("other", [np.bool_, np.int8, np.uint8])
@every_row
def test_small_integers_beside_float16_widen_nothing(row, other):
    x = np.linspace(-1, 1, 6, dtype=np.float16).reshape(2, 3)
    dy = np.ones((2,) if row.reduces else (2, 3), np.float16)
    for member in ("backward", "backward_from_output" if row.from_output else "backward"):
        function = public(row.name, member)
        assert_same_bits(function(dy.astype(other), x), function(dy, x))


@pytest.mark.parametrize("dtype", FLOATS)
@every_function
def test_broadcasting_of_backward(name, dtype):
    dy, x = operands("backward", (3, 4), dtype)
    for member in ("backward", "backward_from_output"):
        function = public(name, member)
        assert_same_bits(function(dy[:1], x), function(np.repeat(dy[:1], 3, axis=0), x))
        assert_same_bits(function(dy[0], x, axis=None), function(np.tile(dy[0], (3, 1)), x, axis=None))


@every_row
def test_a_number_as_gradient_does_not_widen(row):
    for member in ("backward", "backward_from_output" if row.from_output else "backward"):
        for dtype, result in (("f2", "f2"), ("f4", "f4"), ("i1", "f4"), ("i8", "f8")):
            x = np.arange(6).reshape(2, 3).astype(dtype)
            options = {"keepdims": True} if row.reduces else {}
            for keywords in ({}, options):
                got = public(row.name, member)(2, x, **keywords)
                right = public(row.name, member)(np.full((2,) if row.reduces else (2, 3), 2, result), x)
                assert_same_bits(got, right)
    with np.errstate(all="raise"):
        for dtype, result in (("f2", "f2"), ("f4", "f4"), ("f8", "f8"), ("i1", "f4")):
            assert public(row.name, "backward")(1e300, np.ones((2, 3), dtype)).dtype == result


@pytest.mark.parametrize("shape", [(2, 1), (2, 3), (3,), (1, 2)])
def test_a_gradient_of_another_shape_than_logsumexp_is_refused(shape):
    with pytest.raises(
        ValueError, match=r"logsumexp.backward: dy must have the shape of the result, \(2,\), got"
    ):
        fa.logsumexp.backward(np.ones(shape), np.ones((2, 3)))
    if shape != (2, 1):
        with pytest.raises(ValueError, match=r"dy must have the shape of the result, \(2, 1\), got"):
            fa.logsumexp.backward(np.ones(shape), np.ones((2, 3)), keepdims=True)


# -- sparsemax ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("length", [1, 2, 3, 10, 100, 2048, 5000])
@pytest.mark.parametrize("spread", [0.01, 1.0, 30.0])
def test_sparsemax_is_the_projection_onto_the_simplex(length, spread, dtype):
    x = (spread * np.random.default_rng(length).standard_normal((3, length))).astype(dtype)
    y, right = fa.sparsemax(x), reference.get("sparsemax")(x.astype(np.longdouble))
    np.testing.assert_allclose(y, right, rtol=2 * np.finfo(dtype).eps, atol=4 * np.finfo(np.float64).eps)
    # the threshold is rounded once, and an element of the support carries that
    lost = 2 * np.finfo(dtype).eps + (y > 0).sum(axis=-1) * np.finfo(np.float64).eps / 32
    assert (np.abs(y.astype(np.longdouble).sum(axis=-1) - 1) <= lost).all()
    assert np.array_equal(y == 0, right == 0) or dtype == np.float64


# -- logsumexp ----------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", [0, 1, -1, (0, 1), (2, 0), None])
@every_float
def test_logsumexp(axis, dtype):
    x = operands("", (4, 5, 300), dtype)[0]
    wide = x.astype(np.longdouble)
    right = np.log(np.exp(wide).sum(axis=axis))
    got = fa.logsumexp(x, axis)
    assert got.dtype == dtype
    assert np.shape(got) == right.shape
    tolerance = {"rtol": np.finfo(dtype).eps, "atol": np.finfo(dtype).eps / 2}
    np.testing.assert_allclose(got.astype(np.longdouble), right, **tolerance)
    kept = fa.logsumexp(x, axis, keepdims=True)
    assert kept.shape == np.sum(x, axis=axis, keepdims=True).shape
    assert_same_bits(kept.reshape(np.shape(got)), np.asarray(got))
    out = np.empty(np.shape(got), dtype)
    assert fa.logsumexp(x, axis, out=out) is out
    assert_same_bits(out, np.asarray(got))


@pytest.mark.parametrize("axis", [0, 1, -1, None])
def test_the_gradient_of_logsumexp_is_softmax(axis):
    x = operands("", (4, 5, 300))[0]
    dy = np.random.default_rng(0).standard_normal(np.shape(fa.logsumexp(x, axis)))
    kept = dy.reshape(np.sum(x, axis=axis, keepdims=True).shape)
    right = kept * fa.softmax(x, axis)
    np.testing.assert_allclose(fa.logsumexp.backward(dy, x, axis), right, rtol=1e-15)
    if axis is not None:
        np.testing.assert_allclose(fa.logsumexp.backward(kept, x, axis, keepdims=True), right, rtol=1e-15)
    assert fa.logsumexp.backward_from_output is None


@every_float
def test_logsumexp_of_special_rows(dtype):
    nan, inf = np.nan, np.inf
    rows = np.array(
        [[-inf] * 3, [1, inf, 2], [-inf, inf, 2], [1, nan, 2], [inf, nan, 2], [-inf, nan, -inf]], dtype
    )
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(fa.logsumexp(rows), np.array([-inf, inf, inf, nan, nan, nan], dtype))
        np.testing.assert_array_equal(fa.logsumexp(np.empty((2, 0), dtype)), np.array([-inf, -inf], dtype))
        assert fa.logsumexp(np.empty((0, 2), dtype)).shape == (0,)
        assert fa.logsumexp(dtype(3)) == 3


# -- where and temperature ----------------------------------------------------------------------


@pytest.mark.parametrize("axis", [-1, 0, (0, 1), None])
@every_float
@every_row
def test_where_leaves_out(row, dtype, axis):
    """What is left out is as if it were not there, whatever stands there."""
    x = operands("", (3, 4, 50), dtype)[0]
    where = np.random.default_rng(1).random(x.shape) < 0.6
    x[~where] = np.nan
    fill = np.inf if row.negated else -np.inf
    function = public(row.name, "")
    with np.errstate(all="raise"):
        got = function(x, axis, where=where)
        right = function(np.where(where, x, dtype(fill)), axis)
    if not row.reduces:
        right[~where] = row.masked
    assert got.dtype == dtype
    assert_same_bits(np.asarray(got), np.asarray(right))
    out = np.empty_like(right)
    assert function(x, axis, out, where=where) is out
    assert_same_bits(out, np.asarray(right))


@every_row
def test_where_broadcasts_and_a_row_may_have_nothing_kept(row):
    x = operands("", (3, 4), np.float32)[0]
    nothing = public(row.name, "")(x, where=False)
    assert (nothing == (-np.inf if row.reduces else row.masked)).all()
    first = public(row.name, "")(x, where=[True, False, False, False])
    assert_same_bits(first, public(row.name, "")(x, where=np.arange(4) < np.ones((3, 1))))
    some = public(row.name, "")(x, where=[[True], [False], [True]])
    assert_same_bits(some[::2], public(row.name, "")(x)[::2])


@pytest.mark.parametrize("temperature", [0.1, 0.7, 1.0, 3, np.float32(30), 1e300, 1e-300])
@every_float
@every_tempered
def test_temperature(name, dtype, temperature):
    x = operands("", (20, 100), dtype)[0]
    with np.errstate(all="raise"):
        got = public(name, "")(x, temperature=temperature)
    assert got.dtype == dtype
    with np.errstate(all="ignore"):
        right = reference.get(name)(
            (x.astype(np.longdouble) - x.max(axis=-1, keepdims=True)) / np.longdouble(temperature)
        )
        right = right.astype(dtype).astype(np.longdouble)
    # the textbook's logarithm of nearly 1 is good to the eps of a long double alone
    absolute = max(4 * float(np.finfo(dtype).smallest_subnormal), 1e-18 * (name == "log_softmax"))
    np.testing.assert_allclose(got.astype(np.longdouble), right, rtol=4 * np.finfo(dtype).eps, atol=absolute)


@every_tempered
def test_an_array_of_temperatures_broadcasts_against_the_rows(name):
    x = operands("", (3, 40))[0]
    function = public(name, "")
    temperatures = np.array([0.5, 1, 2])
    got = function(x, temperature=temperatures)
    for i, temperature in enumerate(temperatures):
        np.testing.assert_allclose(got[i], function(x[i], temperature=temperature), rtol=1e-15)
    assert_same_bits(function(x, temperature=temperatures[:, None]), got)  # as x / temperatures has them
    assert_same_bits(function(x.T, axis=0, temperature=temperatures[None]), got.T)
    assert_same_bits(function(x, (0, 1), temperature=[[0.5]]), function(x, None, temperature=0.5))
    where = x < 1
    assert_same_bits(
        function(x, where=where, temperature=temperatures[:, None]),
        function(x, where=where, temperature=temperatures),
    )
    together = function(x, where=where, temperature=0.5)
    apart = function(np.where(where, x, -np.inf), temperature=0.5)
    assert_same_bits(together[where], apart[where])


@pytest.mark.parametrize("wrong", [0, -1.0, np.nan, np.inf, "warm", [1.0, 0.0]])
@every_tempered
def test_a_temperature_must_be_positive(name, wrong):
    with pytest.raises(ValueError, match=f"{name}: temperature must be a positive number, got "):
        public(name, "")(np.ones((2, 3)), temperature=wrong)


@every_float
def test_a_temperature_too_small_to_be_inverted_leaves_the_largest(dtype):
    x = np.array([0, 2, 1, 2], dtype)
    with np.errstate(all="raise"):
        assert fa.softmax(x, temperature=1e-320).tolist() == [0, 0.5, 0, 0.5]
        assert fa.log_softmax(x[:3], temperature=1e-320)[1] == 0


@pytest.mark.parametrize("axis", [-1, (0,), None])
@pytest.mark.parametrize("wrong", [None, [1, 0, 1], "yes", 1.0])
@every_row
def test_where_must_be_bool(row, wrong, axis):
    with pytest.raises(TypeError, match=f"{row.name}: where must be bool, or an array of bool, got"):
        public(row.name, "")(np.ones((2, 3)), axis, where=wrong)


@pytest.mark.parametrize("axis", [-1, (0, 1), None])
@every_member
@every_function
def test_out_may_be_a_tuple_of_one(name, member, axis):
    arrays = operands(member, (3, 4))
    out = np.empty((3, 4))
    assert public(name, member)(*arrays, axis, (out,)) is out
    assert_same_bits(out, public(name, member)(*arrays, axis))


@pytest.mark.parametrize(
    ("shape", "axis"), [((40,), -1), ((2, 1), -1), ((3, 1), 0), ((3,), None), ((3, 1), (0, 1))]
)
@every_tempered
def test_temperatures_that_are_not_one_a_row_are_refused(name, shape, axis):
    with pytest.raises(ValueError, match=f"^{name}: temperature must have the shape of x without axis, "):
        public(name, "")(np.ones((3, 40)), axis, temperature=np.ones(shape))


@every_member
@every_function
def test_what_does_not_fit_is_named(name, member):
    called = re.escape(qualified(name, member))
    x = operands(member, (3, 4))
    if name != "logsumexp":
        with pytest.raises(
            ValueError, match=rf"^{called}: out must have the shape of the result, \(3, 4\), got"
        ):
            public(name, member)(*x, axis=None, out=np.empty((3, 3)))
    if member and name != "logsumexp":
        with pytest.raises(ValueError, match=f"^{called}: operands must broadcast together, got shapes"):
            public(name, member)(np.ones(3), x[1])


def test_what_a_function_lacks_is_refused():
    for name in ("softmin", "sparsemax", "logsumexp"):
        with pytest.raises(TypeError, match="unexpected keyword argument 'temperature'"):
            public(name, "")([1.0], temperature=2.0)
    with pytest.raises(TypeError, match="unexpected keyword argument 'keepdims'"):
        fa.softmax([1.0], keepdims=True)


# -- sums, dtypes, names ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["normal", "wide", "half -inf", "winner", "equal"])
@pytest.mark.parametrize("length", [1, 2, 17, 1000, 2047, 4097, 65_536, 262_144])
@pytest.mark.parametrize("name", ["softmax", "softmin"])
def test_rows_sum_to_one(name, length, kind):
    x = np.random.default_rng(length).standard_normal(length)
    x = {
        "normal": x,
        "wide": 30 * x,
        "half -inf": np.where(np.arange(length) % 2, -np.inf, x),
        "winner": np.where(np.arange(length) == length // 2, 20, x),
        "equal": np.full(length, 0.3),
    }[kind]
    x = -x if name == "softmin" else x
    for dtype in (np.float32, np.float64):
        y = public(name, "")(x.astype(dtype))
        assert abs(y.astype(np.longdouble).sum() - 1) <= 2 * np.finfo(dtype).eps


@pytest.mark.parametrize("padding", [-13.0, -15.191174507141113, -15.317350387573242, -17.0])
@pytest.mark.parametrize("length", [4097, 262_144, 1_048_576])
def test_a_padded_row_of_float32_is_within_one_ulp(length, padding):
    """Roundings of equal elements would all go one way."""
    x = np.full(length, padding, np.float32)
    x[length // 3] = 0
    for function in (fa.softmax, fa.log_softmax):
        got, right = function(x), function(x.astype(np.float64))
        assert (np.abs(got - right) / np.spacing(np.abs(right.astype(np.float32)))).max() <= 1


@pytest.mark.parametrize("length", [2, 100])
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("distance", [1e30, 1.4e37, 1.5e37, 1.7e38])
def test_elements_as_far_apart_as_float32_allows(distance, axis, length):
    x = np.zeros((length, length), np.float32)
    np.fill_diagonal(x, distance)
    x[0] -= np.float32(distance)
    got = fa.log_softmax(x, axis)
    np.testing.assert_allclose(got, fa.log_softmax(x.astype(np.float64), axis).astype(np.float32), rtol=1e-7)


def test_a_long_row_of_zeros_of_float16():
    """Each element is 1 / n, correctly rounded: to a subnormal, hence the second eps."""
    y = fa.softmax(np.zeros(200_000, np.float16))
    assert_same_bits(y, np.full(200_000, 1 / 200_000, np.float16))
    assert abs(y.astype(np.float64).sum() - 1) <= 2 * np.finfo(np.float16).eps


@every_row
def test_names_aliases_and_pickles(row):
    function = getattr(fa, row.name)
    assert fa.get(row.name.upper()) is function
    assert row.name in fa.names()
    members = [function, function.ufunc, function.masked]
    members += [function.backward, function.backward.ufunc, function.backward.masked]
    for member in members:
        assert pickle.loads(pickle.dumps(member)) is member


@pytest.mark.parametrize("shape", [(10,), (3, 10), (2, 3, 10)])
@every_row
def test_the_shortcut_gives_what_the_ufunc_gives(row, shape):
    for dtype in (np.float32, np.float64):
        x = operands("", shape, dtype)[0]
        for axis in range(-len(shape), len(shape)):
            assert_same_bits(public(row.name, "")(x, axis), public(row.name, "").ufunc(x, axis=axis))
            backward = public(row.name, "backward")
            dy = np.ones_like(public(row.name, "")(x, axis))
            assert_same_bits(backward(dy, x, axis), backward.ufunc(dy, x, axis=axis))
