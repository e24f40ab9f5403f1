"""jax.nn: values in every float dtype, and jax.grad's derivatives in float32 and float64."""

from __future__ import annotations

import numpy as np
import pytest
from check import (
    FLOATS,
    ROWS,
    assert_agree,
    assert_defaults,
    assert_every_difference_was_met,
    call,
    calls,
    defaults,
    every_float,
    operand,
)
from twins import JAX

import fastact as fa

jax = pytest.importorskip("jax", reason="jax is not installed")
jax.config.update("jax_enable_x64", True)
fa.enable_bfloat16()


def function(name: str, theirs: dict):
    return lambda x: getattr(jax.nn, name)(x, **theirs)


@calls(JAX)
@every_float
def test_values(name, theirs, dtype):
    twin = JAX[name]
    x = operand(twin.name, dtype)
    right = np.asarray(function(name, theirs)(jax.numpy.asarray(x)))
    theirs = defaults(getattr(jax.nn, name), twin) | theirs
    assert_agree("jax", twin, "function", x, theirs, fa.get(twin.name)(x, **call(twin, theirs)), right)


@calls(JAX)
@pytest.mark.parametrize("dtype", FLOATS[2:], ids=lambda dtype: dtype.__name__)
def test_gradients(name, theirs, dtype):
    twin = JAX[name]
    x = operand(twin.name, dtype)
    y, gradient = jax.vjp(function(name, theirs), jax.numpy.asarray(x))
    dy = (
        np.random.default_rng(1).standard_normal(y.shape).astype(dtype)
        if twin.name in ROWS
        else np.ones_like(x)
    )
    theirs = defaults(getattr(jax.nn, name), twin) | theirs
    ours = fa.get(twin.name).backward(dy, x, **call(twin, theirs))
    assert_agree("jax", twin, "gradient", x, theirs, ours, np.asarray(gradient(dy)[0]), dy)


@pytest.mark.parametrize("name", JAX)
def test_defaults(name):
    assert_defaults("jax", name, getattr(jax.nn, name), JAX[name])


def test_every_difference_is_there():
    assert_every_difference_was_met("jax", JAX, ("function", "gradient"))
