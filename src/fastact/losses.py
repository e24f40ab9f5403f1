"""Losses: what training makes small, as functions of targets and outputs and as classes with options."""

from __future__ import annotations

import numpy as np

from . import _data
from ._configurable import Configurable, resolved
from ._kernels.training import FusedLoss
from ._lookup import lookup
from ._probabilities import BinaryOfProbabilities, CategoricalOfProbabilities
from ._table import ACTIVATIONS
from ._warn import warn

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Huber",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "SparseCategoricalCrossentropy",
    "binary_crossentropy",
    "categorical_crossentropy",
    "get",
    "huber",
    "mean_absolute_error",
    "mean_squared_error",
    "sparse_categorical_crossentropy",
]

REDUCTIONS = {
    "sum_over_batch_size": "sum_over_batch_size",
    "mean": "sum_over_batch_size",
    "sum": "sum",
    "mean_with_sample_weight": "mean_with_sample_weight",
    "none": None,
}
#: last activations whose outputs lie from 0 to 1: of a row together, and each by itself
OF_A_ROW = {"softmax", "softmin", "sparsemax"}
OF_EACH = {row.name for row in ACTIVATIONS if row.limits[:2] == (0, 1)}


class Smoothed:
    """A loss whose targets are moved a `share` of the way towards `middle` before it is computed."""

    def __init__(self, operation, target, share: float, middle: float):
        self.operation, self.target = operation, target
        self.output, self.gradient = operation.output, operation.gradient
        self.share, self.shift = share, share * middle

    def __call__(self) -> float:
        smoothed = self.operation.target
        np.multiply(self.target, 1 - self.share, out=smoothed)
        np.add(smoothed, self.shift, out=smoothed)
        return self.operation()

    @property
    def losses(self):
        return self.operation.losses

    @property
    def correct(self):
        return self.operation.correct


class Loss(Configurable):
    """What all losses share.

    A call ``loss(y_true, y_pred, sample_weight=None)`` gives what the reduction makes of the losses of the
    rows, times their weights: their sum over their number, their sum, their sum over the sum of
    the weights, or, for None, the losses themselves.

    Attributes
    ----------
    name : str
    from_logits : bool
        Whether the outputs are logits and not probabilities.
    fuses_with : str or None
        The last activation that is computed together with the loss, from its logits.
    """

    module = "losses"
    name: str
    kernel: str
    fuses_with: str | None = None
    from_logits = False
    label_smoothing = 0.0
    delta = 1.0

    def __init__(self, reduction="sum_over_batch_size"):
        given = "none" if reduction is None else reduction
        if not isinstance(given, str):
            raise TypeError(f"{type(self).__name__}: reduction must be a name or None, got {reduction!r}")
        self.reduction = lookup(f"{type(self).__name__}: reduction", given, REDUCTIONS)

    def __call__(self, y_true, y_pred, sample_weight=None):
        losses = self.by_row(y_true, y_pred)
        if sample_weight is not None:
            weights = _data.weights("sample_weight", sample_weight, len(losses), losses.dtype)
            losses = losses * self.normalized(weights)
        if self.reduction is None:
            return losses
        return float(losses.sum(dtype=float) if self.reduction == "sum" else losses.mean(dtype=float))

    def by_row(self, y_true, y_pred) -> np.ndarray:
        """The loss of each row."""
        output = _data.numeric("y_pred", y_pred)
        dtype = output.dtype if output.dtype in (np.float32, np.float64) else np.float64
        output = np.ascontiguousarray(output[:, None] if output.ndim == 1 else output, dtype)
        target = self.target("y_true", y_true, output.shape[1], dtype)
        _data.same_length(target, output, "y_true", "y_pred")
        target = np.ascontiguousarray(target, _data.target_dtype(target, dtype))
        operation = self.bind(output, target, np.empty_like(output), self.from_logits)
        operation()
        return operation.losses.reshape(len(output), -1).mean(axis=1)

    def normalized(self, weights: np.ndarray) -> np.ndarray:
        """Weights of rows such that the reduction is the mean over the rows; in place."""
        if self.reduction == "mean_with_sample_weight" and weights.any():
            weights /= weights.mean(dtype=float)
        return weights

    def target(self, name, y, units, dtype) -> np.ndarray:
        """The targets `y` as the loss takes them, for outputs of `units` columns."""
        return _data.like_output(name, y, units, dtype)

    def scale(self, rows: int) -> int:
        """What the mean over so many rows is multiplied with to give the reduction."""
        return rows if self.reduction == "sum" else 1

    def bind(self, output, target, gradient, logits: bool, weights=None):
        """The operation that computes loss and gradient; `logits`: the output is not yet probabilities."""
        return FusedLoss(self.kernel, output, target, gradient, weights, self.scale(len(output)), self.delta)

    def warn_unless_it_fits(self, last: str | None, units: int) -> None:
        """Warn if the last activation is not one that the loss is made for."""


