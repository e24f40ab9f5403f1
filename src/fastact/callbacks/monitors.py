"""Callbacks that watch one of the values of an epoch get better."""

from __future__ import annotations

import math

from .._data import FRACTION, NOT_NEGATIVE, real_number, whole_number
from .._warn import warn
from .base import Callback

#: names of which more is better, where `mode` is "auto"
GROWING = ("acc", "auc", "precision", "recall")


class Monitor:
    """One of the values of an epoch, and the best one so far.

    Parameters
    ----------
    owner : str
        Who watches, for error messages.
    name : str
        Key of the value in the logs.
    mode : {'auto', 'min', 'max'}
        Whether less or more is better; 'auto' knows from the name.
    least : float
        By how much a value must be better than the best.
    """

    def __init__(self, owner: str, name: str, mode: str, least: float = 0.0):
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"{owner}: mode must be 'auto', 'min' or 'max', got {mode!r}")
        if not isinstance(name, str):
            raise TypeError(f"{owner}: monitor must be a name, got {name!r}")
        self.owner, self.name, self.least = owner, name, abs(least)
        growing = name.endswith(GROWING) or "accuracy" in name
        self.sign = 1 if mode == "max" or (mode == "auto" and growing) else -1
        self.reset()

    def reset(self) -> None:
        self.best = -self.sign * math.inf

    def value(self, logs) -> float | None:
        """The value of this epoch; a warning and None if there is none."""
        if self.name not in logs:
            warn(f"{self.owner}: there is no {self.name!r} to monitor, but {', '.join(sorted(logs))}")
        return logs.get(self.name)

    def better(self, value: float, than: float | None = None) -> bool:
        than = self.best if than is None else than
        return self.sign * (value - than) > self.least


class EarlyStopping(Callback):
    """End training when a value has not become better for some epochs.

    Parameters
    ----------
    monitor : str
    min_delta : float
        By how much it must become better.
    patience : int
        For how many epochs it may not become better.
    verbose : int
        Whether to say when training ends early.
    mode : {'auto', 'min', 'max'}
        Whether less or more is better; 'auto' knows from the name.
    baseline : float, optional
        A value that it must be better than.
    restore_best_weights : bool
        Whether the model gets the weights of the best epoch, also when all epochs were run.
    start_from_epoch : int
        Epochs before that do not count.

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.callbacks import EarlyStopping
    >>> from fastact.layers import Dense
    >>> from fastact.models import Sequential
    >>> model = Sequential([Dense(1)], seed=0)
    >>> model.compile("sgd", "mse")
    >>> x, callback = np.ones((4, 2)), EarlyStopping("loss", min_delta=0.01, patience=2)
    >>> len(model.fit(x, np.zeros(4), epochs=999, verbose=0, callbacks=[callback]).epoch) < 200
    True
    """

    def __init__(
        self,
        monitor="val_loss",
        min_delta=0,
        patience=0,
        verbose=0,
        mode="auto",
        baseline=None,
        restore_best_weights=False,
        start_from_epoch=0,
    ):
        self.min_delta = real_number("EarlyStopping: min_delta", min_delta, "finite", math.isfinite)
        self.monitor, self.watch = monitor, Monitor("EarlyStopping", monitor, mode, self.min_delta)
        self.patience = whole_number("EarlyStopping: patience", patience, 0)
        self.start_from_epoch = whole_number("EarlyStopping: start_from_epoch", start_from_epoch, 0)
        self.verbose, self.baseline = verbose, baseline
        self.restore_best_weights = restore_best_weights
        self.on_train_begin()

    def on_train_begin(self, logs=None):
        self.watch.reset()
        self.wait = self.stopped_epoch = 0
        self.best_epoch, self.best_weights = 0, None

    @property
    def best(self) -> float:
        return self.watch.best

    def on_epoch_end(self, epoch, logs=None):
        value = self.watch.value(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        self.wait += 1
        better = self.watch.better(value)
        if better:
            self.watch.best = value
            if self.baseline is None or self.watch.better(value, self.baseline):
                self.wait = 0
        if better or (self.restore_best_weights and self.best_weights is None):
            self.best_epoch = epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
        if not better and self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        if self.stopped_epoch and self.verbose:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            if self.verbose:
                print(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)


class ReduceLROnPlateau(Callback):
    """Make the learning rate smaller when a value has not become better for some epochs.

    The history tells the rate as ``learning_rate``.

    Parameters
    ----------
    monitor : str
    factor : float
        Less than 1: what the rate is multiplied with.
    patience : int
        For how many epochs the value may not become better.
    verbose : int
        Whether to say when the rate changes.
    mode : {'auto', 'min', 'max'}
        Whether less or more is better; 'auto' knows from the name.
    min_delta : float
        By how much the value must become better.
    cooldown : int
        For how many epochs after a change nothing counts.
    min_lr : float
        The smallest rate.

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.callbacks import ReduceLROnPlateau
    >>> from fastact.layers import Dense
    >>> from fastact.models import Sequential
    >>> model = Sequential([Dense(1, kernel_initializer="zeros")])
    >>> model.compile("sgd", "mse")
    >>> callback = ReduceLROnPlateau("loss", factor=0.5, patience=1)
    >>> x = np.ones((4, 2))
    >>> model.fit(x, np.zeros(4), epochs=3, verbose=0, callbacks=[callback]).history["learning_rate"]
    [0.01, 0.01, 0.005]
    """

    def __init__(
        self,
        monitor="val_loss",
        factor=0.1,
        patience=10,
        verbose=0,
        mode="auto",
        min_delta=1e-4,
        cooldown=0,
        min_lr=0.0,
    ):
        owner = "ReduceLROnPlateau"
        self.factor = real_number(f"{owner}: factor", factor, *FRACTION)
        self.min_delta = real_number(f"{owner}: min_delta", min_delta, "finite", math.isfinite)
        self.min_lr = real_number(f"{owner}: min_lr", min_lr, *NOT_NEGATIVE)
        self.patience = whole_number(f"{owner}: patience", patience, 0)
        self.cooldown = whole_number(f"{owner}: cooldown", cooldown, 0)
        self.monitor, self.watch = monitor, Monitor(owner, monitor, mode, self.min_delta)
        self.verbose = verbose
        self.on_train_begin()

    def on_train_begin(self, logs=None):
        self.watch.reset()
        self.wait = self.cooling = 0

    def on_epoch_end(self, epoch, logs=None):
        optimizer = self.model.optimizer
        logs["learning_rate"] = optimizer.learning_rate
        value = self.watch.value(logs)
        if value is None:
            return
        if self.cooling:
            self.cooling -= 1
            self.wait = 0
        if self.watch.better(value):
            self.watch.best, self.wait = value, 0
        elif not self.cooling:
            self.wait += 1
            if self.wait >= self.patience and optimizer.learning_rate > self.min_lr:
                optimizer.learning_rate = max(optimizer.learning_rate * self.factor, self.min_lr)
                self.cooling, self.wait = self.cooldown, 0
                if self.verbose:
                    print(
                        f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to "
                        f"{optimizer.learning_rate}."
                    )
