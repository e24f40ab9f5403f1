"""Metrics: what training reports beside the loss."""

from copy import copy

from .._lookup import lookup
from .base import Metric
from .decisions import AUC, Precision, Recall
from .rows import (
    BinaryAccuracy,
    CategoricalAccuracy,
    MeanAbsoluteError,
    MeanSquaredError,
    SparseCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    mean_absolute_error,
    mean_squared_error,
    sparse_categorical_accuracy,
)

__all__ = [
    "AUC",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Metric",
    "Precision",
    "Recall",
    "SparseCategoricalAccuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "mean_absolute_error",
    "mean_squared_error",
    "sparse_categorical_accuracy",
]

FUNCTIONS = {
    binary_accuracy: BinaryAccuracy,
    categorical_accuracy: CategoricalAccuracy,
    sparse_categorical_accuracy: SparseCategoricalAccuracy,
    mean_squared_error: MeanSquaredError,
    mean_absolute_error: MeanAbsoluteError,
}
METRICS = {metric.name: metric for metric in (*FUNCTIONS.values(), AUC, Precision, Recall)}
METRICS |= {"mse": MeanSquaredError, "mae": MeanAbsoluteError, "accuracy": None, "acc": None}


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
    metric.adapt(loss)
    metric.reset_state()
    return metric
