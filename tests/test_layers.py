"""Layers: what they compute, that their gradients are right, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from networks import CROSS_ENTROPIES, LOSSES, data, gradients, numeric_gradients

import fastact as fa
from fastact._stages import nonlinearity
from fastact.initializers import INITIALIZERS, Constant
from fastact.layers import Activation, Dense, Input
from fastact.models import Sequential


def usable(name: str) -> bool:
    """Whether an activation needs no parameter and keeps the shape."""
    try:
        return np.shape(nonlinearity(name)(np.zeros((1, 4)))) == (1, 4)
    except ValueError:
        return False


HIDDEN = [name for name in fa.names() if usable(name)]


def away_from_kinks(network: Sequential, x, margin: float = 0.01) -> np.ndarray:
    """The rows whose first layer gives nothing close to a kink of any activation."""
    z = x @ network.layers[0].kernel + network.layers[0].bias
    kinks = np.array([-3, -1, -0.5, 0, 0.5, 1, 3, 6])
    return x[(np.abs(z[..., None] - kinks) > margin).all(axis=(1, 2))]


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_agree_with_differences(name, loss):
    network = Sequential(
        [Dense(5, name, input_shape=(3,)), Dense(4, CROSS_ENTROPIES.get(loss))], seed=3, dtype="float64"
    )
    network.layers[0].bias[:] = np.linspace(-0.5, 0.5, 5)
    network.compile("sgd", loss)
    x, y = data(loss, rows=60)
    x = away_from_kinks(network, x)
    y = y[: len(x)]
    assert len(x) > 10
    expected = numeric_gradients(network, x, y)
    np.testing.assert_allclose(
        gradients(network, x, y), expected, rtol=1e-7, atol=1e-9 * np.abs(expected).max() + 1e-12
    )


@pytest.mark.filterwarnings("ignore:loss .*crossentropy")
@pytest.mark.parametrize("last", [None, "sigmoid", "softmax", "softplus", "tanh"])
@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_of_losses_that_are_not_fused(last, loss):
    network = Sequential(
        [Dense(4, "tanh", input_shape=(3,)), Dense(4), Activation("tanh"), Dense(4, last)],
        seed=3,
        dtype="float64",
    )
    network.layers[-1].bias[:] = -0.5 if last == "softplus" else 0.5
    for layer in network.layers[::3]:
        layer.kernel[...] = np.abs(layer.kernel) / 4
    network.layers[-1].kernel[...] /= 8
    network.compile("sgd", loss)
    x, y = data(loss)
    np.testing.assert_allclose(
        gradients(network, x, y), numeric_gradients(network, x, y), rtol=1e-7, atol=1e-10
    )


@pytest.mark.parametrize(
    "layers",
    [
        [Activation("tanh"), Dense(4, "softmax")],
        [Dense(6, use_bias=False), Activation("gelu"), Dense(4), Activation("softmax")],
        [Dense(4, (np.arctan, lambda x: 1 / (1 + x * x))), Dense(4, "softmax")],
        [Dense(4, "softmax"), Dense(4, "softmax")],
        [Dense(4)],
    ],
    ids=["activation first", "without bias", "pair", "softmax inside", "linear"],
)
def test_gradients_of_other_stacks(layers):
    loss = "mean_squared_error" if len(layers) == 1 else "categorical_crossentropy"
    network = Sequential([Input((3,)), *layers], seed=1, dtype="float64")
    network.compile("sgd", loss)
    x, y = data(loss)
    np.testing.assert_allclose(
        gradients(network, x, y), numeric_gradients(network, x, y), rtol=1e-7, atol=1e-10
    )


def test_dense_computes_its_formula():
    layer = Dense(2, "relu", bias_initializer="ones", input_dim=3)
    network = Sequential([layer])
    x = np.array([[1, -2, 3], [0, 1, 0]], np.float32)
    np.testing.assert_allclose(network.predict_on_batch(x), np.maximum(x @ layer.kernel + 1, 0), rtol=1e-6)


@pytest.mark.parametrize(
    "spelling", ["relu", "ReLU", fa.relu, (lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0)]
)
def test_activation_may_be_given_in_three_ways(spelling):
    network = Sequential([Activation(spelling)])
    np.testing.assert_array_equal(network.predict([[-1.0, 2.0]], verbose=0), [[0, 2]])


def test_output_is_never_the_input():
    x = np.ones((2, 3), np.float32)
    network = Sequential([Activation(None)])
    assert not np.shares_memory(network.predict_on_batch(x), x)


@pytest.mark.parametrize(("make", "error", "message"), [
    (lambda: Dense(0), ValueError, "Dense: units must be at least 1, got 0"),
    (lambda: Dense(2.5), TypeError, "Dense: units must be an integer, got 2.5"),
    (lambda: Dense(True), TypeError, "units"),
    (lambda: Dense(2, "relo"), ValueError, "unknown activation 'relo'; the closest is 'relu'"),
    (lambda: Dense(2, 3), TypeError, "Dense: activation must be a name"),
    (lambda: Dense(2, (np.sin,)), TypeError, "must be .forward, derivative., two callables"),
    (lambda: Dense(2, kernel_initializer="glorot"), ValueError, "unknown kernel_initializer 'glorot'"),
    (lambda: Dense(2, bias_initializer=0), TypeError, "bias_initializer must be a name"),
    (lambda: Dense(2, input_shape=3), TypeError, "Dense: input_shape must be a tuple of integers"),
    (lambda: Dense(2, input_shape=(0,)), ValueError, "input_shape must be the sizes of a row, each at least 1"),
    (lambda: Dense(2, input_shape=()), ValueError, "input_shape must be the sizes of a row"),
    (lambda: Dense(2, input_shape=(3,), input_dim=3), ValueError, "input_shape or input_dim"),
    (lambda: Dense(2, name=3), TypeError, "Dense: name must be a string"),
    (lambda: Input(()), ValueError, "Input: shape"),
    (lambda: Activation("sigmod"), ValueError, "closest is 'sigmoid'"),
], ids=range(15))  # fmt: skip
def test_errors_say_what_came_and_what_is_allowed(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize("name", INITIALIZERS)
def test_initializers_have_their_variance(name):
    rng = np.random.default_rng(0)
    shape = (300, 100)
    values = INITIALIZERS[name]()(shape, np.float64, rng)
    stddev = {
        "zeros": 0,
        "ones": 0,
        "constant": 0,
        "random_normal": 0.05,
        "random_uniform": 0.05 / 3**0.5,
        "glorot_uniform": (1 / 200) ** 0.5,
        "glorot_normal": (1 / 200) ** 0.5,
        "he_uniform": (2 / 300) ** 0.5,
        "he_normal": (2 / 300) ** 0.5,
        "lecun_uniform": (1 / 300) ** 0.5,
        "lecun_normal": (1 / 300) ** 0.5,
    }[name]
    assert values.shape == shape
    assert values.std() == pytest.approx(stddev, rel=0.02)
    assert values.mean() == pytest.approx(1 if name == "ones" else 0, abs=0.002)


def test_one_seed_means_the_same_weights_in_both_dtypes():
    single, double = (
        Sequential([Dense(4, input_shape=(3,))], seed=5, dtype=d).get_weights()[0] for d in ("f4", "f8")
    )
    np.testing.assert_array_equal(single, double.astype(np.float32))


def test_constant_initializer():
    layer = Dense(2, kernel_initializer=Constant(0.25), input_shape=(3,))
    Sequential([layer])
    assert (layer.kernel == 0.25).all()
