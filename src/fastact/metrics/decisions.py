"""Metrics of yes or no over all outputs: precision, recall, and the area under the ROC curve."""

from __future__ import annotations

import numpy as np

from .. import _data
from .base import Metric, Thresholded


def flat(y_true, y_pred, sample_weight) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whether each output should be class 1, the outputs, and their weights."""
    y_pred = np.asarray(y_pred, float)
    positive = np.asarray(y_true).reshape(y_pred.shape) > 0.5
    weights = np.ones(y_pred.shape)
    if sample_weight is not None:
        rows = _data.weights("sample_weight", sample_weight, len(y_pred), float)
        weights *= rows.reshape(-1, *[1] * (y_pred.ndim - 1))
    return positive.ravel(), y_pred.ravel(), weights.ravel()


class Share(Thresholded):
    """True positives over what a kind of metric compares them with; 0 where there is neither."""

    def __init__(self, thresholds=None, name=None):
        super().__init__(name)
        self._set_threshold("thresholds", 0.5 if thresholds is None else thresholds)
        self.thresholds = thresholds

    def reset_state(self):
        self.hits = self.misses = 0.0

    def missed(self, positive, predicted) -> np.ndarray:
        """Where the metric counts a mistake."""
        raise NotImplementedError

    def update_state(self, y_true, y_pred, sample_weight=None):
        positive, outputs, weights = flat(y_true, y_pred, sample_weight)
        predicted = outputs >= self.decision
        self.hits += float(weights[positive & predicted].sum())
        self.misses += float(weights[self.missed(positive, predicted)].sum())

    def result(self):
        return self.hits / (self.hits + self.misses) if self.hits else 0.0


class Precision(Share):
    """Share of predictions of class 1 that are right; a tie at the threshold is class 1.

    Parameters
    ----------
    thresholds : float, optional
        1/2, if it is not given.
    name : str, optional

    Examples
    --------
    >>> from fastact.metrics import Precision
    >>> Precision()([0, 1, 1], [0.9, 0.5, 0.2])
    0.5
    """

    name = "precision"

    def missed(self, positive, predicted):
        return ~positive & predicted


class Recall(Share):
    """Share of class 1 that is found; a tie at the threshold is class 1.

    Parameters
    ----------
    thresholds : float, optional
        1/2, if it is not given.
    name : str, optional

    Examples
    --------
    >>> from fastact.metrics import Recall
    >>> Recall()([1, 1, 0], [0.9, 0.4, 0.8])
    0.5
    """

    name = "recall"

    def missed(self, positive, predicted):
        return positive & ~predicted


class AUC(Metric):
    """Area under the ROC curve: how often class 1 gets a larger output than class 0, ties counted half.

    Exact, from all outputs, which it keeps; Keras's is an approximation by 200 thresholds. NaN where
    there is one class only.

    Parameters
    ----------
    name : str, optional

    Examples
    --------
    >>> from fastact.metrics import AUC
    >>> AUC()([0, 1, 0, 1], [0.1, 0.9, 0.4, 0.3])
    0.75
    """

    name = "auc"
    cheap = False

    def reset_state(self):
        self.batches: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.batches.append(flat(y_true, np.array(y_pred, float), sample_weight))

    def result(self):
        if not self.batches:
            return float("nan")
        positive, outputs, weights = (np.concatenate(part) for part in zip(*self.batches, strict=True))
        _, group = np.unique(outputs, return_inverse=True)
        of_1 = np.bincount(group, weights * positive)
        of_0 = np.bincount(group, weights * ~positive)
        pairs = of_1.sum() * of_0.sum()
        below = np.cumsum(of_0) - of_0
        return float((of_1 @ (below + of_0 / 2)) / pairs) if pairs else float("nan")
