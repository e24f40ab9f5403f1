"""The contract of an activation: types, names, limits, kinks, parameters, gradients, pickles, docstrings."""

from __future__ import annotations

import copy
import doctest
import inspect
import os
import pickle
import re
import subprocess
import sys

import numpy as np
import oracle
import pytest
from conftest import (
    KINDS,
    PARAMETERS,
    defaults,
    every_float,
    every_member,
    every_parameter,
    every_row,
    every_row_that,
    every_row_with_parameters,
    public,
    published,
    setting,
    ufunc,
)

import fastact as fa
from fastact import _dispatch, reference
from fastact._table import ACTIVATIONS

FUNCTIONS = [fa.get(name) for name in fa.names()]
MEMBERS = [
    (function, member)
    for function in FUNCTIONS
    for member in ("", "derivative", "backward", "backward_from_output", "backward_weight")
    if getattr(function, member or "__call__", None) is not None
]
PUBLIC = [
    pytest.param(
        getattr(function, member) if member else function, id=f"{function.__name__}.{member}".rstrip(".")
    )
    for function, member in MEMBERS
]
every_public_function = pytest.mark.parametrize("function", PUBLIC)


def arguments(kind: str, x) -> list:
    return [x] if kind in ("function", "derivative") else [x, x]


# -- names --------------------------------------------------------------------------------------


def test_names_are_sorted_and_all_public():
    assert fa.names() == sorted(fa.names())
    assert set(fa.names()) <= set(fa.__all__)
    assert all(getattr(fa, name) is fa.get(name) for name in fa.names())


@every_row
def test_get_knows_names_and_aliases_whatever_their_case(row):
    if row.variant_of:
        assert row.name not in fa.names()
        return
    for name in (row.name, *row.aliases):
        for spelling in (name, name.upper(), name.title()):
            assert fa.get(spelling) is getattr(fa, row.name)


def test_get_hands_back_an_activation():
    assert all(fa.get(function) is function for function in FUNCTIONS)


@pytest.mark.parametrize("name", ["gelu_tanh", "GELU_tanh"])
def test_get_says_how_to_call_a_form_that_is_an_option(name):
    form = r"functools.partial\(fastact.gelu, approximate='tanh'\)"
    with pytest.raises(
        ValueError, match=f"^unknown activation '{name}'; it is an option of another one: {form}$"
    ):
        fa.get(name)


@pytest.mark.parametrize(
    ("wrong", "closest"), [("rleu", "relu"), ("Sigmod", "sigmoid"), ("soft-max", "softmax"), ("elu2", "elu")]
)
def test_get_names_the_closest_match(wrong, closest):
    with pytest.raises(ValueError, match=f"{wrong!r}; the closest is {closest!r}, and there are: "):
        fa.get(wrong)


@pytest.mark.parametrize("wrong", ["", "zzz", "?", "linear regression of everything"])
def test_get_names_nothing_where_nothing_is_close(wrong):
    with pytest.raises(ValueError, match=f"unknown activation {re.escape(repr(wrong))}; there are: "):
        fa.get(wrong)


@pytest.mark.parametrize("wrong", [None, 3, np.exp, len])
def test_get_refuses_what_is_no_activation(wrong):
    with pytest.raises(TypeError):
        fa.get(wrong)


# -- dtypes -------------------------------------------------------------------------------------

DTYPES = {
    **{dtype: dtype for dtype in ("float16", "float32", "float64")},
    **dict.fromkeys(("bool", "int8", "uint8", "int16", "uint16"), "float32"),
    **dict.fromkeys(("int32", "uint32", "int64", "uint64"), "float64"),
}


@pytest.mark.parametrize(("dtype", "result"), DTYPES.items())
@every_member
def test_dtypes(row, kind, dtype, result):
    x = np.array([0, 1, 1], dtype=dtype)
    function = public(row, kind)
    got = function(*arguments(kind, x))
    assert got.dtype == result
    np.testing.assert_array_equal(got, function(*arguments(kind, x.astype(result))))


