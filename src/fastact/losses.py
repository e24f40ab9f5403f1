"""Losses: what training makes small, as functions of targets and outputs and as classes with options."""

from __future__ import annotations

import numpy as np

from . import _data
from ._kernels.training import FusedLoss
from ._lookup import lookup

#: a probability is kept this far from 0 and 1 before its logarithm is taken, as in Keras
EPSILON = 1e-7


class CategoricalOfProbabilities:
    """Cross-entropy of outputs that are taken for probabilities up to a factor, with its gradient.

    A call returns the mean over the rows; `correct` counts the rows whose largest output is the right one.
    """

    def __init__(self, output, target, gradient):
        self.output, self.target, self.gradient = output, target, gradient

    @np.errstate(all="ignore")
    def __call__(self):
        target = self.target
        if target.ndim == 1:
            target = np.eye(self.output.shape[1], dtype=self.output.dtype)[target]
        total = self.output.sum(axis=1, keepdims=True)
        p = self.output / total
        inside = (p >= EPSILON) & (p <= 1 - EPSILON)
        p_safe = np.clip(p, EPSILON, 1 - EPSILON)
        self.losses = -(target * np.log(p_safe)).sum(axis=1)
        slope = np.where(inside, -target / p_safe, 0)
        slope -= (slope * p).sum(axis=1, keepdims=True)
        np.divide(slope, total * len(p), out=self.gradient)
        self.correct = np.count_nonzero(self.output.argmax(axis=1) == target.argmax(axis=1))
        return float(self.losses.mean(dtype=float))


class BinaryOfProbabilities:
    """Cross-entropy of outputs that are taken for probabilities, each by itself, with its gradient.

    A call returns the mean over all elements; `correct` counts the elements on the right side of 1/2.
    """

    def __init__(self, output, target, gradient):
        self.output, self.target, self.gradient = output, target, gradient

    @np.errstate(all="ignore")
    def __call__(self):
        p, t = self.output, self.target
        inside = (p >= EPSILON) & (p <= 1 - EPSILON)
        safe = np.clip(p, EPSILON, 1 - EPSILON)
        self.losses = -(t * np.log(safe) + (1 - t) * np.log1p(-safe))
        self.gradient[...] = np.where(inside, (safe - t) / (safe * (1 - safe)), 0) / p.size
        self.correct = np.count_nonzero((p >= 0.5) == t)
        return float(self.losses.mean(dtype=float))


class Loss:
    """What all losses share: a call with targets and outputs gives the mean loss.

    Attributes
    ----------
    name : str
    from_logits : bool
        Whether the outputs are logits and not probabilities.
    fuses_with : str or None
        The last activation that is computed together with the loss, from its logits.
    """

    name: str
    kernel: str
    fuses_with: str | None = None
    from_logits = False

    def __repr__(self):
        return f"{type(self).__name__}({f'from_logits={self.from_logits}' if self.fuses_with else ''})"

    def __call__(self, y_true, y_pred) -> float:
        return float(self.by_row(y_true, y_pred).mean(dtype=float))

    def by_row(self, y_true, y_pred) -> np.ndarray:
        """The loss of each row."""
        output = _data.numeric("y_pred", y_pred)
        dtype = output.dtype if output.dtype in (np.float32, np.float64) else np.float64
        output = np.ascontiguousarray(output[:, None] if output.ndim == 1 else output, dtype)
        target = self.target("y_true", y_true, output.shape[1], dtype)
        _data.same_length(target, output, "y_true", "y_pred")
        operation = self.bind(output, target, np.empty_like(output), self.from_logits)
        operation()
        return operation.losses.reshape(len(output), -1).mean(axis=1)

    def target(self, name, y, units, dtype) -> np.ndarray:
        """The targets `y` as the loss takes them, for outputs of `units` columns."""
        raise NotImplementedError

    def bind(self, output, target, gradient, logits: bool):
        """The operation that computes loss and gradient; `logits`: the output is not yet probabilities."""
        raise NotImplementedError


class MeanSquaredError(Loss):
    """``mean((y_true - y_pred)^2)``.

    Examples
    --------
    >>> from fastact.losses import MeanSquaredError
    >>> MeanSquaredError()([[0.0], [1.0]], [[0.0], [3.0]])
    2.0
    """

    name = "mean_squared_error"

    def target(self, name, y, units, dtype):
        return _data.like_output(name, y, units, dtype)

    def bind(self, output, target, gradient, logits):
        return FusedLoss("squared_loss", output, target, gradient)


