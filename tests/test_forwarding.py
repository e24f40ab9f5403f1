"""Functions with parameters: the quick way to the ufunc gives what the careful one gives."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import KINDS, every_row_with_parameters, published
from test_ufuncs import Tagged, assert_same_bits

import fastact as fa

VALUES = (0.0, -0.0, 0.2, 0.25, 1.0, -1.5, 6.0, 1e-300, 1e300)

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


def test_more_settings_than_are_remembered():
    x = np.array([-1.0, 2.0])
    for _ in range(2):
        for slope in np.linspace(0.001, 0.9, 200).tolist():
            assert fa.leaky_relu(x, slope).tolist() == [-slope, 2.0]


def test_no_warning_from_a_parameter_that_float32_does_not_hold():
    with np.errstate(all="raise"):
        assert fa.leaky_relu(np.float32([-1, 1]), 1e300).tolist() == [-np.inf, 1]
        assert fa.leaky_relu(np.float32([-1, 1]), 1e-300).tolist() == [0, 1]
