"""A model is a stack of layers that learns: build, compile, fit, evaluate, predict."""

from __future__ import annotations

import math
import threading

import numpy as np

from . import _data, losses, optimizers, utils
from ._kernels.training import run
from ._stack import Stack
from ._step import Forward, Plan, Step
from ._training import QUIET, Training, diverged, measure, named
from .callbacks import History, ProgressBar
from .metrics import checked_metric, resolve

__all__ = ["Sequential"]

#: steps, and predictions, of so many different sizes are kept ready
STEPS_KEPT = 8
#: rows that are predicted at a time where nobody says how many
PREDICTED_AT_ONCE = 256


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
        return super().__getstate__() | {"_steps": {}, "_plan": None, "_predictions": None}

    def __setstate__(self, state):
        super().__setstate__(state)
        self._forget_steps()

    def _flatten(self) -> None:
        if self.optimizer is not None and self.optimizer.parameters is self._parameters:
            self.optimizer.release()
        self._forget_steps()
        super()._flatten()

    def _forget_steps(self) -> None:
        self._steps: dict[tuple[int, bool], Step] = {}
        self._plan: Plan | None = None
        self._predictions = threading.local()

    def compile(self, optimizer, loss, metrics=None) -> None:
        """Say how to train.

        Parameters
        ----------
        optimizer : str or optimizer
            ``"sgd"``, ``"rmsprop"``, ``"adam"``, ``"adamw"``, or an object of `fastact.optimizers`, which
            serves one model.
        loss : str, function or loss
            ``"mean_squared_error"``, ``"mean_absolute_error"``, ``"huber"``, ``"binary_crossentropy"``,
            ``"categorical_crossentropy"``, ``"sparse_categorical_crossentropy"``, or an object of
            `fastact.losses`. A loss that does not fit the last activation is a UserWarning.
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
        if loss.reduction is None:
            raise ValueError(f"loss {loss!r} has no reduction: training needs one number")
        self._forget_steps()
        self.optimizer, self.loss, self._metrics = optimizer, loss, checked

    def _require_compiled(self, what: str) -> None:
        if self.loss is None:
            raise ValueError(
                f"{what}: the model is not compiled yet; call compile(optimizer=..., loss=...) first"
            )

    def _data(self, x, y, sample_weight=None, class_weight=None, of: str = "") -> tuple:
        """Inputs, targets and weights of rows, or None, as training takes them."""
        if sample_weight is not None and class_weight is not None:
            raise ValueError("give sample_weight or class_weight, not both")
        x = self._features(f"{of}x", x)
        if len(self._output_shape) != 1:
            raise ValueError(f"the output must have one dimension beside the rows, got {self._output_shape}")
        [units] = self._output_shape
        y = self.loss.target(f"{of}y", y, units, self.dtype)
        _data.same_length(x, y, f"{of}x", f"{of}y")
        weights = None
        if sample_weight is not None:
            weights = _data.weights(f"{of}sample_weight", sample_weight, len(x), self.dtype)
        elif class_weight is not None:
            weights = _data.weights_of_classes(class_weight, y, units, self.dtype)
        return x, y, weights

    def _rng_for(self, seed: int | None) -> np.random.Generator:
        """The random numbers of a training: its own, else the model's, else those of nobody."""
        return self._rng if seed is None and self._rng is not None else utils.generator(seed)

    def _planned(self) -> Plan:
        if self._plan is None:
            [units] = self._output_shape
            metrics = [resolve(metric, self.loss, units) for metric in self._metrics]
            names = [metric.name for metric in metrics]
            if len(set(names)) != len(names):
                raise ValueError(f"metrics must have different names, got {names}")
            self._plan = Plan(self._stages, self.loss, metrics)
            self.loss.warn_unless_it_fits(self._plan.ends_in, units)
        return self._plan

    def _ready_to_train(self, rng: np.random.Generator | None = None) -> Plan:
        """The plan, its metrics at their start, and the optimizer in charge of the weights."""
        plan = self._planned()
        plan.reset_metrics()
        plan.rng = rng or plan.rng or self._rng_for(None)
        sections = [gradient for stage in self._stages for gradient in stage.gradients]
        self.optimizer.bind(self._parameters, self._gradients, sections)
        return plan

    def _step(self, rows: int, x, target, weighted: bool = False) -> Step:
        """The step for so many rows, made at its first use."""
        step = self._steps.get((rows, weighted))
        if step is None:
            if len(self._steps) >= STEPS_KEPT:
                self._steps.clear()
            step = Step(self._planned(), rows, x, target, weighted, self.dtype)
            self._steps[rows, weighted] = step
        return step

    def fit(
        self,
        x,
        y=None,
        batch_size=32,
        epochs=1,
        verbose="auto",
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        class_weight=None,
        sample_weight=None,
        initial_epoch=0,
        steps_per_epoch=None,
        validation_freq=1,
        seed=None,
    ) -> History:
        """Train for a number of epochs.

        Parameters
        ----------
        x : array_like, shape (rows, features), or iterable
            A file mapped into memory (`numpy.memmap`) may be larger than memory. An iterable that is not an
            array, such as a generator, yields batches ``(x, y)`` or ``(x, y, sample_weight)``.
        y : array_like
            What the loss takes: labels, or rows of the shape of the output.
        batch_size : int
            Rows of a step; the last step of an epoch may have fewer.
        epochs : int
        verbose : {'auto', 0, 1, 2}
            0 is silent, 2 prints a line for each epoch; 1 and 'auto' draw a progress bar if standard
            output is a terminal.
        callbacks : list of callbacks, optional
            Of `fastact.callbacks`.
        validation_split : float
            Share of the last rows that is held back to validate with, taken before shuffling.
        validation_data : (x, y) or (x, y, sample_weight), optional
            To validate with after each epoch, in place of `validation_split`.
        shuffle : bool
            Whether each epoch takes the rows in a new order.
        class_weight : dict of int to float, optional
            Weights of the rows by the class that y says; 1 for classes that it leaves out.
        sample_weight : array_like, shape (rows,), optional
            What the loss of each row is multiplied with before the mean over the rows is taken; at least 0.
        initial_epoch : int
            The epoch to begin with, so that `epochs` is the number of the last one.
        steps_per_epoch : int, optional
            Steps of an epoch, which may then be less or more than a pass over the data; the next epoch goes
            on where it ended.
        validation_freq : int or list of int
            Validate after each so many epochs, or after these (counted from 1).
        seed : int, optional
            Seeds the shuffling and the dropout. The same weights and seed give the same bits.

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

        Warns
        -----
        UserWarning
            If y has one class only, the loss does not fit the last activation, or x runs out of batches.

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
        return Training(
            self,
            x,
            y,
            batch_size,
            epochs,
            verbose,
            callbacks,
            validation_split,
            validation_data,
            shuffle,
            class_weight,
            sample_weight,
            initial_epoch,
            steps_per_epoch,
            validation_freq,
            seed,
        ).run()

    @QUIET
    def train_on_batch(self, x, y, sample_weight=None, class_weight=None, return_dict=False):
        """One step of training on all rows given.

        Parameters
        ----------
        x, y, sample_weight, class_weight
            As for `fit`.
        return_dict : bool

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
        x, y, weights = self._data(x, y, sample_weight, class_weight)
        plan = self._ready_to_train()
        step = self._step(len(x), x, y, weights is not None)
        loss = step.run_forward(x, y, weights, np.arange(len(x), dtype=np.int64), 0)
        if not math.isfinite(loss):
            raise diverged(loss)
        step.run_backward()
        self.optimizer.step()
        for add_to_metric in step.measures:
            add_to_metric()
        return reported(named(loss, plan.metrics), return_dict)

    def test_on_batch(self, x, y, sample_weight=None, return_dict=False):
        """Loss and metrics on all rows given, computed at once.

        Returns
        -------
        float, list of float or dict
            As from `evaluate`.

        Examples
        --------
        >>> import numpy as np
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> model = Sequential([Dense(1, kernel_initializer="zeros")])
        >>> model.compile("sgd", "mse")
        >>> model.test_on_batch(np.ones((4, 2)), np.ones(4))
        1.0
        """
        self._require_compiled("test_on_batch")
        x, y, weights = self._data(x, y, sample_weight)
        return reported(measure(self, x, y, weights, len(x)), return_dict)

    def evaluate(self, x, y, batch_size=32, verbose="auto", sample_weight=None, return_dict=False):
        """Loss and metrics on given data.

        Parameters
        ----------
        x, y, sample_weight : array_like
            As for `fit`; metrics do not look at the weights.
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
        x, y, weights = self._data(x, y, sample_weight)
        progress = ProgressBar(verbose, math.ceil(len(x) / batch_size))
        logs = measure(self, x, y, weights, batch_size, progress)
        progress.end(logs)
        return reported(logs, return_dict)

    def predict(self, x, batch_size=None, verbose="auto") -> np.ndarray:
        """Outputs for given data.

        Parameters
        ----------
        x : array_like, shape (rows, features)
        batch_size : int, optional
            Rows that are computed at a time; without it, as many as are good.
        verbose : {'auto', 0, 1, 2}
            As for `fit`.

        Returns
        -------
        ndarray, shape (rows, units of the last layer)

        See Also
        --------
        predict_on_batch : without progress.

        Examples
        --------
        >>> import numpy as np
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> Sequential([Dense(3)]).predict(np.ones((5, 2)), verbose=0).shape
        (5, 3)
        """
        batch_size = _data.whole_number(
            "batch_size", PREDICTED_AT_ONCE if batch_size is None else batch_size, 1
        )
        x = self._features("x", x)
        if verbose == 0 and len(x) <= batch_size:
            return self._output(x)
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

    def _output(self, x: np.ndarray) -> np.ndarray:
        forward = self._forward(len(x))
        np.copyto(forward.x, x, casting="unsafe")
        run(forward.forward)
        return forward.output.copy()

    def _forward(self, rows: int) -> Forward:
        """What computes the output of so many rows: for few of them made once, for each thread."""
        kept = vars(self._predictions)
        forward = kept.get(rows)
        if forward is None:
            forward = Forward(rows, self._input_shape, self.dtype)
            forward.bind([stage for stage in self._stages if stage.computes])
            if rows <= PREDICTED_AT_ONCE:
                if len(kept) >= STEPS_KEPT:
                    kept.clear()
                kept[rows] = forward
        return forward


def reported(logs: dict[str, float], as_dict: bool):
    """Means as `evaluate` and `train_on_batch` return them."""
    if as_dict:
        return logs
    values = list(logs.values())
    return values if len(values) > 1 else values[0]