class CrossEntropy(Loss):
    """What the cross-entropies share."""

    of_probabilities: type

    def __init__(self, from_logits=False):
        if not isinstance(from_logits, (bool, np.bool_)):
            raise TypeError(f"{type(self).__name__}: from_logits must be True or False, got {from_logits!r}")
        self.from_logits = bool(from_logits)

    def bind(self, output, target, gradient, logits):
        if logits:
            return FusedLoss(self.kernel, output, target, gradient)
        return self.of_probabilities(output, target, gradient)


class BinaryCrossentropy(CrossEntropy):
    """``-mean(t log(p) + (1 - t) log(1 - p))``, targets t from 0 to 1.

    Parameters
    ----------
    from_logits : bool
        Whether the outputs are logits; otherwise they are probabilities. A model that ends in a
        sigmoid is trained from its logits in any case.

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

    def target(self, name, y, units, dtype):
        return _data.probabilities(name, y, units, dtype)


class CategoricalCrossentropy(CrossEntropy):
    """``-mean(sum(t log(p)))``, a row of t for each row of p: one-hot, or probabilities.

    Parameters
    ----------
    from_logits : bool
        Whether the outputs are logits; otherwise they are probabilities, up to a factor. A model
        that ends in a softmax is trained from its logits in any case.

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

    def target(self, name, y, units, dtype):
        return _data.probabilities(name, y, units, dtype)


class SparseCategoricalCrossentropy(CategoricalCrossentropy):
    """``-mean(log(p[label]))``, an integer label for each row of p.

    Parameters
    ----------
    from_logits : bool
        As in `CategoricalCrossentropy`.

    Examples
    --------
    >>> from fastact.losses import SparseCategoricalCrossentropy
    >>> round(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]]), 4)
    0.6931
    """

    name = "sparse_categorical_crossentropy"
    kernel = "softmax_loss_of_labels"

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


def binary_crossentropy(y_true, y_pred, from_logits=False) -> np.ndarray:
    """Binary cross-entropy of each row.

    Examples
    --------
    >>> from fastact.losses import binary_crossentropy
    >>> binary_crossentropy([[0, 1]], [[0.5, 0.5]]).round(4)
    array([0.6931])
    """
    return BinaryCrossentropy(from_logits).by_row(y_true, y_pred)


def categorical_crossentropy(y_true, y_pred, from_logits=False) -> np.ndarray:
    """Cross-entropy of each row, targets one-hot or probabilities.

    Examples
    --------
    >>> from fastact.losses import categorical_crossentropy
    >>> categorical_crossentropy([[0, 1]], [[0.5, 0.5]]).round(4)
    array([0.6931])
    """
    return CategoricalCrossentropy(from_logits).by_row(y_true, y_pred)


def sparse_categorical_crossentropy(y_true, y_pred, from_logits=False) -> np.ndarray:
    """Cross-entropy of each row, targets integer labels.

    Examples
    --------
    >>> from fastact.losses import sparse_categorical_crossentropy
    >>> sparse_categorical_crossentropy([1], [[0.5, 0.5]]).round(4)
    array([0.6931])
    """
    return SparseCategoricalCrossentropy(from_logits).by_row(y_true, y_pred)


LOSSES = {
    loss.name: loss
    for loss in (MeanSquaredError, BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy)
}
LOSSES |= {"mse": MeanSquaredError}
FUNCTIONS = {
    mean_squared_error: MeanSquaredError,
    binary_crossentropy: BinaryCrossentropy,
    categorical_crossentropy: CategoricalCrossentropy,
    sparse_categorical_crossentropy: SparseCategoricalCrossentropy,
}


def get(loss) -> Loss:
    """A loss by name, as a function of this module, or as it is.

    Examples
    --------
    >>> from fastact import losses
    >>> losses.get("mse")
    MeanSquaredError()
    """
    if isinstance(loss, str):
        return lookup("loss", loss, LOSSES)()
    if callable(loss) and not isinstance(loss, Loss) and loss in FUNCTIONS:
        return FUNCTIONS[loss]()
    if not isinstance(loss, Loss):
        raise TypeError(f"loss must be a name, a function or an object of fastact.losses, got {loss!r}")
    return loss
