"""Callbacks that write to files: the model, and the values of each epoch."""

from __future__ import annotations

import csv
import os

from .._data import file_name, whole_number
from .base import Callback
from .monitors import Monitor


class ModelCheckpoint(Callback):
    """Save the model while it trains.

    Parameters
    ----------
    filepath : str or path
        May hold fields such as ``{epoch:02d}`` (from 1) or ``{val_loss:.2f}``. The extension says how to
        save, as for ``model.save``.
    monitor : str
    verbose : int
        Whether to say when the model is saved.
    save_best_only : bool
        Whether to save only when the monitored value has become better.
    save_weights_only : bool
        Whether to use ``model.save_weights`` in place of ``model.save``.
    mode : {'auto', 'min', 'max'}
        Whether less or more is better; 'auto' knows from the name.
    save_freq : 'epoch' or int
        After each epoch, or after so many batches.
    initial_value_threshold : float, optional
        A value that must be improved on.

    Examples
    --------
    >>> from fastact.callbacks import ModelCheckpoint
    >>> callback = ModelCheckpoint("model-{epoch:02d}.npz", save_best_only=True)
    """

    def __init__(
        self,
        filepath,
        monitor="val_loss",
        verbose=0,
        save_best_only=False,
        save_weights_only=False,
        mode="auto",
        save_freq="epoch",
        initial_value_threshold=None,
    ):
        self.filepath = file_name("ModelCheckpoint: filepath", filepath)
        self.monitor, self.watch = monitor, Monitor("ModelCheckpoint", monitor, mode)
        if initial_value_threshold is not None:
            self.watch.best = initial_value_threshold
        self.verbose, self.save_best_only = verbose, save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        if save_freq != "epoch":
            self.save_freq = whole_number("ModelCheckpoint: save_freq, if not 'epoch',", save_freq, 1)
        self.batches = self.epoch = 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.save_freq != "epoch":
            self.batches += 1
            if self.batches % self.save_freq == 0:
                self._save(logs | {"batch": batch + 1})

    def on_epoch_end(self, epoch, logs=None):
        if self.save_freq == "epoch":
            self._save(logs)

    def _save(self, logs) -> None:
        if self.save_best_only:
            value = self.watch.value(logs)
            if value is None or not self.watch.better(value):
                return
            self.watch.best = value
        try:
            path = self.filepath.format(**{"epoch": self.epoch + 1, **logs})
        except KeyError as error:
            raise ValueError(
                f"ModelCheckpoint: filepath {self.filepath!r} asks for {error}, but there are: "
                f"{', '.join(['epoch', *logs])}"
            ) from None
        if self.verbose:
            print(f"\nEpoch {self.epoch + 1}: saving model to {path}")
        if self.save_weights_only:
            self.model.save_weights(path)
        else:
            self.model.save(path)


class CSVLogger(Callback):
    """Write the values of each epoch as a line of a CSV file.

    Parameters
    ----------
    filename : str or path
    separator : str
    append : bool
        Whether lines are added to a file that is there, in place of a new one.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> from fastact.callbacks import CSVLogger
    >>> from fastact.layers import Dense
    >>> from fastact.models import Sequential
    >>> model = Sequential([Dense(1, kernel_initializer="zeros")])
    >>> model.compile("sgd", "mse")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "log.csv")
    ...     history = model.fit(np.ones((4, 2)), np.ones(4), verbose=0, callbacks=[CSVLogger(path)])
    ...     path.read_text().splitlines()
    ['epoch,loss', '0,1.0']
    """

    def __init__(self, filename, separator=",", append=False):
        self.filename = file_name("CSVLogger: filename", filename)
        self.separator, self.append = separator, append
        self.names: list[str] = []

    def on_train_begin(self, logs=None):
        started = self.append and os.path.exists(self.filename) and os.path.getsize(self.filename) > 0
        self.names = []
        if started:
            with open(self.filename, newline="", encoding="utf-8") as file:
                self.names = next(csv.reader(file, delimiter=self.separator))
            if "epoch" not in self.names:
                raise ValueError(
                    f"CSVLogger: {self.filename} has no column 'epoch' between separators {self.separator!r}: "
                    "it is another file, or has another separator"
                )
        else:
            open(self.filename, "w", encoding="utf-8").close()

    def on_epoch_end(self, epoch, logs=None):
        row = {"epoch": epoch, **logs}
        with open(self.filename, "a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, delimiter=self.separator, lineterminator="\n")
            if not self.names:
                self.names = list(row)
                writer.writerow(self.names)
            writer.writerow([row.get(name, "NA") for name in self.names])
