"""The softmax family: axes, layouts, special rows, gradients."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import FLOATS, every_float
from test_ufuncs import LAYOUTS, Room, assert_same_bits

import fastact as fa
from fastact import reference

every_function = pytest.mark.parametrize("name", ["softmax", "log_softmax"])
every_member = pytest.mark.parametrize("member", ["", "backward", "backward_from_output"])


def public(name: str, member: str):
    return getattr(getattr(fa, name), member) if member else getattr(fa, name)


def operands(member: str, shape, dtype=np.float64) -> list[np.ndarray]:
    rng = np.random.default_rng(7)
    x = (2 * rng.standard_normal(shape)).astype(dtype)
    return [x] if not member else [rng.standard_normal(shape).astype(dtype), x]


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
    with pytest.raises(ValueError, match=r"axis|out of bounds"):
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
        with pytest.raises(TypeError):
            public(name, "")(wrong)


# -- values -------------------------------------------------------------------------------------


@every_float
@every_function
def test_special_rows(name, dtype):
    """All -inf, one NaN or +inf make the whole row NaN; -inf beside finite elements is exact."""
    nan, inf = np.nan, np.inf
    rows = np.array([[-inf] * 3, [1, nan, 2], [1, inf, 2], [inf, inf, 0], [nan, inf, -inf]], dtype)
    with np.errstate(all="raise"):
        assert np.isnan(public(name, "")(rows)).all()
        beside = public(name, "")(np.array([[-inf, 0, 0, -inf], [5, -inf, -inf, -inf]], dtype))
    shares = {"softmax": [[0, 0.5, 0.5, 0], [1, 0, 0, 0]]}
    shares["log_softmax"] = [[-inf, -np.log(2), -np.log(2), -inf], [0, -inf, -inf, -inf]]
    np.testing.assert_array_equal(beside, np.array(shares[name], dtype))
    assert not np.signbit(beside[beside == 0]).any() or name == "log_softmax"


@every_float
@every_function
def test_a_special_row_leaves_the_others_alone(name, dtype):
    for n in (3, 40, 2500):
        x = operands("", (4, n), dtype)[0]
        right = public(name, "")(x)
        x[1], x[2, n // 2] = -np.inf, np.nan
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
    np.testing.assert_allclose(function(x, axis), reference.get(name)(x, axis=axis), rtol=tolerance)
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


@pytest.mark.parametrize("dtype", FLOATS)
@every_function
def test_broadcasting_of_backward(name, dtype):
    dy, x = operands("backward", (3, 4), dtype)
    for member in ("backward", "backward_from_output"):
        function = public(name, member)
        assert_same_bits(function(dy[:1], x), function(np.repeat(dy[:1], 3, axis=0), x))
        assert_same_bits(function(dy[0], x, axis=None), function(np.tile(dy[0], (3, 1)), x, axis=None))
