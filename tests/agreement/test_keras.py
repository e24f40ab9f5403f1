"""keras.activations: values in float32, which is what Keras computes in, on the backend that is installed."""

from __future__ import annotations

import os

import numpy as np
import pytest
from check import (
    assert_agree,
    assert_defaults,
    assert_every_difference_was_met,
    call,
    calls,
    defaults,
    operand,
)
from twins import KERAS

import fastact as fa

if "KERAS_BACKEND" not in os.environ:
    pytest.importorskip(
        "jax", reason="jax is not installed, and KERAS_BACKEND names no other backend of Keras"
    )
    os.environ["KERAS_BACKEND"] = "jax"
keras = pytest.importorskip("keras", reason="keras is not installed")

REQUIRED = {"threshold": {"threshold": 0.25, "default_value": -0.5}}
#: relu with parameters of Keras's own -> ours with its parameters
RELU = [
    ({"negative_slope": 0.25}, "leaky_relu", {"negative_slope": 0.25}),
    ({"max_value": 6.0}, "relu6", {}),
    ({"threshold": 1.5}, "threshold", {"threshold": 1.5, "value": 0.0}),
]


def keras_result(name: str, x: np.ndarray, theirs: dict) -> np.ndarray:
    return keras.ops.convert_to_numpy(
        getattr(keras.activations, name)(keras.ops.convert_to_tensor(x), **theirs)
    )


@calls(KERAS, REQUIRED)
def test_values(name, theirs):
    twin = KERAS[name]
    x = operand(twin.name, np.float32)
    right = keras_result(name, x, theirs)
    theirs = defaults(getattr(keras.activations, name), twin) | theirs
    assert_agree("keras", twin, "function", x, theirs, fa.get(twin.name)(x, **call(twin, theirs)), right)


@pytest.mark.parametrize(("theirs", "name", "parameters"), RELU)
def test_relu_with_parameters(theirs, name, parameters):
    x = operand("relu", np.float32)[:-1]  # Keras hides the NaN at the end, if it has a threshold
    np.testing.assert_allclose(fa.get(name)(x, **parameters), keras_result("relu", x, theirs), rtol=1e-6)


@pytest.mark.parametrize("name", KERAS)
def test_defaults(name):
    assert_defaults("keras", name, getattr(keras.activations, name), KERAS[name])


def test_every_activation_of_keras_has_a_twin():
    not_functions = {"deserialize", "get", "serialize"}
    missing = (
        {name for name in dir(keras.activations) if not name.startswith("_")} - not_functions - KERAS.keys()
    )
    assert missing <= {"sparsemax"}


def test_every_difference_is_there():
    assert_every_difference_was_met("keras", KERAS, ("function",))
