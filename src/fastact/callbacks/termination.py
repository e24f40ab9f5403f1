"""End a training whose loss is no longer a number."""

from __future__ import annotations

from .base import Callback


class TerminateOnNaN(Callback):
    """End `fit` when the loss becomes NaN or infinite, in place of the error that it raises otherwise.

    The weights are those before the batch that gave the loss.

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.callbacks import TerminateOnNaN
    >>> from fastact.layers import Dense
    >>> from fastact.models import Sequential
    >>> from fastact.optimizers import SGD
    >>> model = Sequential([Dense(1)], seed=0)
    >>> model.compile(SGD(1e30), "mse")
    >>> x = np.ones((4, 2))
    >>> history = model.fit(x, np.zeros(4), epochs=9, verbose=0, callbacks=[TerminateOnNaN()])
    Batch 0: the loss is inf, training ends
    >>> history.epoch
    [0, 1]
    """

    def terminate(self, batch: int, loss: float) -> None:
        """Called by `fit` for a batch whose loss is not finite."""
        print(f"Batch {batch}: the loss is {loss}, training ends")
        self.model.stop_training = True
