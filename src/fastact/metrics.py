"""Metrics: what training reports beside the loss, averaged over all rows."""

from __future__ import annotations

from copy import copy

import numpy as np

from ._lookup import lookup

__all__ = [
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "MeanSquaredError",
    "Metric",
    "SparseCategoricalAccuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "mean_squared_error",
    "sparse_categorical_accuracy",
]


def binary_accuracy(y_true, y_pred, threshold=0.5) -> np.ndarray:
    """Share of each row's outputs on the right side of the threshold; a tie is class 1.

    Examples
    --------
    >>> from fastact.metrics import binary_accuracy
    >>> binary_accuracy([[1], [1]], [[0.5], [0.4]])
    array([1., 0.])
    """
    return np.mean((np.asarray(y_pred) >= threshold) == np.asarray(y_true), axis=-1)


def categorical_accuracy(y_true, y_pred) -> np.ndarray:
    """1 for each row whose largest output stands where the largest target does, else 0.

    Examples
    --------
    >>> from fastact.metrics import categorical_accuracy
    >>> categorical_accuracy([[0, 1], [1, 0]], [[0.1, 0.9], [0.3, 0.7]])
    array([1., 0.])
    """
    return (np.argmax(y_true, axis=-1) == np.argmax(y_pred, axis=-1)).astype(float)


def sparse_categorical_accuracy(y_true, y_pred) -> np.ndarray:
    """1 for each row whose largest output stands at its integer label, else 0.

    Examples
    --------
    >>> from fastact.metrics import sparse_categorical_accuracy
    >>> sparse_categorical_accuracy([1, 0], [[0.1, 0.9], [0.3, 0.7]])
    array([1., 0.])
    """
    return (np.reshape(y_true, -1) == np.argmax(y_pred, axis=-1)).astype(float)


def mean_squared_error(y_true, y_pred) -> np.ndarray:
    """Mean squared difference of each row.

    Examples
    --------
    >>> from fastact.metrics import mean_squared_error
    >>> mean_squared_error([[0.0, 1.0]], [[0.0, 3.0]])
    array([2.])
    """
    return np.mean(np.square(np.subtract(y_pred, y_true), dtype=float), axis=-1)


class Metric:
    """What all metrics share.

    Attributes
    ----------
    name : str
        The key in ``History.history``.
    counted_by : str or None
        The loss that counts this metric's correct predictions along the way.
    """

    name: str
    counted_by: str | None = None
    takes_labels = False

    def __init__(self, name=None):
        self.name = name or self.name

    def __repr__(self):
        return f"{type(self).__name__}(name={self.name!r})"

    def by_row(self, y_true, y_pred) -> np.ndarray:
        raise NotImplementedError

    def __call__(self, y_true, y_pred) -> float:
        return float(np.mean(self.by_row(y_true, y_pred)))

    def check(self, loss) -> None:
        """Refuse targets of another kind than the metric's."""
        if self.takes_labels != (loss.name == "sparse_categorical_crossentropy"):
            kind = "integer labels" if self.takes_labels else "targets of the shape of the output"
            raise ValueError(f"metric {self.name!r} needs {kind}, which loss {loss.name!r} does not take")


class BinaryAccuracy(Metric):
    """Share of outputs that are on the right side of 1/2; a tie is class 1.

    In a model whose binary cross-entropy takes logits, 0, the logit of 1/2, stands for 1/2.

    Examples
    --------
    >>> from fastact.metrics import BinaryAccuracy
    >>> BinaryAccuracy()([[1], [1]], [[0.5], [0.4]])
    0.5
    """

    name = "binary_accuracy"
    counted_by = "binary_crossentropy"
    threshold = 0.5

    def by_row(self, y_true, y_pred):
        return binary_accuracy(y_true, y_pred, self.threshold)


class CategoricalAccuracy(Metric):
    """Share of rows whose largest output stands where the largest target does.

    Examples
    --------
    >>> from fastact.metrics import CategoricalAccuracy
    >>> CategoricalAccuracy()([[0, 1], [1, 0]], [[0.1, 0.9], [0.3, 0.7]])
    0.5
    """

    name = "categorical_accuracy"
    counted_by = "categorical_crossentropy"

    def by_row(self, y_true, y_pred):
        return categorical_accuracy(y_true, y_pred)


class SparseCategoricalAccuracy(Metric):
    """Share of rows whose largest output stands at their integer label.

    Examples
    --------
    >>> from fastact.metrics import SparseCategoricalAccuracy
    >>> SparseCategoricalAccuracy()([1, 0], [[0.1, 0.9], [0.3, 0.7]])
    0.5
    """

    name = "sparse_categorical_accuracy"
    counted_by = "sparse_categorical_crossentropy"
    takes_labels = True

    def by_row(self, y_true, y_pred):
        return sparse_categorical_accuracy(y_true, y_pred)


class MeanSquaredError(Metric):
    """Mean squared difference.

    Examples
    --------
    >>> from fastact.metrics import MeanSquaredError
    >>> MeanSquaredError()([[0.0], [1.0]], [[0.0], [3.0]])
    2.0
    """

    name = "mean_squared_error"

    def by_row(self, y_true, y_pred):
        return mean_squared_error(y_true, y_pred)


METRICS = {
    metric.name: metric
    for metric in (BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy, MeanSquaredError)
}
METRICS |= {"mse": MeanSquaredError, "accuracy": None, "acc": None}
FUNCTIONS = {
    binary_accuracy: BinaryAccuracy,
    categorical_accuracy: CategoricalAccuracy,
    sparse_categorical_accuracy: SparseCategoricalAccuracy,
    mean_squared_error: MeanSquaredError,
}


def checked_metric(metric):
    """A metric that may be given to compile, or an error that names it."""
    if isinstance(metric, str):
        lookup("metric", metric, METRICS)
    elif not isinstance(metric, Metric) and not (callable(metric) and metric in FUNCTIONS):
        raise TypeError(
            f"a metric must be a name, a function or an object of fastact.metrics, got {metric!r}"
        )
    return metric


def resolve(metric, loss, units: int) -> Metric:
    """The metric for a model with `units` outputs; accuracy means what it means in Keras.

    That is SparseCategoricalAccuracy for integer labels, else BinaryAccuracy for a single output,
    else CategoricalAccuracy.
    """
    if isinstance(metric, str) and metric.lower() in ("accuracy", "acc"):
        if loss.name == "sparse_categorical_crossentropy":
            metric = SparseCategoricalAccuracy(metric.lower())
        else:
            metric = (BinaryAccuracy if units == 1 else CategoricalAccuracy)(metric.lower())
    elif isinstance(metric, str):
        metric = lookup("metric", metric, METRICS)()
    else:
        metric = copy(metric) if isinstance(metric, Metric) else FUNCTIONS[metric]()
    metric.check(loss)
    if isinstance(metric, BinaryAccuracy) and loss.from_logits:
        metric.threshold = 0.0
    return metric
