"""What all metrics share: a state that batches are added to."""

from __future__ import annotations

import math

import numpy as np

from .. import _data
from .._configurable import Configurable


class Metric(Configurable):
    """A number that says how good predictions are, over all batches since `reset_state`.

    A call ``metric(y_true, y_pred, sample_weight=None)`` adds a batch and returns the result so far.

    Attributes
    ----------
    name : str
        The key in ``History.history``.
    counted_by : str or None
        The loss that counts this metric's correct predictions along the way.
    takes_labels : bool
        Whether targets are integer labels, and not of the shape of the outputs.
    cheap : bool
        Whether `result` may be asked for many times.
    """

    module = "metrics"
    name: str
    counted_by: str | None = None
    takes_labels = False
    cheap = True

    def __init__(self, name=None):
        if name is not None and not isinstance(name, str):
            raise TypeError(f"{type(self).__name__}: name must be a string, got {name!r}")
        self.name = name or self.name
        self.reset_state()

    def __call__(self, y_true, y_pred, sample_weight=None) -> float:
        self.update_state(y_true, y_pred, sample_weight)
        return self.result()

    def reset_state(self) -> None:
        """Forget all batches."""
        raise NotImplementedError

    def update_state(self, y_true, y_pred, sample_weight=None) -> None:
        """Add a batch."""
        raise NotImplementedError

    def result(self) -> float:
        """The value over all batches."""
        raise NotImplementedError

    def adapt(self, loss) -> None:
        """Refuse a loss whose targets are of another kind; where it takes logits, probabilities become such."""
        if self.takes_labels != (loss.name == "sparse_categorical_crossentropy"):
            kind = "integer labels" if self.takes_labels else "targets of the shape of the output"
            raise ValueError(f"metric {self.name!r} needs {kind}, which loss {loss.name!r} does not take")


class RowMetric(Metric):
    """The mean over rows of something that each row has; see `by_row`."""

    def by_row(self, y_true, y_pred) -> np.ndarray:
        """The value of each row."""
        raise NotImplementedError

    def reset_state(self):
        self.total = self.count = 0.0

    def update_state(self, y_true, y_pred, sample_weight=None):
        values = np.asarray(self.by_row(y_true, y_pred), float)
        if sample_weight is None:
            self.total += float(values.sum())
            self.count += len(values)
        else:
            weights = _data.weights("sample_weight", sample_weight, len(values), float)
            self.total += float(values @ weights)
            self.count += float(weights.sum())

    def add(self, total: float, rows: int) -> None:
        """Add a batch whose sum over the rows is known."""
        self.total += total
        self.count += rows

    def result(self):
        return self.total / self.count if self.count else 0.0


class Thresholded(Metric):
    """A metric of decisions: an output of at least the threshold is class 1."""

    decision: float

    def _set_threshold(self, argument: str, value) -> None:
        name = f"{type(self).__name__}: {argument}"
        self.decision = _data.real_number(name, value, "finite", math.isfinite)

    def adapt(self, loss):
        super().adapt(loss)
        if loss.from_logits:
            if not 0 < self.decision < 1:
                raise ValueError(f"metric {self.name!r}: a threshold of logits must lie between 0 and 1")
            self.decision = math.log(self.decision / (1 - self.decision))