@every_member
def test_python_numbers_and_lists_are_double(row, kind):
    function = public(row, kind)
    for x in (1, 0.5, [1.0, -2.0], [[1], [2]]):
        right = function(*arguments(kind, np.asarray(x, np.float64)))
        np.testing.assert_array_equal(function(*arguments(kind, x)), right)
        assert right.dtype == np.float64


@pytest.mark.parametrize("wrong", [np.longdouble(1), 1j, np.array([1], object), "1", np.array(["1"]), None])
@every_member
def test_other_types_are_a_type_error(row, kind, wrong):
    with pytest.raises(TypeError):
        public(row, kind)(*arguments(kind, wrong))


@pytest.mark.parametrize(("dtype", "result"), DTYPES.items())
@every_parameter
def test_a_python_number_as_parameter_never_widens(row, parameter, dtype, result):
    for kind in KINDS[:3]:
        for value in (parameter.typical, 2, 0.5):
            keywords = setting(row, parameter, value)
            x = np.array([0, 1, 3], dtype=dtype)
            assert public(row, kind)(*arguments(kind, x), **keywords).dtype == result
            assert public(row, kind)(*arguments(kind, x[1]), **keywords).dtype == result


@every_parameter
def test_an_array_as_parameter_promotes_and_broadcasts(row, parameter):
    for kind in KINDS[:3]:
        function = public(row, kind)
        x = np.linspace(-3, 3, 12, dtype=np.float32).reshape(3, 4)
        values = np.array([[0.25], [1.0], [2.0]])
        got = function(*arguments(kind, x), **setting(row, parameter, values))
        assert got.dtype == np.float64
        for i, value in enumerate(values.ravel()):
            right = function(*arguments(kind, x[i].astype(np.float64)), **setting(row, parameter, value))
            np.testing.assert_array_equal(got[i], right)
        for same, result in ((values.astype(np.float32), np.float32), (np.array([1, 2, 1, 2]), np.float64)):
            assert function(*arguments(kind, x), **setting(row, parameter, same)).dtype == result


@every_parameter
def test_parameters_go_by_position_too(row, parameter):
    values = {p.name: p.typical if p is parameter else 0.75 for p in row.parameters}
    x = np.linspace(-3, 3, 12)
    for kind in KINDS[:3]:
        function = public(row, kind)
        operands = arguments(kind, x)
        np.testing.assert_array_equal(function(*operands, *values.values()), function(*operands, **values))


@every_parameter
def test_a_parameter_out_of_its_domain_is_named(row, parameter):
    wrong = [value for value in (-1.0, 0.0, np.nan) if not parameter.accepts(value)]
    assert wrong
    for kind in KINDS[:3]:
        for value in (*wrong, np.array([1.0, wrong[0]])):
            with pytest.raises(ValueError, match=f"{parameter.name} must be {parameter.allowed}"):
                public(row, kind)(*arguments(kind, np.ones(2)), **{parameter.name: value})


REQUIRED = [case for case in PARAMETERS if case.values[1].default is None]


@pytest.mark.parametrize(("row", "parameter"), REQUIRED)
def test_a_parameter_without_a_default_must_be_given(row, parameter):
    given = {name: value for name, value in row.required.items() if name != parameter.name}
    for kind in KINDS[:3]:
        function = published(row, kind)
        for keywords in (given, given | {parameter.name: None}):
            with pytest.raises(TypeError, match=parameter.name):
                function(*arguments(kind, np.ones(3)), **keywords)
        with pytest.raises(TypeError, match=row.parameters[0].name):
            function(*arguments(kind, np.ones(3)))


