"""Set the learning rate of each epoch."""

from __future__ import annotations

from .base import Callback


class LearningRateScheduler(Callback):
    """Set the learning rate before each epoch; the history tells it as ``learning_rate``.

    Parameters
    ----------
    schedule : callable
        Gets the epoch, from 0, and the learning rate so far, and returns the new one.
    verbose : int
        Whether to print the rate.

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.callbacks import LearningRateScheduler
    >>> from fastact.layers import Dense
    >>> from fastact.models import Sequential
    >>> model = Sequential([Dense(1)], seed=0)
    >>> model.compile("sgd", "mse")
    >>> halve = LearningRateScheduler(lambda epoch, rate: rate / 2)
    >>> model.fit(np.ones((4, 2)), np.ones(4), epochs=2, verbose=0, callbacks=[halve]).history["learning_rate"]
    [0.005, 0.0025]
    """

    def __init__(self, schedule, verbose=0):
        if not callable(schedule):
            raise TypeError(f"LearningRateScheduler: schedule must be callable, got {schedule!r}")
        self.schedule, self.verbose = schedule, verbose

    def on_epoch_begin(self, epoch, logs=None):
        self.model.optimizer.learning_rate = self.schedule(epoch, self.model.optimizer.learning_rate)
        if self.verbose:
            print(
                f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to "
                f"{self.model.optimizer.learning_rate}."
            )

    def on_epoch_end(self, epoch, logs=None):
        logs["learning_rate"] = self.model.optimizer.learning_rate
