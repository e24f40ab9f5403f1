"""Metrics that are means over rows: accuracies and errors."""

from __future__ import annotations

import numpy as np

from .base import RowMetric, Thresholded


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


def mean_absolute_error(y_true, y_pred) -> np.ndarray:
    """Mean absolute difference of each row.

    Examples
    --------
    >>> from fastact.metrics import mean_absolute_error
    >>> mean_absolute_error([[0.0, 1.0]], [[0.0, 3.0]])
    array([1.])
    """
    return np.mean(np.abs(np.subtract(y_pred, y_true), dtype=float), axis=-1)


class BinaryAccuracy(RowMetric, Thresholded):
    """Share of outputs that are on the right side of the threshold; a tie is class 1.

    In a model whose binary cross-entropy takes logits, the logit of the threshold takes its place.

    Parameters
    ----------
    name : str, optional
    threshold : float

    Examples
    --------
    >>> from fastact.metrics import BinaryAccuracy
    >>> BinaryAccuracy()([[1], [1]], [[0.5], [0.4]])
    0.5
    """

    name = "binary_accuracy"

    def __init__(self, name=None, threshold=0.5):
        super().__init__(name)
        self._set_threshold("threshold", threshold)
        self.threshold = threshold

    @property
    def counted_by(self):
        return "binary_crossentropy" if self.threshold == 0.5 else None

    def by_row(self, y_true, y_pred):
        return binary_accuracy(y_true, y_pred, self.decision)


class CategoricalAccuracy(RowMetric):
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


class SparseCategoricalAccuracy(RowMetric):
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


class MeanSquaredError(RowMetric):
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


class MeanAbsoluteError(RowMetric):
    """Mean absolute difference.

    Examples
    --------
    >>> from fastact.metrics import MeanAbsoluteError
    >>> MeanAbsoluteError()([[0.0], [1.0]], [[0.0], [3.0]])
    1.0
    """

    name = "mean_absolute_error"

    def by_row(self, y_true, y_pred):
        return mean_absolute_error(y_true, y_pred)