class MeanSquaredError(Loss):
    """``mean((y_true - y_pred)^2)``.

    Parameters
    ----------
    reduction : {'sum_over_batch_size', 'sum', 'mean_with_sample_weight', None}

    Examples
    --------
    >>> from fastact.losses import MeanSquaredError
    >>> MeanSquaredError()([[0.0], [1.0]], [[0.0], [3.0]])
    2.0
    """

    name = "mean_squared_error"
    kernel = "squared_loss"


class MeanAbsoluteError(Loss):
    """``mean(|y_true - y_pred|)``; the gradient is 0 where they are equal.

    Parameters
    ----------
    reduction : {'sum_over_batch_size', 'sum', 'mean_with_sample_weight', None}

    Examples
    --------
    >>> from fastact.losses import MeanAbsoluteError
    >>> MeanAbsoluteError()([[0.0], [1.0]], [[0.0], [3.0]])
    1.0
    """

    name = "mean_absolute_error"
    kernel = "absolute_loss"


class Huber(Loss):
    """The mean of ``e^2 / 2`` where ``|e| <= delta``, else ``delta (|e| - delta / 2)``, e the error.

    Parameters
    ----------
    delta : float
        Greater than 0.
    reduction : {'sum_over_batch_size', 'sum', 'mean_with_sample_weight', None}

    References
    ----------
    P. J. Huber, Robust estimation of a location parameter, Annals of Mathematical Statistics 35, 1964.

    Examples
    --------
    >>> from fastact.losses import Huber
    >>> Huber()([[0.0], [1.0]], [[1.0], [4.0]])
    1.5
    """

    name = "huber"
    kernel = "huber_loss"

    def __init__(self, delta=1.0, reduction="sum_over_batch_size"):
        super().__init__(reduction)
        self.delta = _data.real_number("Huber: delta", delta, *_data.POSITIVE)


class CrossEntropy(Loss):
    """What the cross-entropies share."""

    of_probabilities: type

    def __init__(self, from_logits=False, reduction="sum_over_batch_size"):
        super().__init__(reduction)
        self.from_logits = _data.flag(f"{type(self).__name__}: from_logits", from_logits)

    def _smooth(self, label_smoothing) -> None:
        self.label_smoothing = _data.real_number(
            f"{type(self).__name__}: label_smoothing", label_smoothing, "from 0 to 1", lambda v: 0 <= v <= 1
        )

    def target(self, name, y, units, dtype):
        return _data.probabilities(name, y, units, dtype)

    def middle(self, units: int) -> float:
        """What smoothed labels move to: indifference."""
        return 1 / units

    def bind(self, output, target, gradient, logits, weights=None):
        given = target
        if self.label_smoothing:
            target = np.empty_like(given)
        if logits:
            operation = super().bind(output, target, gradient, logits, weights)
        else:
            operation = self.of_probabilities(output, target, gradient, weights, self.scale(len(output)))
        if self.label_smoothing:
            return Smoothed(operation, given, self.label_smoothing, self.middle(output.shape[1]))
        return operation

    def warn_unless_it_fits(self, last, units):
        problem, gives_probabilities = None, last in OF_A_ROW | OF_EACH
        if self.from_logits and gives_probabilities:
            problem = f"takes logits, but the model ends in {last}: leave from_logits out"
        elif not self.from_logits and not gives_probabilities:
            problem = (
                f"takes probabilities, but the model ends in {last or 'linear'}: "
                f"end it in {self.fuses_with}, or give the loss from_logits=True"
            )
        elif units == 1 and last in OF_A_ROW:
            problem = f"has only one output to look at, on which {last} is always 1: use sigmoid"
        elif not self.from_logits and self.fuses_with == "softmax" and last in OF_EACH and units > 1:
            problem = f"is made for one class of several, but {last} says yes or no to each: use softmax"
        if problem:
            warn(f"loss {self.name} {problem}")


class BinaryCrossentropy(CrossEntropy):
    """``-mean(t log(p) + (1 - t) log(1 - p))``, targets t from 0 to 1.

    Parameters
    ----------
    from_logits : bool
        Whether the outputs are logits; otherwise they are probabilities. A model that ends in a
        sigmoid is trained from its logits in any case.
    label_smoothing : float
        From 0 to 1: this share of the way targets are moved towards 1/2.
    reduction : {'sum_over_batch_size', 'sum', 'mean_with_sample_weight', None}

    Examples
    --------
    >>> from fastact.losses import BinaryCrossentropy
    >>> round(BinaryCrossentropy(from_logits=True)([1, 0], [0.0, 0.0]), 4)
    0.6931
    """

    name = "binary_crossentropy"
    kernel = "sigmoid_loss"
    fuses_with = "sigmoid"
    of_probabilities = BinaryOfProbabilities

    def __init__(self, from_logits=False, label_smoothing=0.0, reduction="sum_over_batch_size"):
        super().__init__(from_logits, reduction)
        self._smooth(label_smoothing)

    def middle(self, units):
        return 0.5