@pytest.mark.parametrize("kind", KINDS)
def test_bounds_of_hard_tanh_must_be_in_order(kind):
    function = fa.hard_tanh if kind == "function" else getattr(fa.hard_tanh, kind)
    operands = [np.linspace(-2, 2, 5)] * (1 if kind in ("function", "derivative") else 2)
    for wrong in (
        {"min_value": 2},
        {"max_value": -1.5},
        {"min_value": 1, "max_value": np.array([2.0, 0.0, 1, 1, 1])},
    ):
        with pytest.raises(
            ValueError, match=r"min_value must be at most max_value, got min_value=.*, max_value="
        ):
            function(*operands, **wrong)
    with pytest.raises(ValueError, match="max_value"):
        function(*operands, 1.0, -1.0)
    with pytest.raises(ValueError, match="min_value must be at most max_value"):
        function(*operands, [-1, -1, -1, -1, 3], [2, 2, 2, 2, 2])
    function(*operands, 1.0, 1.0)
    of_list = function(*operands, [-1, -1, -1, -1, 0], 1.0)
    np.testing.assert_array_equal(of_list, function(*operands, np.array([-1, -1, -1, -1, 0]), 1.0))


@every_row_with_parameters
def test_parameters_that_no_float64_holds_are_an_error(row):
    for sign in (-1, 1):
        given = row.required | {row.parameters[0].name: sign * 10**400}
        with pytest.raises(ValueError, match=f"{row.parameters[0].name} must be a number that float64 holds"):
            published(row, "function")(np.ones(3), **given)


@every_member
def test_unknown_keywords_are_a_type_error(row, kind):
    with pytest.raises(TypeError):
        public(row, kind)(*arguments(kind, 1.0), nonsense=1)


@pytest.mark.parametrize("kind", KINDS[:3])
def test_forms_of_gelu(kind):
    gelu = public(next(row for row in ACTIVATIONS if row.name == "gelu"), kind)
    operands = arguments(kind, np.linspace(-4, 4, 100))
    exact, tanh = gelu(*operands), gelu(*operands, approximate=True)
    assert not np.array_equal(exact, tanh)
    for value, right in {False: exact, "none": exact, True: tanh, "tanh": tanh}.items():
        np.testing.assert_array_equal(gelu(*operands, approximate=value), right)
        np.testing.assert_array_equal(gelu(*operands, value), right)
    for wrong in ("erf", "TANH", 1.0, None, 2):
        with pytest.raises(ValueError, match="approximate"):
            gelu(*operands, approximate=wrong)


# -- values -------------------------------------------------------------------------------------


@every_float
@every_row
def test_limits(row, dtype):
    ends = np.array([-np.inf, np.inf], dtype)
    got = np.concatenate([public(row)(ends), public(row, "derivative")(ends)])
    right = np.array(row.limits, dtype)
    np.testing.assert_array_equal(got, right)
    np.testing.assert_array_equal(np.signbit(got[~np.isnan(got)]), np.signbit(right[~np.isnan(right)]))


@every_float
@every_row
def test_a_large_number_is_as_good_as_infinity(row, dtype):
    largest = np.finfo(dtype).max
    x = np.array([-largest, largest], dtype)
    for kind in ("function", "derivative"):
        limits = np.array(row.limits[:2] if kind == "function" else row.limits[2:])
        settled = np.isfinite(limits)
        got = public(row, kind)(x)[settled]
        np.testing.assert_allclose(got, limits[settled].astype(dtype), rtol=0, atol=8 / float(largest))
        zero = got == 0
        np.testing.assert_array_equal(np.signbit(got[zero]), np.signbit(limits[settled][zero]))


@every_float
@every_member
def test_nan_gives_nan(row, kind, dtype):
    x = np.array([1, np.nan, -1], dtype)
    one = np.ones(3, dtype)
    function = public(row, kind)
    for operands in [[x]] if len(arguments(kind, x)) == 1 else [[x, one], [one, x]]:
        np.testing.assert_array_equal(np.isnan(function(*operands)), np.isnan(x))


