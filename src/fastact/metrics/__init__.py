"""Metrics: what training reports beside the loss."""

from copy import copy

from .._configurable import resolved
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
    "get",
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
#: what "accuracy" may mean
CHOICES = ", ".join(name for name in METRICS if name.endswith("_accuracy"))
METRICS |= {"mse": MeanSquaredError, "mae": MeanAbsoluteError, "accuracy": None, "acc": None}


def get(metric) -> Metric:
    """A metric by name, as a function of this module, from its configuration, or as it is.

    Raises
    ------
    ValueError
        If there is none of that name, or it is ``"accuracy"``, which means something in a model alone.

    Examples
    --------
    >>> from fastact import metrics
    >>> metrics.get("mse")
    MeanSquaredError(name='mean_squared_error')
    """
    if depends_on_the_loss(metric):
        raise ValueError(f"metric {metric!r} depends on the loss of a model: say {CHOICES}")
    if callable(metric) and not isinstance(metric, Metric) and metric in FUNCTIONS:
        return FUNCTIONS[metric]()
    return resolved("metric", metric, METRICS, Metric, "metrics")


def depends_on_the_loss(metric) -> bool:
    return isinstance(metric, str) and lookup("metric", metric, METRICS) is None


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
    if depends_on_the_loss(metric):
        if loss.name == "sparse_categorical_crossentropy":
            metric = SparseCategoricalAccuracy(metric.lower())
        else:
            metric = (BinaryAccuracy if units == 1 else CategoricalAccuracy)(metric.lower())
    elif isinstance(metric, str):
        metric = lookup("metric", metric, METRICS)(name=metric)  # the history calls it as the user does
    else:
        metric = copy(metric) if isinstance(metric, Metric) else get(metric)
    metric.adapt(loss)
    metric.reset_state()
    return metric