class CategoricalCrossentropy(CrossEntropy):
    """``-mean(sum(t log(p)))``, a row of t for each row of p: one-hot, or probabilities.

    Parameters
    ----------
    from_logits : bool
        Whether the outputs are logits; otherwise they are probabilities, up to a factor. A model
        that ends in a softmax is trained from its logits in any case.
    label_smoothing : float
        From 0 to 1: this share of the way targets are moved towards equal probabilities.
    reduction : {'sum_over_batch_size', 'sum', 'mean_with_sample_weight', None}

    Examples
    --------
    >>> from fastact.losses import CategoricalCrossentropy
    >>> round(CategoricalCrossentropy()([[0, 1]], [[0.5, 0.5]]), 4)
    0.6931
    """

    name = "categorical_crossentropy"
    kernel = "softmax_loss_of_probabilities"
    fuses_with = "softmax"
    of_probabilities = CategoricalOfProbabilities

    def __init__(self, from_logits=False, label_smoothing=0.0, reduction="sum_over_batch_size"):
        super().__init__(from_logits, reduction)
        self._smooth(label_smoothing)


class SparseCategoricalCrossentropy(CrossEntropy):
    """``-mean(log(p[label]))``, an integer label for each row of p.

    Parameters
    ----------
    from_logits : bool
        As in `CategoricalCrossentropy`.
    reduction : {'sum_over_batch_size', 'sum', 'mean_with_sample_weight', None}

    Examples
    --------
    >>> from fastact.losses import SparseCategoricalCrossentropy
    >>> round(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]]), 4)
    0.6931
    """

    name = "sparse_categorical_crossentropy"
    kernel = "softmax_loss_of_labels"
    fuses_with = "softmax"
    of_probabilities = CategoricalOfProbabilities

    def target(self, name, y, units, dtype):
        return _data.labels(name, y, units)


def mean_squared_error(y_true, y_pred) -> np.ndarray:
    """Mean squared error of each row.

    Examples
    --------
    >>> from fastact.losses import mean_squared_error
    >>> mean_squared_error([[0.0, 1.0]], [[0.0, 3.0]])
    array([2.])
    """
    return MeanSquaredError().by_row(y_true, y_pred)


def mean_absolute_error(y_true, y_pred) -> np.ndarray:
    """Mean absolute error of each row.

    Examples
    --------
    >>> from fastact.losses import mean_absolute_error
    >>> mean_absolute_error([[0.0, 1.0]], [[0.0, 3.0]])
    array([1.])
    """
    return MeanAbsoluteError().by_row(y_true, y_pred)


def huber(y_true, y_pred, delta=1.0) -> np.ndarray:
    """Huber's loss of each row; see `Huber`.

    Examples
    --------
    >>> from fastact.losses import huber
    >>> huber([[0.0, 1.0]], [[1.0, 4.0]])
    array([1.5])
    """
    return Huber(delta).by_row(y_true, y_pred)


def binary_crossentropy(y_true, y_pred, from_logits=False, label_smoothing=0.0) -> np.ndarray:
    """Mean over each row of the cross-entropy of its outputs, each by itself.

    Examples
    --------
    >>> from fastact.losses import binary_crossentropy
    >>> binary_crossentropy([[0, 1]], [[0.5, 0.5]]).round(4)
    array([0.6931])
    """
    return BinaryCrossentropy(from_logits, label_smoothing).by_row(y_true, y_pred)


def categorical_crossentropy(y_true, y_pred, from_logits=False, label_smoothing=0.0) -> np.ndarray:
    """Cross-entropy of each row, targets one-hot or probabilities.

    Examples
    --------
    >>> from fastact.losses import categorical_crossentropy
    >>> categorical_crossentropy([[0, 1]], [[0.5, 0.5]]).round(4)
    array([0.6931])
    """
    return CategoricalCrossentropy(from_logits, label_smoothing).by_row(y_true, y_pred)


def sparse_categorical_crossentropy(y_true, y_pred, from_logits=False) -> np.ndarray:
    """Cross-entropy of each row, targets integer labels.

    Examples
    --------
    >>> from fastact.losses import sparse_categorical_crossentropy
    >>> sparse_categorical_crossentropy([1], [[0.5, 0.5]]).round(4)
    array([0.6931])
    """
    return SparseCategoricalCrossentropy(from_logits).by_row(y_true, y_pred)


FUNCTIONS = {
    mean_squared_error: MeanSquaredError,
    mean_absolute_error: MeanAbsoluteError,
    huber: Huber,
    binary_crossentropy: BinaryCrossentropy,
    categorical_crossentropy: CategoricalCrossentropy,
    sparse_categorical_crossentropy: SparseCategoricalCrossentropy,
}
LOSSES = {loss.name: loss for loss in FUNCTIONS.values()}
LOSSES |= {"mse": MeanSquaredError, "mae": MeanAbsoluteError}


def get(loss) -> Loss:
    """A loss by name, as a function of this module, from its configuration, or as it is.

    Examples
    --------
    >>> from fastact import losses
    >>> losses.get("mse")
    MeanSquaredError()
    """
    if callable(loss) and not isinstance(loss, Loss) and loss in FUNCTIONS:
        return FUNCTIONS[loss]()
    return resolved("loss", loss, LOSSES, Loss, "losses")