@every_parameter
def test_nan_gives_nan_whatever_the_parameters(row, parameter):
    values = {p.name: 2.0 for p in row.parameters}
    for kind in KINDS[:3]:
        assert np.isnan(public(row, kind)(*arguments(kind, np.float32(np.nan)), **values))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_alphas_give_the_limits(dtype):
    x = np.array([-2, 2], dtype)
    smallest = float(np.finfo(dtype).smallest_subnormal)
    assert fa.elu(x, np.inf).tolist() == [-np.inf, 2]
    assert fa.elu.derivative(x, np.inf).tolist() == [np.inf, 1]
    assert np.signbit(fa.elu.derivative(np.array([-1, -0.7, -80], dtype), -0.0)).all()
    assert np.signbit(fa.elu.derivative(np.array([-80, -80.2], dtype), -smallest)).all()
    assert fa.celu(x, smallest).tolist() == [-smallest, 2]
    assert fa.celu.derivative(x, smallest).tolist() == [0, 1]


@every_float
def test_a_beta_too_small_to_be_inverted_gives_the_limits(dtype):
    x = np.array([-np.inf, 0, np.inf], dtype)
    smallest = float(np.finfo(dtype).smallest_subnormal)
    assert fa.softplus(x, smallest).tolist() == [0, np.inf, np.inf]
    assert fa.softplus(x, 4 * float(np.finfo(dtype).tiny))[0] == 0


@pytest.mark.parametrize("beta", [0.5, 0.1, 1e-3, 1e-100])
def test_softplus_keeps_its_left_tail_whatever_beta(beta):
    """There e^(beta x) alone is subnormal, or 0, and the result is not, or less so."""
    x = np.linspace(-690, -740, 100) / beta
    right = np.exp((np.longdouble(x) * np.longdouble(beta)) - np.log(np.longdouble(beta)))
    assert oracle.ulp_distance(fa.softplus(x, beta), right).max() <= 3
    assert fa.softplus(-np.inf, beta) == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_squareplus_without_a_bend(dtype):
    """With b = 0 it is relu, where the square of x underflows, too."""
    small = 4 * float(np.finfo(dtype).tiny)
    x = np.array([-np.inf, -1, -small, -0.0, 0, small, 1e-30, 1, np.inf], dtype)
    np.testing.assert_array_equal(fa.squareplus(x, 0), np.maximum(x, 0))
    np.testing.assert_array_equal(fa.squareplus.derivative(x, 0), [0, 0, 0, 0.5, 0.5, 1, 1, 1, 1])


@every_float
@every_row_that(lambda row: row.kinks)
def test_kinks(row, dtype):
    for kink, slope in row.kinks.items():
        got = public(row, "derivative")(np.array([kink], dtype))
        np.testing.assert_array_equal(got, dtype(slope))
        if kink == 0:
            np.testing.assert_array_equal(public(row, "derivative")(np.array([-0.0], dtype)), dtype(slope))


#: the slopes at kinks that the documentation names, one for each parameter tried: name, parameters, point, slope
CHOSEN_SLOPES = [
    *[("relu", {}, 0, 0), ("relu6", {}, 0, 0), ("relu6", {}, 6, 0)],
    *[("leaky_relu", {}, 0, 0.01), ("leaky_relu", {"negative_slope": 0.25}, 0, 0.25)],
    *[("prelu", {"weight": 0.5}, 0, 0.5), ("prelu", {"weight": -0.5}, 0, -0.5)],
    *[("elu", {}, 0, 1), ("elu", {"alpha": 0.25}, 0, 0.25), ("selu", {}, 0, 1.7580993408473768)],
    *[("celu", {"alpha": alpha}, 0, 1) for alpha in (0.25, 1, 4)],
    *[
        ("hard_sigmoid", {}, -3, 0),
        ("hard_sigmoid", {}, 3, 0),
        ("hard_silu", {}, -3, 0),
        ("hard_silu", {}, 3, 1),
    ],
    *[("hard_tanh", {}, -1, 0), ("hard_tanh", {}, 1, 0), ("hard_tanh", {"min_value": 1}, 1, 0)],
    *[("hard_tanh", {"min_value": -2, "max_value": 3}, at, 0) for at in (-2, 3)],
    *[(name, {}, at, 0) for name in ("hard_shrink", "soft_shrink") for at in (-0.5, 0.5)],
    *[(name, {"threshold": 0}, 0, 0) for name in ("hard_shrink", "soft_shrink")],
    *[("threshold", {"threshold": t, "value": 7}, t, 0) for t in (-1, 0, 2)],
    *[
        ("sparse_sigmoid", {}, -1, 0),
        ("sparse_sigmoid", {}, 1, 0),
        ("sparse_plus", {}, -1, 0),
        ("sparse_plus", {}, 1, 1),
    ],
]


