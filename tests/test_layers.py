"""Layers: what they compute, that their gradients are right, and what they refuse."""

from __future__ import annotations

import copy
import json
from functools import partial

import numpy as np
import pytest
from fastact._kernels.training import Elementwise, Rowwise
from networks import ACTIVATIONS, CROSS_ENTROPIES, ERRORS, LOSSES, data, gradients, numeric_gradients

import fastact as fa
from fastact import initializers
from fastact._step import joined
from fastact.initializers import INITIALIZERS, Constant, RandomNormal, RandomUniform
from fastact.layers import (
    ELU,
    LAYERS,
    Activation,
    Dense,
    Dropout,
    Flatten,
    Input,
    LeakyReLU,
    PReLU,
    ReLU,
    Softmax,
)
from fastact.models import Sequential
from fastact.optimizers import SGD
from fastact.reference import trainer
from fastact.regularizers import L1, L1L2, L2

KINKS = np.array([-3, -1, -0.5, 0, 0.5, 1, 3, 6])


def away_from_kinks(network: Sequential, x, y, margin: float = 0.01):
    """The rows whose first layer gives nothing close to a kink of any activation, nor the error to one of a loss."""
    z = x @ network.layers[0].kernel + network.layers[0].bias
    kept = (np.abs(z[..., None] - KINKS) > margin).all(axis=(1, 2))
    if network.layers[0].activation.name == "sparsemax":  # whose kinks are where an output leaves 0
        edge = z.max(axis=1) - fa.sparsemax(z).max(axis=1)
        kept &= (np.abs(z - edge[:, None]) > margin).all(axis=1)
    if network.loss.name in ERRORS[1:]:
        error = network.predict(x, verbose=0) - y
        kept &= (np.abs(error[..., None] - KINKS) > margin).all(axis=(1, 2))
    assert kept.sum() > 10
    return x[kept], y[kept]


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_agree_with_differences(name, loss):
    network = Sequential(
        [Dense(6, name, input_shape=(3,)), Dense(4, CROSS_ENTROPIES.get(loss))], seed=3, dtype="float64"
    )
    network.layers[0].bias[:] = np.linspace(-0.5, 0.5, 6)
    network.compile("sgd", loss)
    x, y = away_from_kinks(network, *data(loss, rows=90))
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
    x, y = away_from_kinks(network, *data(loss, rows=90))
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
        [Dense(6, partial(fa.elu, alpha=0.3)), Dense(4, "softmax")],
        [Dense(6, partial(fa.gelu, approximate="tanh")), Dense(4, "softmax")],
        [Dense(6, partial(fa.threshold, threshold=0.1, value=0.5)), Dense(4, "softmax")],
        [Dense(6, ELU()), Dense(4), Softmax()],
        [Dense(6, partial(fa.softmax, temperature=0.5)), Dense(4), Softmax(temperature=3.0)],
        [Dense(6, partial(fa.log_softmax, temperature=2.0)), Dense(4, Softmax(1, 0.5))],
        [Dense(6), PReLU("ones"), Dense(4, "softmax")],
        [PReLU(), Dense(4, "softmax")],
        [Dense(6), ReLU(0.5, 0.2, 0.1), Dense(4, "softmax")],
        [Dense(6), ReLU(6), Flatten(), Dense(4, "softmax")],
        [
            Dense(6, kernel_regularizer="l2", bias_regularizer=L1L2(0.1, 0.2)),
            PReLU("ones", L1(0.1)),
            Dense(4, "softmax", kernel_regularizer="l1"),
        ],
    ],
    ids=[
        "activation first",
        "without bias",
        "pair",
        "softmax inside",
        "linear",
        "elu",
        "gelu_tanh",
        "threshold",
        "layers",
        "temperatures",
        "temperatures of activations",
        "prelu",
        "prelu first",
        "clipped",
        "flat",
        "regularized",
    ],
)
def test_gradients_of_other_stacks(layers):
    loss = "mean_squared_error" if len(layers) == 1 else "categorical_crossentropy"
    network = Sequential([Input((3,)), *layers], seed=1, dtype="float64")
    network.compile("sgd", loss)
    x, y = data(loss)
    np.testing.assert_allclose(
        gradients(network, x, y), numeric_gradients(network, x, y), rtol=1e-7, atol=1e-10
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (3000, 1), (700, 13), (40, 500), (6, 5000)], ids=str)
def test_bias_and_activation_by_blocks_of_rows_have_the_bits_of_each_by_itself(shape, dtype):
    rng = np.random.default_rng(0)
    dy, x, bias = (rng.standard_normal(size).astype(dtype) for size in (shape, shape, shape[1:]))
    alpha = np.asarray(0.5, dtype)
    z, y = x.copy(), np.empty_like(x)
    operations = [Rowwise("add_to_rows", z, bias), Elementwise("elu", (z, alpha), y, 1)]
    [operation] = joined(operations)
    operation()
    np.testing.assert_array_equal(z, x + bias)
    np.testing.assert_array_equal(y, fa.elu(x + bias, alpha=0.5))

    dz, total = np.empty_like(x), np.full_like(bias, np.nan)
    operations = [
        Elementwise("elu_backward", (dy, z, alpha), dz, 1),
        Rowwise("sum_of_rows", dz, total),
    ]
    [operation] = joined(operations)
    for _ in range(2):
        operation()
        np.testing.assert_array_equal(dz, fa.elu.backward(dy, z, alpha=0.5))
        expected = np.zeros_like(bias)
        for row in dz:
            expected += row
        np.testing.assert_array_equal(total, expected)


