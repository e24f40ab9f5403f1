"""Set the learning rate of each epoch."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature

from .base import Callback


def takes_two(function: Callable) -> bool:
    """Whether a function can be called with two arguments, as far as it says."""
    try:
        signature(function).bind(0, 0)
    except TypeError:
        return False
    except ValueError:  # it does not say
        return True
    return True


class LearningRateScheduler(Callback):
    """Set the learning rate before each epoch; the history tells it as ``learning_rate``.

    Parameters
    ----------
    schedule : callable
        Gets the epoch, from 0, and, if it takes two arguments, the learning rate so far, and returns the new one.
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
        self.takes_rate = takes_two(schedule)

    def on_epoch_begin(self, epoch, logs=None):
        optimizer = self.model.optimizer
        given = (epoch, optimizer.learning_rate) if self.takes_rate else (epoch,)
        optimizer.learning_rate = self.schedule(*given)
        if self.verbose:
            print(
                f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to "
                f"{self.model.optimizer.learning_rate}."
            )

    def on_epoch_end(self, epoch, logs=None):
        logs["learning_rate"] = self.model.optimizer.learning_rate