@every_float
@pytest.mark.parametrize(("name", "parameters", "point", "slope"), CHOSEN_SLOPES)
def test_slopes_at_kinks_are_the_documented_ones(name, parameters, point, slope, dtype):
    x = np.full(67, point, dtype)
    np.testing.assert_array_equal(fa.get(name).derivative(x, **parameters), dtype(slope))


@every_float
def test_infinity_has_no_sine(dtype):
    for function in (fa.sin, fa.cos):
        for f in (function, function.derivative):
            assert np.isnan(f(np.array([np.inf, -np.inf, np.nan], dtype))).all()


@every_float
@every_row
def test_zero_keeps_its_sign_where_the_function_passes_through_it(row, dtype):
    zeros = np.array([0.0, -0.0], dtype)
    below, above = public(row)(np.array([-0.1, 0.1], dtype))
    got = public(row)(zeros)
    if got[0] == 0 and below < 0 < above:
        np.testing.assert_array_equal(np.signbit(got), [False, True])


# -- derivatives and gradients ------------------------------------------------------------------


@every_float
@every_row
def test_backward_is_dy_times_the_derivative_to_the_last_bit(row, dtype):
    x = oracle.inputs(row, dtype, 8)
    dy = np.random.default_rng(4).standard_normal(len(x)).astype(dtype)
    wide = np.float32 if dtype == np.float16 else dtype  # float16 is computed in float32 and rounded once
    with np.errstate(all="ignore"):
        slope = public(row, "derivative")(x.astype(wide), *defaults(row, dtype))
        right = (dy.astype(wide) * slope).astype(dtype)
    np.testing.assert_array_equal(public(row, "backward")(dy, x), right)


@every_row
def test_zero_times_infinity_is_nan(row):
    with np.errstate(all="raise"):
        got = public(row, "backward")(np.array([np.inf, 0.0]), np.array([-np.inf, np.inf]))
    with np.errstate(invalid="ignore"):
        right = np.array([np.inf, 0.0]) * np.array(row.limits[2:], float)
    np.testing.assert_array_equal(got, right)


@every_row
def test_backward_from_output_is_there_where_the_table_says_so(row):
    if row.variant_of is None:
        assert (public(row, "backward_from_output") is None) == (row.from_output is None)


@every_float
@every_row_that(lambda row: row.from_output is not None)
def test_backward_from_output_agrees_with_backward(row, dtype):
    x = np.linspace(-4, 4, 1001).astype(dtype)
    dy = np.random.default_rng(4).standard_normal(len(x)).astype(dtype)
    y = public(row)(x)
    right = public(row, "backward")(dy, x)
    got = public(row, "backward_from_output")(dy, y)
    assert got.dtype == dtype
    kinks = np.array([*row.kinks], dtype)
    # near a kink y may be rounded to what it is there, and then tells the slope there
    there = np.isin(y, public(row)(kinks))
    tolerance = 100 * np.finfo(dtype).eps
    np.testing.assert_allclose(got[~there], right[~there], rtol=tolerance, atol=tolerance)
    at_kinks = public(row, "backward_from_output")(np.ones_like(kinks), public(row)(kinks))
    np.testing.assert_array_equal(at_kinks, np.array([*row.kinks.values()], dtype))


NEEDS = [
    pytest.param(row, p, id=f"{row.name}-{p.name}")
    for row, p in (case.values for case in PARAMETERS)
    if row.from_output_needs and row.from_output_needs.name == p.name
]