def test_operations_on_other_arrays_are_not_joined():
    x, y, bias = np.ones((4, 3)), np.ones((4, 3)), np.ones(3)
    operations = [
        Rowwise("add_to_rows", x, bias),
        Elementwise("relu", (y,), x.copy()),
        Rowwise("sum_of_rows", x, bias),
    ]
    assert joined(operations) == operations


@pytest.mark.parametrize("shared", [None, [1], [1, 2], [2]])
def test_gradients_of_rows_of_more_dimensions(shared):
    layers = [
        Dense(5, "tanh"),
        PReLU("ones", shared_axes=shared),
        Softmax(axis=1),
        Flatten(),
        Dense(4, "softmax"),
    ]
    network = Sequential([Input((2, 3)), *layers], seed=1, dtype="float64")
    network.compile("sgd", "categorical_crossentropy")
    x, y = data("categorical_crossentropy", features=6)
    x = x.reshape(-1, 2, 3)
    np.testing.assert_allclose(
        gradients(network, x, y), numeric_gradients(network, x, y), rtol=1e-7, atol=1e-10
    )


def test_dense_works_along_the_last_axis():
    network = Sequential([Dense(4, "relu", input_shape=(2, 3)), Flatten()], seed=0, dtype="float64")
    x = np.random.default_rng(0).standard_normal((5, 2, 3))
    kernel, bias = network.get_weights()
    expected = np.maximum(x @ kernel + bias, 0).reshape(5, -1)
    np.testing.assert_allclose(network.predict(x, verbose=0), expected, rtol=1e-13)


def test_pictures_are_flattened():
    network = Sequential([Flatten(input_shape=(4, 4, 3)), Dense(2)])
    assert network.output_shape == (None, 2)
    assert network.count_params() == 98


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dropout_agrees_with_the_textbook(dtype):
    loss = "sparse_categorical_crossentropy"
    layers = [Dense(8, "tanh", input_shape=(3,)), Dropout(0.4, seed=5), Dense(4, "softmax")]
    network = Sequential(layers, seed=0, dtype=dtype)
    network.compile("sgd", loss)
    rng = np.random.default_rng(5)
    textbook = trainer.Network(network.get_weights(), "tanh", loss, trainer.SGD(), dropout=0.4, rng=rng)
    x, y = data(loss)
    x = x.astype(dtype)
    for _ in range(5):
        value = network.train_on_batch(x, y)
        assert value == pytest.approx(textbook.train(x, y), rel=1e-6 if dtype == "float32" else 1e-13)
    before = network.predict(x, verbose=0)
    np.testing.assert_array_equal(before, network.predict(x, verbose=0))


