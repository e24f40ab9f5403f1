"""The quick ways to a kernel: functions with parameters, and contiguous arrays, give what goes through NumPy gives."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from conftest import KINDS, MEMBERS, every_row_that, every_row_with_parameters, public, published
from fastact._kernels.ufuncs import through_numpy
from test_ufuncs import Tagged, assert_same_bits, operands

import fastact as fa
from fastact._table import BY_NAME, OPERANDS

VALUES = (
    0.0,
    -0.0,
    0.2,
    0.25,
    1.0,
    -1.5,
    6.0,
    1e-300,
    1e300,
    2,
    -1,
    2**53 + 1,
    True,
    np.float32(0.25),
    np.nan,
)

every_kind = pytest.mark.parametrize("kind", KINDS)
every_real = pytest.mark.parametrize("dtypes", [("f4", "f4"), ("f8", "f8"), ("f4", "f8"), ("f8", "f4")])


def answer(function, *args, **kwargs):
    """The result, or what the error says."""
    try:
        return np.asarray(function(*args, **kwargs))
    except (TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


def assert_same_answer(got, right) -> None:
    if isinstance(right, str):
        assert got == right
    else:
        assert_same_bits(got, right)


@every_real
@every_kind
@every_row_with_parameters
def test_quick_and_careful_agree(row, kind, dtypes):
    function = published(row, kind)
    if function is None:
        pytest.skip("not a function of the result")
    x = np.linspace(-2, 2, 9)
    count = 1 if kind in ("function", "derivative") else 2
    arrays = [x.astype(dtype) for dtype in dtypes[:count]]
    careful = [a.view(Tagged) for a in arrays]  # of a subclass, which is not for the quick way
    assert_same_answer(answer(function, *arrays), answer(function, *careful))
    for value in VALUES:
        values = [value] * len(row.parameters)
        named = {p.name: value for p in row.parameters}
        with np.errstate(over="ignore", under="ignore"):  # the careful way leaves the conversion to NumPy
            right = answer(function, *careful, *values)
        for _ in range(2):  # first come, then remembered
            assert_same_answer(answer(function, *arrays, *values), right)
            assert_same_answer(answer(function, *arrays, **named), right)
        if not isinstance(right, str):
            out = np.empty_like(right)
            assert function(*arrays, out=out, **named) is out
            assert_same_bits(out, right)
            keep = x > 0
            with np.errstate(over="ignore", under="ignore"):
                got = function(*arrays, **named, out=np.zeros_like(right), where=keep)
            assert_same_bits(got, np.where(keep, right, right.dtype.type(0)))
            first, *_ = named
            assert answer(function, *arrays, *values, **{first: value}).startswith("TypeError")
            assert answer(function, *arrays, *values, 1.0).startswith("TypeError")


# -- past NumPy's iterator ----------------------------------------------------------------------

every_member = pytest.mark.parametrize(("row", "kind"), MEMBERS)
every_quick_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=lambda d: d.__name__)


def quick_and_ufunc(row, kind, dtype):
    """A function, to be called with its operands alone, and the same through NumPy, as with any other keyword."""
    function = published(row, kind)
    values = [dtype(p.typical) for p in row.parameters]
    ufunc = getattr(function, "ufunc", function)

    def as_numpy(*args, **kwargs):
        kwargs["subok"] = True
        if "." in ufunc.__name__.removesuffix(f".{kind}"):  # one behind a function, whose name errors have
            return through_numpy(ufunc, (*args, *values), kwargs)
        return ufunc(*args, **kwargs)

    if row.variant_of:
        return partial(published(BY_NAME[row.variant_of], kind), approximate="tanh"), as_numpy
    return public(row, kind), as_numpy


def assert_same_array(got, right) -> None:
    """The same bits, in an object of the same class, in the same order."""
    assert type(got) is type(right)
    assert_same_bits(got, right)
    assert got.strides == right.strides


def tagged(array):
    return array.view(Tagged)


@every_quick_dtype
@every_member
def test_arrays_of_any_shape_and_order(row, kind, dtype):
    quick, ufunc = quick_and_ufunc(row, kind, dtype)
    for shape in [(), (0,), (1,), (7,), (499,), (500,), (3, 0), (2, 3, 5), (1, 6), (6, 1)]:
        arrays = operands(kind, shape, dtype)
        assert_same_array(quick(*arrays), ufunc(*arrays))
        for changed in (np.transpose, np.asfortranarray, tagged):
            others = [changed(a) for a in arrays]
            assert_same_array(quick(*others), ufunc(*others))
            if changed is not np.transpose:
                mixed = [arrays[0], *others[1:]]
                assert_same_array(quick(*mixed), ufunc(*mixed))
    for step in (2, -1):
        arrays = [a[::step] for a in operands(kind, (9, 4), dtype)]
        assert_same_array(quick(*arrays), ufunc(*arrays))
    if kind.startswith("backward"):
        dy, x = operands(kind, (4, 3), dtype)
        for pair in [(dy, x[0]), (dy[0], x), (dy[:, :1], x), (dy[0, 0], x), (dy, x[:1, :1])]:
            assert_same_array(quick(*pair), ufunc(*pair))


def outs(shape, dtype):
    """Arrays for a result, some of which do not take it."""
    yield np.empty(shape, dtype)
    yield np.empty(shape, dtype, order="F")
    yield np.empty(shape, dtype).view(Tagged)
    yield np.empty((5, *shape), dtype)
    yield np.empty(shape, np.float64)
    yield np.empty((*shape, 2), dtype)[..., 0]
    yield np.empty(shape, np.int32)
    yield np.empty(shape[:-1], dtype)
    yield np.empty((*shape[:-1], 1), dtype)
    yield [0.0]
    sealed = np.empty(shape, dtype)
    sealed.flags.writeable = False
    yield sealed


@every_quick_dtype
@every_member
def test_results_that_go_anywhere(row, kind, dtype):
    quick, ufunc = quick_and_ufunc(row, kind, dtype)
    arrays = operands(kind, (4, 6), dtype)
    assert_same_array(quick(*arrays, out=None), ufunc(*arrays))
    for out, other in zip(outs((4, 6), dtype), outs((4, 6), dtype), strict=True):
        with np.errstate(over="ignore", under="ignore"):
            got, right = answer(quick, *arrays, out=out), answer(ufunc, *arrays, out=other)
        assert_same_answer(got, right)
        if not isinstance(right, str):
            assert quick(*arrays, out=out) is out
            assert quick(*arrays, out=(out,)) is out
            assert_same_bits(out, other)


@every_quick_dtype
@every_row_that(lambda row: not row.parameters and row.variant_of is None and row.name != "gelu")
def test_a_ufunc_takes_its_result_by_position(row, dtype):
    for kind in ("function", "derivative", "backward"):
        function = published(row, kind)
        assert type(function) is np.ufunc
        arrays = operands(kind, (4, 6), dtype)
        right = function(*arrays, subok=True)
        for out, other in zip(outs((4, 6), dtype), outs((4, 6), dtype), strict=True):
            got = answer(function, *arrays, out)
            assert_same_answer(got, answer(function, *arrays, other, subok=True))
            assert isinstance(got, str) or np.shares_memory(got, out)
        assert_same_bits(function(*arrays, None), right)
        keep = np.arange(24).reshape(4, 6) % 2 == 0
        assert_same_bits(
            function(*arrays, out=np.zeros_like(right), where=keep), np.where(keep, right, dtype(0))
        )
        assert function(*arrays, dtype=np.float64).dtype == np.float64
        for wrong in [(), arrays[:-1], [*arrays, right, right]]:
            with pytest.raises(TypeError, match="takes from "):
                function(*wrong)
        for keywords in [{"out": right}, {"outs": None}, {"out": None, "where": True, "here": 1}]:
            with pytest.raises(TypeError):
                function(*arrays, right, **keywords)


def test_nothing_is_kept_of_a_call():
    x, out = np.ones(3, np.float32), np.empty(3, np.float32)
    before = [sys.getrefcount(a) for a in (x, out, None)]
    for _ in range(1000):
        fa.relu(x)
        fa.relu(x, out)
        fa.relu.backward(x, x, out=out)
        fa.leaky_relu(x, out=out)
    after = [sys.getrefcount(a) for a in (x, out, None)]
    assert max(abs(a - b) for a, b in zip(after, before, strict=True)) < 100


@every_quick_dtype
@every_member
def test_results_in_the_memory_of_an_operand(row, kind, dtype):
    quick, ufunc = quick_and_ufunc(row, kind, dtype)
    for n in (1, 600, 1300):
        for place in range(len(operands(kind, 1, dtype))):
            for shift in (-1, 0, 1):
                arrays = operands(kind, n + 2, dtype)
                room = arrays[place]
                arrays = [a[1:-1] for a in arrays]
                right = ufunc(*(a.copy() for a in arrays))
                out = room[1 + shift :][:n]
                assert quick(*arrays, out=out) is out
                assert_same_bits(out, right)
        x = operands("function", n, dtype)[0]
        both = [x] * len(arrays)
        right = ufunc(*both)
        assert_same_bits(quick(*both, out=x), right)


@every_quick_dtype
@every_row_with_parameters
def test_parameters_that_are_arrays(row, dtype):
    function = published(row)
    x = operands("function", (5, 7), dtype)[0]
    for shape in [(), (7,), (5, 1), (5, 7), (2, 1, 1)]:
        values = [np.full(shape, p.typical, dtype) for p in row.parameters]
        right = function.ufunc(x, *values)
        out = np.empty_like(right)
        assert_same_array(function(x, *values), right)
        assert function(x, *values, out=out) is out
        assert_same_bits(out, right)
        assert_same_array(
            function(x, **{p.name: v for p, v in zip(row.parameters, values, strict=True)}), right
        )
        wrong = [np.full_like(v, np.nan) for v in values]
        assert answer(function, x, *wrong).startswith("ValueError")


def test_numbers_at_the_end_of_what_a_double_holds():
    x = np.array([-1.0])
    for slope in (2**53, 2**53 + 1, -(2**53) - 1, 2**1000):
        assert fa.leaky_relu(x, slope) == -float(slope)
    with pytest.raises(ValueError, match="negative_slope must be a number that float64 holds"):
        fa.leaky_relu(x, 10**400)


# -- settings -----------------------------------------------------------------------------------


def test_more_settings_than_are_remembered():
    def correct(slopes):
        x = np.array([-1.0, 2.0])
        return all(fa.leaky_relu(x, slope).tolist() == [-slope, 2.0] for slope in slopes)

    slopes = np.linspace(0.001, 0.9, 200).tolist()
    assert correct(slopes * 2)
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(correct, [slopes[k:] + slopes[:k] for k in range(0, 200, 10)]))


def test_an_error_says_what_was_given():
    x = np.ones(3, np.float32)
    for beta in (-1, -1.0, 0, np.nan):
        for _ in range(2):
            with pytest.raises(ValueError, match=f"softplus: beta must be greater than 0, got {beta!r}$"):
                fa.softplus(x, beta)
    with pytest.raises(ValueError, match="prelu: weight must be a number, got "):
        fa.prelu(x, np.array([0.1, np.nan, 0.2], np.float32))


def test_gelu_refuses_what_is_neither_of_its_forms():
    x = np.ones(3)
    for wrong in ("erf", 0, 1, None, []):
        for call in (partial(fa.gelu, x, wrong), partial(fa.gelu.backward, x, x, approximate=wrong)):
            with pytest.raises(ValueError, match="approximate must be False, 'none', True or 'tanh', got "):
                call()
    for exact in (False, "none", np.False_):
        assert_same_bits(fa.gelu(x, exact), fa.gelu(x))
    for tanh in (True, "tanh"):
        assert_same_bits(fa.gelu(x, tanh), fa.gelu.tanh(x))


X = np.array([-1.0, 0.0, 1.0])
WRONG_CALLS = [
    (fa.elu, (), {}, "elu: missing a required argument: 'x'"),
    (fa.elu, (X, 1.0, 2.0), {}, "elu: too many positional arguments"),
    (fa.elu, (X, 1.0), {"alpha": 1.0}, "elu: multiple values for argument 'alpha'"),
    (fa.elu, (X,), {"x": X}, "elu: multiple values for argument 'x'"),
    *[
        (fa.elu, (X, wrong), {}, "elu: alpha must be of a type that float64 holds, got ")
        for wrong in (None, "a", [1, "a"], 1j, np.array(["a"]), np.longdouble(1))
    ],
    (fa.softplus, (X, None), {}, "softplus: beta must be of a type that float64 holds, got None"),
    (fa.softplus.derivative, (X, "a"), {}, "softplus.derivative: beta must be of a type that float64 holds"),
    (fa.prelu, (X,), {}, "prelu: missing a required argument: 'weight'"),
    (fa.prelu, (), {"x": X}, "prelu: missing a required argument: 'weight'"),
    (fa.prelu.backward, (X, X), {"weights": 1}, "prelu.backward: missing a required argument: 'weight'"),
    (fa.gelu, (), {}, "gelu: missing a required argument: 'x'"),
    (fa.gelu, (X, True), {"approximate": False}, "gelu: multiple values for argument 'approximate'"),
    (fa.gelu, (X, True, 3), {}, "gelu: too many positional arguments"),
    (fa.gelu.backward, (X,), {"dy": X}, "gelu.backward: multiple values for argument 'dy'"),
    (fa.gelu.backward, (X,), {"approximate": True}, "gelu.backward: missing a required argument: 'x'"),
    (fa.elu, ("a",), {}, "ufunc 'elu' not supported for the input types"),
    (fa.gelu, ("a",), {"approximate": True}, "ufunc 'gelu' not supported for the input types"),
    (fa.elu, (X,), {"dtype": np.int8}, "No loop matching .* was found for ufunc elu$"),
    *[
        (function, operands, {"out": np.empty(3, int)}, f"Cannot cast ufunc '{name}' output")
        for name, function, operands in (
            ("elu", fa.elu, (X,)),
            ("elu.backward", fa.elu.backward, (X, X, 0.5)),
            ("prelu", fa.prelu, (X, X)),
            ("gelu.derivative", fa.gelu.derivative, (X, True)),
        )
    ],
    *[
        (function, (X,), {"nonsense": 1}, "got an unexpected keyword argument")
        for function in (fa.elu, fa.gelu)
    ],
]


@pytest.mark.parametrize(("function", "args", "kwargs", "message"), WRONG_CALLS)
def test_a_wrong_call_is_a_type_error_that_says_what_is_wrong(function, args, kwargs, message):
    with pytest.raises(TypeError, match=message) as caught:
        function(*args, **kwargs)
    assert "ufunc'" not in str(caught.value)
    assert ".ufunc" not in str(caught.value)


def test_shapes_that_do_not_fit_are_an_error_of_the_function():
    with pytest.raises(ValueError, match=r"^elu: operands could not be broadcast together with shapes"):
        fa.elu(np.ones(3), out=np.ones(4))
    with pytest.raises(ValueError, match=r"^leaky_relu\.backward: operands could not be broadcast together"):
        fa.leaky_relu.backward(np.ones(3), np.ones(3), np.ones(2))
    with pytest.raises(TypeError, match=r"^ufunc 'elu\.backward' not supported for the input types"):
        fa.elu.backward(1.0, np.array(["a"]))


def test_an_error_of_an_operand_is_its_own():
    class Stubborn:
        def __array_ufunc__(self, *args, **kwargs):
            raise mine

    mine = TypeError("mine")
    for function in (fa.elu, fa.gelu):
        with pytest.raises(TypeError) as caught:
            function(Stubborn())
        assert caught.value is mine


@every_member
def test_operands_by_name(row, kind):
    function = public(row, kind)
    if type(function) is np.ufunc:
        return
    arrays = operands(kind, 5, np.float32)
    named = dict(zip(OPERANDS[kind], arrays, strict=True))
    assert_same_bits(function(**named, **row.required), function(*arrays))
    if len(arrays) == 2:
        last = OPERANDS[kind][-1]
        assert_same_bits(function(arrays[0], **{last: arrays[1]}, **row.required), function(*arrays))
    if row.name == "gelu":
        assert_same_bits(function(**named, approximate="tanh"), function(*arrays, True))


# -- by way of NumPy ----------------------------------------------------------------------------

every_parametric_member = pytest.mark.parametrize(
    ("row", "kind"), [member for member in MEMBERS if member.values[0].parameters]
)


def of(x, kind) -> list:
    """The operands that a function of that kind takes."""
    return [x] * len(operands(kind, 1, np.float32))


@pytest.mark.parametrize("dtype", ["float16", "float32", "int8", "bool"])
@every_parametric_member
def test_no_warning_from_a_parameter_that_float32_does_not_hold(row, kind, dtype):
    function = published(row, kind)
    x = X.astype(dtype)
    for value in (1e39, 1e300, 1e-300):
        values = [value] * len(row.parameters)
        single = function(*of(x.astype(np.float32), kind), *values)
        with np.errstate(over="ignore"):
            right = single.astype(np.float16 if dtype == "float16" else np.float32)
        with np.errstate(all="raise"):
            assert_same_bits(function(*of(x, kind), *values), right)
            assert_same_bits(function(*of(x.reshape(3, 1), kind), *values), right.reshape(3, 1))
            assert_same_bits(function(*of(x[1], kind), *values), right[1])
            assert_same_bits(function(*of(np.ma.masked_array(x, x > 0), kind), *values)[:2], right[:2])
            out = np.ones_like(right)
            function(*of(x, kind), *values, out=out, where=[True, False, True])
            assert_same_bits(out, np.where([True, False, True], right, right.dtype.type(1)))


@every_parametric_member
def test_numbers_beside_arrays_as_parameters_widen_nothing(row, kind):
    function = published(row, kind)
    for k in range(len(row.parameters)):
        for dtype, result in [("f2", "f2"), ("f4", "f4"), ("f8", "f8"), ("i1", "f4"), ("i8", "f8")]:
            values = [1.0] * len(row.parameters)
            values[k] = np.ones(3, dtype)
            with np.errstate(all="raise"):
                assert function(*of(X.astype(dtype), kind), *values).dtype == result
    if len(row.parameters) > 1:
        with np.errstate(all="raise"):
            got = function(*of(np.float32(X), kind), np.float32(X), 1e300)
            assert got.dtype == np.float32
            assert_same_bits(function(*of(np.float32(X), kind), np.float32(X), 1e300, dtype=np.float32), got)


@pytest.mark.parametrize("x", ["float16", "float32", "float64", "int8", "int32"])
@pytest.mark.parametrize(
    "parameter", [np.float64(0.5), np.float32(0.5), np.float16(0.5), np.int64(1), np.array([0.5])]
)
@every_parametric_member
def test_scalars_of_numpy_decide_the_dtype_as_in_numpy(row, kind, x, parameter):
    function = published(row, kind)
    got = function(*of(X.astype(x), kind), *[parameter] * len(row.parameters))
    assert got.dtype == fa.relu.backward(X.astype(x), parameter).dtype  # as another operand does


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@every_parametric_member
def test_the_dtype_that_is_asked_for(row, kind, dtype):
    function = public(row, kind)
    right = function(*of(X.astype(dtype), kind))
    types = np.dtype(dtype).char
    inputs = len(of(X, kind)) + len(row.parameters)
    for given in ("float16", "float32", "float64"):
        x = X.astype(given)
        assert_same_bits(function(*of(x, kind), dtype=dtype, casting="unsafe"), right)
        assert_same_bits(function(*of(x, kind), dtype=np.dtype(dtype)), right)
        assert_same_bits(function(*of(x, kind), dtype=None, casting="unsafe"), function(*of(x, kind)))
        for keyword in ("signature", "sig"):
            got = function(*of(x, kind), **{keyword: f"{types * inputs}->{types}"})
            assert got.dtype == dtype
            np.testing.assert_allclose(got, right, rtol=4 * np.finfo(np.float16).eps)
    with pytest.raises(TypeError):
        function(*of(X, kind), dtype=np.float32, casting="safe")
    with pytest.raises(TypeError):
        function(*of(X, kind), dtype=np.int8)


class Convertible:
    """What NumPy makes an array of, such as a tensor."""

    def __array__(self, dtype=None, copy=None):
        return np.float16([1.0, -1.0])


@pytest.mark.parametrize(
    "x",
    [
        True,
        1,
        1.0,
        [True],
        [np.float16(1)],
        [np.int8(1)],
        [],
        Convertible(),
        [1, True],
        2**70,
        [2**70],
        "1",
        None,
    ],
    ids=lambda x: type(x).__name__,
)
@every_parametric_member
def test_what_is_no_array_is_taken_as_without_parameters(row, kind, x):
    right = answer(fa.relu, x)
    got = answer(public(row, kind), *of(x, kind))
    if isinstance(right, str):
        assert got.startswith("TypeError")
    else:
        assert got.dtype == right.dtype
        assert_same_bits(got, public(row, kind)(*of(right.dtype.type(np.asarray(x)), kind)))


@pytest.mark.parametrize(
    ("dy", "x", "result"),
    [
        *[(number, np.float16(X), "f2") for number in (1, 1.0, 1e300)],
        *[(number, np.float32(X), "f4") for number in (1, 1.0, True, 1e300)],
        (1, np.int8(X), "f4"),
        (1.0, np.int8(X), "f8"),
        (1, X > 0, "f8"),
        (True, X > 0, "f4"),
        (1.0, [1.0], "f8"),
        (1.0, [np.float16(1)], "f2"),
    ],
)
@every_row_with_parameters
def test_a_number_beside_an_operand_counts_as_in_numpy(row, dy, x, result):
    with np.errstate(all="raise"):
        for kind in ("backward", "backward_from_output"):
            function = public(row, kind)
            if function is not None:
                assert function(dy, x).dtype == result
                assert function(x, dy).dtype == result