@pytest.mark.parametrize(("row", "parameter"), NEEDS)
def test_backward_from_output_refuses_what_y_cannot_tell(row, parameter):
    function = public(row, "backward_from_output")
    with pytest.raises(ValueError, match=f"{parameter.name} must be") as caught:
        function(1.0, 1.0, **{parameter.name: -0.5})
    allowed = re.search("must be (.*), got", str(caught.value))[1]
    assert f"; {allowed}.\n" in function.__doc__
    assert f"If {parameter.name} is not {allowed}.\n" in function.__doc__


@every_row
def test_derivative_is_the_difference_quotient(row):
    x = np.linspace(-6, 6, 1201) + 1 / 7
    h = 1e-5
    x = x[np.all([np.abs(x - kink) > 2 * h for kink in row.kinks] or [x == x], axis=0)]
    for parameters in [{}, {p.name: 0.75 for p in row.parameters}]:
        quotient = (public(row)(x + h, **parameters) - public(row)(x - h, **parameters)) / (2 * h)
        np.testing.assert_allclose(public(row, "derivative")(x, **parameters), quotient, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@every_row
def test_reference_agrees(row, dtype):
    rng = np.random.default_rng(5)
    x = 4 * rng.standard_normal(2000).astype(dtype)
    dy = rng.standard_normal(2000).astype(dtype)
    tolerance = 200 * np.finfo(dtype).eps
    for parameters in [row.required, {p.name: 0.75 for p in row.parameters}]:
        twins = [
            (public(row)(x, **parameters), reference.get(row.name)(x, **parameters)),
            (
                public(row, "derivative")(x, **parameters),
                reference.get(f"{row.name}_derivative")(x, **parameters),
            ),
            (public(row, "backward")(dy, x, **parameters), reference.backward(row.name, dy, x, **parameters)),
        ]
        for got, right in twins:
            assert right.dtype == dtype
            np.testing.assert_allclose(got, right, rtol=tolerance, atol=tolerance)


def test_the_reference_has_the_functions_themselves():
    assert fa.reference.relu is reference.get("relu")
    assert "silu_derivative" in dir(fa.reference)
    gates = {"glu", "swiglu", "geglu", "reglu"}  # which reference.gated computes
    assert set(fa.names()) - set(fa.reference.__all__) == gates


def test_a_missing_twin_fails_by_name():
    with pytest.raises(LookupError, match="no_such_activation"):
        reference.get("no_such_activation")


@every_float
def test_gradient_of_the_weight_of_prelu(dtype):
    x, dy = np.random.default_rng(6).standard_normal((2, 40, 7)).astype(dtype)
    x[0] = [0, -0.0, np.inf, -np.inf, np.nan, 1, -1]
    dy[0] = 2
    got = fa.prelu.backward_weight(dy, x)
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, dy * np.where(x > 0, dtype(0), x))
    with np.errstate(all="raise"):
        assert np.isnan(fa.prelu.backward_weight(dtype(np.inf), dtype(1)))
    out = np.empty_like(x[::-1, ::2])
    assert fa.prelu.backward_weight(dy[::-1, ::2], x[::-1, ::2], out=out) is out
    np.testing.assert_array_equal(out, got[::-1, ::2])
    spread = np.broadcast_to(dy[:1], x.shape)
    np.testing.assert_array_equal(fa.prelu.backward_weight(dy[:1], x), fa.prelu.backward_weight(spread, x))


def test_the_weights_of_prelu_are_learned_a_channel_each():
    x, dy = np.random.default_rng(7).standard_normal((2, 40, 7))
    weight, h = np.linspace(-0.5, 1.5, 7), 1e-6
    gradient = fa.prelu.backward_weight(dy, x).sum(axis=0)
    for channel in range(7):
        step = h * (np.arange(7) == channel)
        quotient = np.sum(dy * (fa.prelu(x, weight + step) - fa.prelu(x, weight - step))) / (2 * h)
        np.testing.assert_allclose(gradient[channel], quotient, rtol=1e-8)
    np.testing.assert_array_equal(fa.prelu.backward(dy, x, weight), dy * np.where(x > 0, 1, weight))


# -- as Python objects --------------------------------------------------------------------------


