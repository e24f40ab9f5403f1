"""Small networks with data, for the tests of the trainer."""

from __future__ import annotations

import numpy as np

import fastact as fa
from fastact._table import BY_NAME
from fastact.layers import Dense
from fastact.models import Sequential

#: loss, last activation that it is fused with
CROSS_ENTROPIES = {
    "binary_crossentropy": "sigmoid",
    "categorical_crossentropy": "softmax",
    "sparse_categorical_crossentropy": "softmax",
}
ERRORS = ["mean_squared_error", "mean_absolute_error", "huber"]
LOSSES = [*ERRORS, *CROSS_ENTROPIES]
#: activations that take an array alone and give one of as many dimensions
ACTIVATIONS = [
    name
    for name in fa.names()
    if not (name in BY_NAME and BY_NAME[name].required) and np.ndim(fa.get(name)(np.zeros((2, 4)))) == 2
]


def data(loss: str, rows: int = 40, features: int = 3, units: int = 4, seed: int = 0):
    """Inputs, and targets for a loss."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((rows, features))
    if loss in ERRORS:
        return x, rng.standard_normal((rows, units))
    if loss == "binary_crossentropy":
        return x, rng.integers(0, 2, (rows, units))
    labels = rng.integers(0, units, rows)
    return x, np.eye(units)[labels] if loss == "categorical_crossentropy" else labels


def model(
    loss="sparse_categorical_crossentropy", hidden="tanh", units=4, optimizer="adam", metrics=None, **options
):
    """Compiled, of two layers for three features, float64 unless told otherwise."""
    options = {"seed": 0, "dtype": "float64"} | options
    layers = [Dense(5, hidden, input_shape=(3,)), Dense(units, CROSS_ENTROPIES.get(loss))]
    network = Sequential(layers, **options)
    network.compile(optimizer, loss, metrics)
    return network


def gradients(network: Sequential, x, y) -> np.ndarray:
    """All gradients of a compiled model, flat, as a step computes them."""
    x, target, _ = network._data(x, y)
    step = network._step(len(x), x, target)
    step.run_forward(x, target, None, np.arange(len(x)), 0)
    step.run_backward()
    return network._gradients.copy()


def numeric_gradients(network: Sequential, x, y) -> np.ndarray:
    """The same by central differences, of fourth order."""
    parameters = network._parameters
    result = np.empty_like(parameters)
    for k, value in enumerate(parameters.copy()):
        h = 1e-3
        losses = {}
        for j in (-2, -1, 1, 2):
            parameters[k] = value + j * h
            losses[j] = network.evaluate(x, y, batch_size=len(x), verbose=0)
        parameters[k] = value
        result[k] = (8 * (losses[1] - losses[-1]) - (losses[2] - losses[-2])) / (12 * h)
    return result
