"""A model is a stack of layers that learns: build, compile, fit, evaluate, predict."""

from __future__ import annotations

import math

import numpy as np

from . import _data, losses, optimizers, utils
from ._stack import Stack
from ._step import Plan, Step
from .callbacks import History, ProgressBar
from .metrics import checked_metric, resolve

__all__ = ["Sequential"]

#: steps of so many different sizes are kept ready
STEPS_KEPT = 8
#: overflow shows in the loss, and need not be said twice
QUIET = np.errstate(all="ignore")
#: rows that are validated at a time, at least
MEASURED_AT_ONCE = 256


class Sequential(Stack):
    """Layers one after the other, with the interface of Keras.

    Parameters
    ----------
    layers : list of layers, optional
        The first may be an `Input` or have an ``input_shape``; otherwise the model builds itself for
        the first data that it is given.
    name : str, optional
    seed : int, optional
        Seeds the first weights and, unless `fit` is given its own, shuffling. Without one they
        follow `fastact.utils.set_random_seed`.
    dtype : {'float32', 'float64'}
        Of the weights and of all computation.

    See Also
    --------
    fastact.layers.Dense

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.models import Sequential
    >>> from fastact.layers import Dense
    >>> x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> y = np.array([0, 1, 1, 0])
    >>> model = Sequential([Dense(8, activation="tanh"), Dense(1, activation="sigmoid")], seed=1)
    >>> model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    >>> history = model.fit(x, y, epochs=1000, verbose=0)
    >>> (model.predict(x, verbose=0) > 0.5).astype(int).ravel()
    array([0, 1, 1, 0])
    """

    def __init__(self, layers=None, name=None, seed=None, dtype="float32"):
        self.optimizer = self.loss = self.history = None
        self.stop_training = False
        self._metrics: list = []
        self._forget_steps()
        super().__init__(layers, name, seed, dtype)

    def __getstate__(self):
        return super().__getstate__() | {"_steps": {}, "_plan": None}

    def _flatten(self) -> None:
        if self.optimizer is not None and self.optimizer.parameters is self._parameters:
            self.optimizer.release()
        self._forget_steps()
        super()._flatten()

    def _forget_steps(self) -> None:
        self._steps: dict[int, Step] = {}
        self._plan: Plan | None = None

    def compile(self, optimizer, loss, metrics=None) -> None:
        """Say how to train.

        Parameters
        ----------
        optimizer : str or optimizer
            ``"sgd"``, ``"adam"``, or an object of `fastact.optimizers`, which serves one model.
        loss : str, function or loss
            ``"mean_squared_error"``, ``"binary_crossentropy"``, ``"categorical_crossentropy"``,
            ``"sparse_categorical_crossentropy"``, or an object of `fastact.losses`.
        metrics : list of str, function or metric, optional
            ``"accuracy"`` is the one that fits the loss and the output, as in Keras.

        Examples
        --------
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> model = Sequential([Dense(2, activation="softmax")])
        >>> model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        """
        optimizer, loss = optimizers.get(optimizer), losses.get(loss)
        if metrics is not None and not isinstance(metrics, (list, tuple)):
            raise TypeError(f"metrics must be a list, got {metrics!r}")
        checked = [checked_metric(metric) for metric in metrics or ()]
        if optimizer.parameters is not None and optimizer.parameters is not self._parameters:
            raise ValueError(f"optimizer {optimizer!r} trains another model already: make one for each model")
        self._forget_steps()
        self.optimizer, self.loss, self._metrics = optimizer, loss, checked

    def _require_compiled(self, what: str) -> None:
        if self.loss is None:
            raise ValueError(
                f"{what}: the model is not compiled yet; call compile(optimizer=..., loss=...) first"
            )

    def _data(self, x, y, of: str = "") -> tuple[np.ndarray, np.ndarray]:
        """x and y as training takes them."""
        x = self._features(f"{of}x", x)
        if len(self._output_shape) != 1:
            raise ValueError(f"the output must have one dimension beside the rows, got {self._output_shape}")
        y = self.loss.target(f"{of}y", y, self._output_shape[0], self.dtype)
        _data.same_length(x, y, f"{of}x", f"{of}y")
        return x, y

    def _planned(self) -> Plan:
        if self._plan is None:
            metrics = [resolve(metric, self.loss, self._output_shape[0]) for metric in self._metrics]
            names = [metric.name for metric in metrics]
            if len(set(names)) != len(names):
                raise ValueError(f"metrics must have different names, got {names}")
            self._plan = Plan(self._stages, self.loss, metrics)
        return self._plan

    def _step(self, rows: int, x, target) -> Step:
        """The step for so many rows, made at its first use."""
        if rows not in self._steps:
            if len(self._steps) >= STEPS_KEPT:
                self._steps.clear()
            self._steps[rows] = Step(self._planned(), rows, x, target)
        return self._steps[rows]

    def _named(self, totals: list[float], rows: int, prefix: str = "") -> dict[str, float]:
        """Sums over rows as means by name."""
        names = ["loss", *(metric.name for metric in self._planned().metrics)]
        return {prefix + name: total / rows for name, total in zip(names, totals, strict=True)}

    def fit(
        self,
        x,
        y,
        batch_size=32,
        epochs=1,
        verbose="auto",
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        seed=None,
    ) -> History:
        """Train for a number of epochs.

        Parameters
        ----------
        x : array_like, shape (rows, features)
        y : array_like
            What the loss takes: labels, or rows of the shape of the output.
        batch_size : int
            Rows of a step; the last step of an epoch may have fewer.
        epochs : int
        verbose : {'auto', 0, 1, 2}
            0 is silent, 2 prints a line for each epoch; 1 and 'auto' draw a progress bar if standard
            output is a terminal.
        validation_split : float
            Share of the last rows that is held back to validate with, taken before shuffling.
        validation_data : (x, y), optional
            To validate with after each epoch, in place of `validation_split`.
        shuffle : bool
            Whether each epoch takes the rows in a new order.
        seed : int, optional
            Seeds the shuffling. The same weights and seed give the same bits.

        Returns
        -------
        History
            Also kept as ``model.history``, up to where training was interrupted.

        Raises
        ------
        ValueError, TypeError
            If an argument is not as described; the message says which, and what is allowed.
        FloatingPointError
            If the loss becomes NaN or infinite. The weights are then those before that batch.

        Examples
        --------
        >>> import numpy as np
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> x = np.linspace(0, 1, 64)
        >>> model = Sequential([Dense(1)], seed=0)
        >>> model.compile("sgd", "mean_squared_error")
        >>> history = model.fit(x, 2 * x, epochs=20, validation_split=0.25, seed=0, verbose=0)
        >>> sorted(history.history)
        ['loss', 'val_loss']
        """
        self._require_compiled("fit")
        batch_size = _data.whole_number("batch_size", 32 if batch_size is None else batch_size, 1)
        epochs = _data.whole_number("epochs", epochs, 0)
        split = _data.real_number(
            "validation_split", validation_split, "at least 0 and less than 1", in_unit_interval
        )
        seed = utils.checked_seed(seed)
        x, y = self._data(x, y)
        validation = None
        if validation_data is not None:
            if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
                raise TypeError(
                    f"validation_data must be a pair (x, y), got {type(validation_data).__name__}"
                )
            validation = self._data(*validation_data, of="validation_data: ")
        elif split:
            first = math.floor(len(x) * (1 - split))
            if first in (0, len(x)):
                kind = "validate" if first else "train"
                raise ValueError(f"validation_split={split} of {len(x)} rows leaves none to {kind} with")
            validation = (x[first:], y[first:])
            x, y = x[:first], y[:first]
        rng = self._rng if seed is None and self._rng is not None else utils.generator(seed)
        self.history = History()
        self.stop_training = False
        self.optimizer.bind(self._parameters, self._gradients)
        progress = ProgressBar(verbose, math.ceil(len(x) / batch_size))
        order = np.arange(len(x), dtype=np.int64)
        for epoch in range(epochs):
            progress.begin(f"Epoch {epoch + 1}/{epochs}")
            if shuffle:
                rng.shuffle(order)
            logs = self._train_epoch(x, y, order, batch_size, epoch, progress)
            if validation is not None:
                logs |= self._measure(*validation, max(batch_size, MEASURED_AT_ONCE), prefix="val_")
            self.history.append(epoch, logs)
            progress.end(logs)
            if self.stop_training:
                break
        return self.history

    @QUIET
    def _train_epoch(
        self, x, y, order, batch_size: int, epoch: int, progress: ProgressBar
    ) -> dict[str, float]:
        """One pass over all rows; the means of loss and metrics."""
        totals = [0.0] * (1 + len(self._metrics))
        for batch, start in enumerate(range(0, len(x), batch_size), 1):
            rows = min(batch_size, len(x) - start)
            step = self._step(rows, x, y)
            loss = step.run_forward(x, y, order, start)
            if not math.isfinite(loss):
                raise FloatingPointError(
                    f"the loss became {loss} in epoch {epoch + 1}, batch {batch} of {progress.steps}; "
                    "a lower learning rate may help"
                )
            step.run_backward()
            self.optimizer.step()
            totals[0] += loss * rows
            for k, measure in enumerate(step.measures, 1):
                totals[k] += measure()
            if progress.due():
                progress.step(batch, self._named(totals, start + rows))
        return self._named(totals, len(x))

    @QUIET
    def _measure(
        self, x, y, batch_size: int, prefix: str = "", progress: ProgressBar | None = None
    ) -> dict[str, float]:
        """The means of loss and metrics over all rows."""
        plan = self._planned()
        totals = [0.0] * (1 + len(plan.metrics))
        for batch, start in enumerate(range(0, len(x), batch_size), 1):
            rows = slice(start, start + batch_size)
            sums = plan.measure(x[rows], y[rows])
            totals = [total + value for total, value in zip(totals, sums, strict=True)]
            if progress is not None and progress.due():
                progress.step(batch, self._named(totals, min(start + batch_size, len(x))))
        return self._named(totals, len(x), prefix)

    @QUIET
    def train_on_batch(self, x, y, return_dict=False):
        """One step of training on all rows given.

        Returns
        -------
        float, list of float or dict
            The loss before the step, followed by the metrics if there are any; by name if `return_dict`.

        Examples
        --------
        >>> import numpy as np
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> model = Sequential([Dense(1, kernel_initializer="zeros")])
        >>> model.compile("sgd", "mse")
        >>> model.train_on_batch(np.ones((4, 2)), np.ones(4))
        1.0
        """
        self._require_compiled("train_on_batch")
        x, y = self._data(x, y)
        self.optimizer.bind(self._parameters, self._gradients)
        step = self._step(len(x), x, y)
        loss = step.run_forward(x, y, np.arange(len(x), dtype=np.int64), 0)
        if not math.isfinite(loss):
            raise FloatingPointError(f"the loss became {loss}; a lower learning rate may help")
        step.run_backward()
        self.optimizer.step()
        logs = self._named([loss * len(x), *(measure() for measure in step.measures)], len(x))
        return reported(logs, return_dict)

    def evaluate(self, x, y, batch_size=32, verbose="auto", return_dict=False):
        """Loss and metrics on given data.

        Parameters
        ----------
        x, y : array_like
            As for `fit`.
        batch_size : int
            Rows that are computed at a time.
        verbose : {'auto', 0, 1, 2}
            As for `fit`.
        return_dict : bool

        Returns
        -------
        float, list of float or dict
            The loss, followed by the metrics if there are any; by name if `return_dict`.

        Examples
        --------
        >>> import numpy as np
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> model = Sequential([Dense(1, kernel_initializer="zeros")])
        >>> model.compile("sgd", "mse")
        >>> model.evaluate(np.ones((4, 2)), np.ones(4), verbose=0)
        1.0
        """
        self._require_compiled("evaluate")
        batch_size = _data.whole_number("batch_size", 32 if batch_size is None else batch_size, 1)
        x, y = self._data(x, y)
        progress = ProgressBar(verbose, math.ceil(len(x) / batch_size))
        logs = self._measure(x, y, batch_size, progress=progress)
        progress.end(logs)
        return reported(logs, return_dict)

    def predict(self, x, batch_size=32, verbose="auto") -> np.ndarray:
        """Outputs for given data.

        Parameters
        ----------
        x : array_like, shape (rows, features)
        batch_size : int
            Rows that are computed at a time.
        verbose : {'auto', 0, 1, 2}
            As for `fit`.

        Returns
        -------
        ndarray, shape (rows, units of the last layer)

        See Also
        --------
        predict_on_batch : without progress, all at once.

        Examples
        --------
        >>> import numpy as np
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> Sequential([Dense(3)]).predict(np.ones((5, 2)), verbose=0).shape
        (5, 3)
        """
        batch_size = _data.whole_number("batch_size", 32 if batch_size is None else batch_size, 1)
        x = self._features("x", x)
        progress = ProgressBar(verbose, math.ceil(len(x) / batch_size))
        output = np.empty((len(x), *self._output_shape), self.dtype)
        for batch, start in enumerate(range(0, len(x), batch_size), 1):
            rows = slice(start, start + batch_size)
            output[rows] = self._output(x[rows])
            if progress.due():
                progress.step(batch, {})
        progress.end({})
        return output

    def predict_on_batch(self, x) -> np.ndarray:
        """Outputs for given data, computed at once.

        Examples
        --------
        >>> import numpy as np
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> Sequential([Dense(3)]).predict_on_batch(np.ones((5, 2))).shape
        (5, 3)
        """
        return self._output(self._features("x", x))

    @QUIET
    def _output(self, x: np.ndarray) -> np.ndarray:
        output = x
        for stage in self._stages:
            if stage.name != "linear":
                output = stage(output)
        return output.copy() if output is x else output


def in_unit_interval(value) -> bool:
    return 0 <= value < 1


def reported(logs: dict[str, float], as_dict: bool):
    """Means as `evaluate` and `train_on_batch` return them."""
    if as_dict:
        return logs
    values = list(logs.values())
    return values if len(values) > 1 else values[0]