@every_public_function
def test_pickles_name_the_public_function(function):
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        data = pickle.dumps(function, protocol)
        assert b"fastact" in data
        assert b"_kernels" not in data
        assert pickle.loads(data) is function
    assert copy.deepcopy(function) is function
    assert copy.copy(function) is function


def test_pickles_load_under_every_instruction_set(tmp_path):
    file = tmp_path / "functions.pickle"
    file.write_bytes(pickle.dumps([p.values[0] for p in PUBLIC]))
    code = "import pickle, sys; print(len(pickle.load(open(sys.argv[1], 'rb'))))"
    for instruction_set in _dispatch.available():
        environment = os.environ | {"FASTACT_ISA": instruction_set, "PATH": ""}
        run = [sys.executable, "-c", code, str(file)]
        assert int(subprocess.run(run, env=environment, check=True, capture_output=True).stdout) == len(
            PUBLIC
        )


@every_public_function
def test_public_names(function):
    assert function.__module__ == "fastact"
    found = fa
    for part in function.__qualname__.split("."):
        found = getattr(found, part)
    assert found is function
    assert function.__name__.rpartition(".")[2] == function.__qualname__.rpartition(".")[2]


@every_member
def test_functions_have_names_as_ufuncs_do(row, kind):
    name = row.name if kind == "function" else f"{row.name}.{kind}"
    if not row.variant_of:
        assert published(row, kind).__name__ == published(row, kind).__qualname__ == name


@every_member
def test_docstrings_tell_of_all_parameters_and_types(row, kind):
    text = published(row, kind).__doc__
    assert "bfloat16" in text
    for parameter in row.parameters:
        assert f"\n{parameter.name} : " in text
    if row.name == "gelu":
        tanh = fa.gelu.tanh.__doc__ if kind == "function" else getattr(fa.gelu, kind).tanh.__doc__
        figure = tanh[tanh.index("Largest error found") : tanh.index("\n\nReferences")]
        for part in (
            "\napproximate : ",
            "0.044715" if kind == "function" else "v' sigmoid",
            figure,
            "\nRaises\n",
        ):
            assert part in text


@every_row
def test_signatures(row):
    if row.variant_of:
        return
    for kind in KINDS[:3]:
        function = published(row, kind)
        names = ["x"] if kind in ("function", "derivative") else ["dy", "x"]
        signature = inspect.signature(function)
        assert list(inspect.signature(ufunc(row, kind)).parameters)[: len(names)] == names
        if isinstance(function, np.ufunc):
            assert (function.nin, function.nout) == (len(names), 1)
            continue
        assert list(signature.parameters)[: len(names)] == names
        for p in row.parameters:
            assert signature.parameters[p.name].default == (
                inspect.Parameter.empty if p.default is None else p.default
            )


@every_row
def test_one_without_parameters_is_a_ufunc(row):
    function = getattr(fa, row.variant_of or row.name)
    plain = not row.parameters and not row.variant_of and row.name not in {r.variant_of for r in ACTIVATIONS}
    assert isinstance(function, np.ufunc) == plain
    assert isinstance(getattr(function, "ufunc", function), np.ufunc)


SECTIONS = ("Parameters", "Returns", "See Also", "Notes", "References", "Examples")


@every_public_function
def test_docstrings_are_complete_and_their_examples_run(function):
    text = function.__doc__
    for title in SECTIONS:
        assert f"\n{title}\n{'-' * len(title)}\n" in text, title
    test = doctest.DocTestParser().get_doctest(text, {}, function.__qualname__, None, 0)
    assert test.examples
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


@pytest.mark.parametrize("name", sorted(fa.__test__))
def test_examples_of_the_package_run(name):
    test = doctest.DocTestParser().get_doctest(fa.__test__[name], {}, name, None, 0)
    assert doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS).run(test).failed == 0


def test_show_config(capsys):
    fa.show_config()
    printed = capsys.readouterr().out
    assert fa.__version__ in printed
    assert _dispatch.INSTRUCTION_SET in printed
