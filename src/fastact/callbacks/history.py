"""The values of all epochs of a training."""

from __future__ import annotations

from .base import Callback


class History(Callback):
    """The values of each epoch, as `fit` returns them.

    Iterating gives a dictionary for each epoch, so ``pandas.DataFrame(history)`` is a table of them.

    Attributes
    ----------
    epoch : list of int
        Epochs that were finished, from 0.
    history : dict of str to list of float
        A value for each epoch: ``"loss"``, each metric, and both with ``"val_"`` in front.
    epochs : dict of str to list of int
        The epochs of these values, which are not all where there is a ``validation_freq``.

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.models import Sequential
    >>> from fastact.layers import Dense
    >>> model = Sequential([Dense(1)], seed=0)
    >>> model.compile("sgd", "mse")
    >>> history = model.fit(np.ones((4, 2)), np.ones(4), epochs=3, verbose=0)
    >>> history.epoch, list(history.history)
    ([0, 1, 2], ['loss'])
    """

    def __init__(self):
        self.epoch: list[int] = []
        self.history: dict[str, list[float]] = {}
        self.epochs: dict[str, list[int]] = {}

    def __iter__(self):
        names = list(self.history)
        for values in zip(*self.history.values(), strict=False):
            yield dict(zip(names, values, strict=True))

    def __getstate__(self):
        return vars(self) | {"model": None}

    def on_epoch_end(self, epoch, logs=None):
        self.epoch.append(epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)
            self.epochs.setdefault(name, []).append(epoch)

    def plot(self, title: str = ""):
        """Loss and metrics over the epochs, a panel for each; needs the extra ``fastact[plot]``.

        Returns
        -------
        matplotlib.figure.Figure

        See Also
        --------
        fastact.plot.history : the same of a dictionary.

        Examples
        --------
        >>> from fastact.callbacks import History
        >>> history = History()
        >>> history.on_epoch_end(0, {"loss": 0.5, "val_loss": 0.6})
        >>> [axes.get_ylabel() for axes in history.plot().axes]
        ['loss']
        """
        from .. import plot  # which needs matplotlib

        return plot.history(self, title)