def test_dropout_keeps_the_mean_and_drops_its_share():
    network = Sequential([Dropout(0.3)], seed=0)
    network.compile("sgd", "mse")
    x = np.ones((100, 200))
    network.train_on_batch(x, x)
    y = network._steps[100, False].loss.output
    assert np.mean(y == 0) == pytest.approx(0.3, abs=0.02)
    assert np.unique(y).tolist() == [0, pytest.approx(1 / 0.7)]


def test_seed_of_fit_seeds_dropout():
    def trained(seed):
        network = Sequential([Dense(8), Dropout(0.5), Dense(4, "softmax")], seed=0)
        network.compile("adam", "sparse_categorical_crossentropy")
        network.fit(*data("sparse_categorical_crossentropy"), epochs=2, verbose=0, seed=seed)
        return network.get_weights()[0]

    assert np.array_equal(trained(1), trained(1))
    assert not np.array_equal(trained(1), trained(2))


@pytest.mark.parametrize("kind", [L1, L2, L1L2])
def test_regularizers_add_to_every_reported_loss(kind):
    regularizer = kind(0.1) if kind is not L1L2 else kind(0.1, 0.2)
    weight = np.array([[1.0, -2.0], [0.0, 0.5]])
    assert regularizer(weight) == pytest.approx(
        regularizer.l1 * np.abs(weight).sum() + regularizer.l2 * (weight**2).sum()
    )
    network = Sequential([Dense(4, "softmax", kernel_regularizer=regularizer)], seed=0, dtype="float64")
    network.compile(SGD(0), "sparse_categorical_crossentropy")
    plain = Sequential([Dense(4, "softmax")], seed=0, dtype="float64")
    plain.compile(SGD(0), "sparse_categorical_crossentropy")
    x, y = data("sparse_categorical_crossentropy")
    expected = plain.evaluate(x, y, verbose=0) + regularizer(network_kernel(network, x))
    assert network.evaluate(x, y, verbose=0) == pytest.approx(expected)
    history = network.fit(x, y, batch_size=16, verbose=0, validation_data=(x, y)).history
    assert history["loss"] == [pytest.approx(expected)]
    assert history["val_loss"] == [pytest.approx(expected)]


def network_kernel(network, x):
    network.predict(x, verbose=0)
    return network.layers[0].kernel


EVERY_LAYER = [
    Activation("gelu"),
    Dense(3, partial(fa.elu, alpha=0.3), False, "he_normal", kernel_regularizer=L1L2(0.1, 0.2)),
    Dense(3, LeakyReLU(0.1), bias_initializer=Constant(0.5), name="given"),
    Dropout(0.25, seed=3),
    ELU(0.5),
    Flatten(),
    LeakyReLU(0.2),
    PReLU("ones", shared_axes=[1]),
    ReLU(2.0, 0.1, 0.5),
    Softmax(axis=1),
    Softmax(temperature=0.5),
    Dense(3, partial(fa.log_softmax, temperature=2.0)),
    Activation(Softmax(1, 4.0)),
]


@pytest.mark.parametrize("layer", EVERY_LAYER, ids=repr)
def test_configurations_go_round(layer):
    config = json.loads(json.dumps(layer.get_config()))
    twin = LAYERS[type(layer).__name__].from_config(config)
    assert twin.get_config() == layer.get_config()
    x = np.random.default_rng(0).standard_normal((4, 3))
    outputs = [
        Sequential([part], seed=0).predict(x, verbose=0) for part in (twin, type(layer)(**arguments(layer)))
    ]
    np.testing.assert_array_equal(*outputs)


def arguments(layer) -> dict:
    """What makes the layer again."""
    return {name: layer.argument(name) for name in layer.arguments()}


def test_every_layer_is_in_that_test():
    assert {type(layer).__name__ for layer in EVERY_LAYER} | {"InputLayer"} == set(LAYERS)


