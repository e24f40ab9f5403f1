"""The trainer beside Keras's: optimizers in float64; losses, metrics, weights of rows, layers, configurations.

Keras takes means in float32 whatever the dtype, so what depends on a loss agrees to 1e-6.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from networks import CROSS_ENTROPIES, LOSSES, data, model

from fastact import losses, metrics, optimizers
from fastact.layers import ELU, Activation, Dense, Dropout, Flatten, Input, LeakyReLU, PReLU, ReLU, Softmax
from fastact.models import Sequential
from fastact.optimizers import schedules

BACKEND = "jax"
jax = pytest.importorskip(BACKEND, reason="Keras needs a backend")
os.environ.setdefault("KERAS_BACKEND", BACKEND)
keras = pytest.importorskip("keras", reason="an oracle")
if keras.backend.backend() != BACKEND:
    pytest.skip(f"Keras runs on {keras.backend.backend()}, not on {BACKEND}", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("ignore")  # those of Keras and its backend
WEIGHTS = np.random.default_rng(1).uniform(0, 2, 40)


@pytest.fixture(autouse=True)
def in_double_precision():
    before = keras.config.floatx(), keras.config.dtype_policy(), jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx(before[0])
    keras.config.set_dtype_policy(before[1])
    jax.config.update("jax_enable_x64", before[2])


def twin(network: Sequential):
    """The same model in Keras, with the same weights, compiled alike."""
    theirs = keras.Sequential.from_config(network.get_config())
    theirs.set_weights(network.get_weights())
    kind = type(network.optimizer)
    optimizer = getattr(keras.optimizers, kind.__name__).from_config(network.optimizer.get_config())
    loss = getattr(keras.losses, type(network.loss).__name__)
    config = {name: value for name, value in network.loss.get_config().items() if name != "delta"}
    theirs.compile(optimizer, loss(**config))
    return theirs


OPTIMIZERS = [
    optimizers.SGD(2**-5),
    optimizers.SGD(2**-5, momentum=0.9, weight_decay=0.01),
    optimizers.SGD(2**-5, momentum=0.9, nesterov=True, clipnorm=0.1),
    optimizers.RMSprop(2**-10),
    optimizers.RMSprop(2**-10, momentum=0.5, centered=True),
    optimizers.Adam(2**-7, global_clipnorm=0.1),
    optimizers.Adam(2**-7, clipvalue=0.01),
    optimizers.AdamW(2**-7),
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_a_hundred_steps_agree(optimizer):
    # learning rates are powers of two, as Keras keeps them in float32
    rng = np.random.default_rng(0)
    p, g = rng.standard_normal(23), np.empty(23)
    parts = [slice(0, 15), slice(15, 20), slice(20, 23)]
    variables = [keras.Variable(p[part], dtype="float64") for part in parts]
    theirs = getattr(keras.optimizers, type(optimizer).__name__).from_config(optimizer.get_config())
    optimizer.bind(p, g, [g[part] for part in parts])
    for _ in range(100):
        gradient = rng.standard_normal(23)
        theirs.apply([jax.numpy.asarray(gradient[part]) for part in parts], variables)
        g[:] = gradient
        optimizer.step()
    for part, variable in zip(parts, variables, strict=True):
        np.testing.assert_allclose(p[part], np.asarray(variable.value), rtol=1e-12)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("loss", LOSSES)
def test_losses_and_steps_with_weights_agree(loss, weights):
    network = model(loss, optimizer=optimizers.SGD(2**-3))
    theirs = twin(network)
    x, y = data(loss)
    expected = theirs.evaluate(x, y, sample_weight=weights, batch_size=40, verbose=0)
    assert network.evaluate(x, y, sample_weight=weights, verbose=0) == pytest.approx(expected, rel=1e-6)
    for _ in range(5):
        network.train_on_batch(x, y, weights)
        theirs.train_on_batch(x, y, weights)
    for weight, value in zip(network.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(weight, value, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("loss", ["categorical_crossentropy", "sparse_categorical_crossentropy"])
def test_class_weights_agree(loss):
    network = model(loss, optimizer=optimizers.SGD(2**-3))
    theirs = twin(network)
    x, y = data(loss)
    for _ in range(5):
        network.train_on_batch(x, y, class_weight={0: 0.5, 2: 3.0})
        theirs.train_on_batch(x, y, class_weight={0: 0.5, 1: 1.0, 2: 3.0, 3: 1.0})
    for weight, value in zip(network.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(weight, value, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight", None])
@pytest.mark.parametrize(
    ("loss", "options"),
    [
        (loss, options)
        for loss in LOSSES
        for options in ({}, {"from_logits": True}, {"label_smoothing": 0.2})
        if options.keys() <= type(losses.get(loss)).arguments().keys()
    ],
)
def test_loss_functions_agree(loss, options, reduction):
    kind = type(losses.get(loss))
    _, y = data(loss)
    p = np.random.default_rng(2).uniform(0.05, 0.95, (40, 4))
    theirs = getattr(keras.losses, kind.__name__)(reduction=reduction, **options)
    for weights in (None, WEIGHTS):
        expected = keras.ops.convert_to_numpy(theirs(y, p, weights))
        np.testing.assert_allclose(kind(reduction=reduction, **options)(y, p, weights), expected, rtol=1e-6)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize(
    "name", ["BinaryAccuracy", "MeanSquaredError", "MeanAbsoluteError", "Precision", "Recall"]
)
def test_metrics_agree(name, weights):
    rng = np.random.default_rng(3)
    y, p = rng.integers(0, 2, (40, 1)), rng.uniform(0, 1, (40, 1))
    theirs = getattr(keras.metrics, name)(dtype="float64")
    expected = float(theirs(y, p, weights))
    assert getattr(metrics, name)()(y, p, weights) == pytest.approx(expected, rel=1e-6)


def test_accuracy_is_resolved_alike():
    for loss, units in [*((loss, 4) for loss in CROSS_ENTROPIES), ("binary_crossentropy", 1), ("huber", 4)]:
        network = model(loss, units=units, metrics=["accuracy"])
        theirs = twin(network)
        theirs.compile("sgd", loss, metrics=["accuracy"])
        x, y = data(loss, units=units)
        expected = theirs.evaluate(x, y, verbose=0)[1]
        assert network.evaluate(x, y, verbose=0)[1] == pytest.approx(expected), (loss, units)


@pytest.mark.parametrize(
    "layers",
    [
        [Dense(5, "gelu"), LeakyReLU(0.2), Dense(4, LeakyReLU(0.1))],
        [
            Dense(5, kernel_regularizer="l1", bias_regularizer="l2"),
            ELU(0.5),
            PReLU("ones"),
            ReLU(1.0, 0.1, 0.2),
        ],
        [Dense(4), Activation("silu"), Flatten(), Dropout(0.5, seed=1), Softmax()],
    ],
    ids=str,
)
def test_layers_agree_through_their_configurations(layers):
    network = Sequential([Input((3,)), *layers], seed=0, dtype="float64")
    network.compile("sgd", "mse")
    theirs = twin(network)
    x, _ = data("mean_squared_error")
    np.testing.assert_allclose(
        network.predict(x, verbose=0), theirs.predict(x, verbose=0), rtol=1e-5, atol=1e-7
    )
    back = Sequential.from_config(theirs.get_config())
    assert back.get_config()["layers"] == network.get_config()["layers"]
    y = np.zeros_like(network.predict(x, verbose=0))
    assert network.evaluate(x, y, verbose=0) == pytest.approx(theirs.evaluate(x, y, verbose=0), rel=1e-6)


@pytest.mark.parametrize(
    "schedule",
    [
        schedules.ExponentialDecay(0.5, 10, 0.5),
        schedules.ExponentialDecay(0.5, 10, 0.5, staircase=True),
        schedules.CosineDecay(0.5, 20, alpha=0.25),
        schedules.CosineDecay(0.25, 20, warmup_target=0.5, warmup_steps=5),
        schedules.PiecewiseConstantDecay([3, 6], [0.5, 0.25, 0.125]),
    ],
    ids=repr,
)
def test_schedules_agree(schedule):
    theirs = getattr(keras.optimizers.schedules, type(schedule).__name__).from_config(schedule.get_config())
    for step in (0, 1, 3, 4, 6, 7, 10, 19, 20, 25, 40):
        assert schedule(step) == pytest.approx(float(theirs(step)), rel=1e-5)