def test_a_model_goes_through_its_configuration():
    network = Sequential(
        [Input((2, 3)), *map(copy.deepcopy, EVERY_LAYER[1:])], seed=3, dtype="float64", name="m"
    )
    twin = Sequential.from_config(json.loads(json.dumps(network.get_config())))
    assert twin.get_config() == network.get_config()
    for weight, expected in zip(twin.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)
    assert "InputLayer" not in [
        layer["class_name"] for layer in Sequential([Dense(2)]).get_config()["layers"]
    ]


@pytest.mark.parametrize(
    ("layer", "function"),
    [
        (ReLU(), lambda x: np.maximum(x, 0)),
        (ReLU(1.0), lambda x: np.clip(x, 0, 1)),
        (ReLU(6), lambda x: np.clip(x, 0, 6)),
        (ReLU(negative_slope=0.1), lambda x: np.where(x > 0, x, 0.1 * x)),
        (ReLU(2.0, 0.1, 0.5), lambda x: np.where(x >= 2, 2, np.where(x >= 0.5, x, 0.1 * (x - 0.5)))),
        (LeakyReLU(), lambda x: np.where(x > 0, x, 0.01 * x)),
        (ELU(0.5), lambda x: np.where(x > 0, x, 0.5 * np.expm1(x))),
        (Softmax(axis=1), lambda x: np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)),
        (Softmax(1, 0.5), lambda x: np.exp(2 * x) / np.exp(2 * x).sum(axis=1, keepdims=True)),
    ],
    ids=repr,
)
def test_layers_compute_their_formula(layer, function):
    x = np.linspace(-8, 8, 60).reshape(5, 3, 4)
    np.testing.assert_allclose(
        Sequential([layer], dtype="float64").predict(x, verbose=0), function(x), rtol=1e-14, atol=1e-300
    )


def test_a_softmax_with_a_temperature_is_trained_from_its_logits():
    network = Sequential([Dense(2, use_bias=False), Softmax(temperature=0.25)], dtype="float64")
    network.compile("sgd", "sparse_categorical_crossentropy")
    network.predict([[1.0]], verbose=0)
    network.set_weights([[[50.0, 0.0]]])
    assert network.train_on_batch([[1.0]], [1]) == 200  # and not the logarithm of a probability that is 0
    np.testing.assert_allclose(network.get_weights()[0], [[49.96, 0.04]])


def test_a_softmax_without_a_temperature_has_the_configuration_of_keras():
    assert Softmax().get_config() == {"axis": -1, "name": None}
    assert Softmax(temperature=2).get_config() == {"axis": -1, "temperature": 2.0, "name": None}


def test_names_are_those_of_keras():
    network = Sequential([Dense(2), ReLU(), PReLU(), LeakyReLU(), ELU(), ELU()])
    names = [layer.name for layer in network.layers]
    assert names == ["dense", "re_lu", "p_re_lu", "leaky_re_lu", "elu", "elu_1"]


def test_use_bias_may_be_of_numpy():
    assert Sequential([Dense(2, use_bias=np.False_, input_shape=(3,))]).count_params() == 6


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
    (lambda: Dense(2, kernel_initializer="foo"), ValueError, "unknown kernel_initializer 'foo'; there are: "),
    (lambda: Dense(2, bias_initializer=0), TypeError, "bias_initializer must be a name"),
    (lambda: Dense(2, input_shape=3), TypeError, "Dense: input_shape must be a tuple of integers"),
    (lambda: Dense(2, input_shape=(0,)), ValueError, "input_shape must be the sizes of a row, each at least 1"),
    (lambda: Dense(2, input_shape=()), ValueError, "input_shape must be the sizes of a row"),
    (lambda: Dense(2, input_shape=(3,), input_dim=3), ValueError, "input_shape or input_dim"),
    (lambda: Dense(2, name=3), TypeError, "Dense: name must be a string"),
    (lambda: Dense(2, partial(fa.elu, beta=1)), ValueError, "activation 'elu' has no parameter 'beta'"),
    (lambda: Dense(2, partial(fa.softplus, beta=-1)), ValueError, "beta must be greater than 0, got -1"),
    (lambda: Dense(2, "threshold"), ValueError, "cannot be used alone: it has no default threshold"),
    (lambda: Dense(2, "logsumexp"), ValueError, "cannot be used in a layer: it makes one number of a row"),
    (lambda: Dense(2, PReLU()), TypeError, "Dense: activation must be a name"),
    (lambda: Dense(2, kernel_regularizer="l3"), ValueError, "unknown kernel_regularizer 'l3'"),
    (lambda: L2(-1), ValueError, "L2: l2 must be finite and at least 0, got -1"),
    (lambda: Dropout(1), ValueError, "Dropout: rate must be at least 0 and less than 1, got 1"),
    (lambda: Dropout(0.5, seed="x"), TypeError, "Dropout: seed must be an integer"),
    (lambda: ReLU(-1), ValueError, "ReLU: max_value must be finite and at least 0, got -1"),
    (lambda: Softmax(axis=0), ValueError, "Softmax: axis must be an integer other than 0"),
    (lambda: Softmax(temperature=0), ValueError, "Softmax: temperature must be finite and greater than 0, got 0"),
    (lambda: Dense(2, partial(fa.softmax, temperature=-1.0)), ValueError, "softmax: temperature must be finite and"),
    (lambda: Dense(2, partial(fa.sparsemax, temperature=1.0)), ValueError, "'sparsemax' has no parameter 'temperat"),
    (lambda: PReLU(shared_axes=[0]), ValueError, "PReLU: shared_axes must be a list of integers from 1"),
    (lambda: Sequential([PReLU(shared_axes=[2], input_shape=(3,))]), ValueError, "do not fit rows of shape"),
    (lambda: Dense.from_config({"units": 2, "kernel_constraint": "max_norm"}), ValueError, "no kernel_constraint"),
    (lambda: Constant("a"), TypeError, "Constant: value must be a number, got 'a'"),
    (lambda: RandomNormal(stddev=-1), ValueError, "RandomNormal: stddev must be finite and at least 0, got -1"),
    (lambda: RandomUniform(1, 0), ValueError, "RandomUniform: maxval must be at least minval, 1, got 0"),
    (lambda: Input(()), ValueError, "Input: shape"),
    (lambda: Activation("sigmod"), ValueError, "closest is 'sigmoid'"),
    (lambda: Dense(2, partial(fa.elu, alpha=np.ones(3))), ValueError, "Dense: .*'elu': alpha must be one number in a"),
    (lambda: Dense(2, partial(fa.elu, alpha=np.ones(2))), ValueError, "Dense: .*'elu': alpha must be one number in a"),
    (lambda: Dense(2, partial(fa.elu, alpha="a")), TypeError, "Dense: activation: elu: alpha must be of a type"),
    (lambda: LeakyReLU(np.ones(3)), ValueError, "'leaky_relu': negative_slope must be one number in a layer"),
    (lambda: Dense(3, use_bias="x"), TypeError, "Dense: use_bias must be True or False, got 'x'"),
    (lambda: Dense(3, use_bias=1), TypeError, "Dense: use_bias must be True or False, got 1"),
    (lambda: Sequential([Dense(3, (lambda v: v[:1], np.cos), input_shape=(2,))]), ValueError, "not keep the shape"),
], ids=range(43))  # fmt: skip
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


@pytest.mark.parametrize("name", INITIALIZERS)
def test_initializers_go_through_their_configuration(name):
    given = INITIALIZERS[name]()
    twin = initializers.get({"class_name": type(given).__name__, "config": given.get_config()})
    draws = [i((3, 2), "float64", np.random.default_rng(0)) for i in (given, twin, initializers.get(name))]
    np.testing.assert_array_equal(draws[0], draws[1])
    np.testing.assert_array_equal(draws[0], draws[2])


def test_one_seed_means_the_same_weights_in_both_dtypes():
    single, double = (
        Sequential([Dense(4, input_shape=(3,))], seed=5, dtype=d).get_weights()[0] for d in ("f4", "f8")
    )
    np.testing.assert_array_equal(single, double.astype(np.float32))


def test_constant_initializer():
    layer = Dense(2, kernel_initializer=Constant(0.25), input_shape=(3,))
    Sequential([layer])
    assert (layer.kernel == 0.25).all()
