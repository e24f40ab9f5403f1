"""A model is a stack of layers that learns: build, compile, fit, evaluate, predict."""

from __future__ import annotations

import math
from itertools import islice

import numpy as np

from . import _data, saving
from ._batches import ArrayBatches, inputs_of, is_stream
from ._compiled import Compiled
from ._training import (
    MEASURED_AT_ONCE,
    QUIET,
    Training,
    diverged,
    measure,
    named,
    streamed,
    warn_of_missing_batches,
)
from .callbacks import History, ProgressBar
from .saving import load_model

__all__ = ["Sequential", "load_model"]


class Sequential(Compiled):
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
        super().__init__(layers, name, seed, dtype)
        self.history: History | None = None
        self.stop_training = False

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
        validation_steps=None,
        validation_batch_size=None,
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
        validation_data : (x, y) or (x, y, sample_weight), or iterable, optional
            To validate with after each epoch, in place of `validation_split`. An iterable yields batches.
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
            on where it ended, but the next `fit` begins with a pass.
        validation_freq : int or list of int
            Validate after each so many epochs, or after these (counted from 1).
        seed : int, optional
            Seeds the shuffling and the dropout. The same weights and seed give the same bits.
        validation_steps : int, optional
            Batches to validate with, not all: the first ones, but of a generator always the next.
        validation_batch_size : int, optional
            Rows of each; without it `batch_size`, but at least 256 where there are no `validation_steps`.

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
        arguments = {name: value for name, value in locals().items() if name != "self"}
        self._require_compiled("fit")
        return Training(self, **arguments).run()

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
        logs, _ = measure(self, ArrayBatches(x, y, weights, len(x)))
        return reported(logs, return_dict)

    def evaluate(
        self,
        x,
        y=None,
        batch_size=None,
        verbose="auto",
        sample_weight=None,
        steps=None,
        return_dict=False,
    ):
        """Loss and metrics on given data.

        Parameters
        ----------
        x, y, sample_weight : array_like
            As for `fit`, which says what an iterable x may yield; metrics do not look at the weights.
        batch_size : int, optional
            Rows that are computed at a time, 32 without it; an iterable yields batches of its own.
        verbose : {'auto', 0, 1, 2}
            As for `fit`.
        steps : int, optional
            Batches to take, not all.
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
        steps = _data.whole_number_or(None, "steps", steps, 1)
        if is_stream(x):
            refuse_batch_size(batch_size)
            batches = streamed(self, x, y, sample_weight)
        else:
            batch_size = _data.whole_number_or(32, "batch_size", batch_size, 1)
            batches = ArrayBatches(*self._data(x, y, sample_weight), batch_size)
        progress = ProgressBar(verbose, steps or batches.steps)
        logs, done = measure(self, batches, steps, progress)
        check_batches(done, steps)
        progress.steps = done
        progress.end(logs)
        return reported(logs, return_dict)

    def predict(self, x, batch_size=None, verbose="auto", steps=None) -> np.ndarray:
        """Outputs for given data.

        Parameters
        ----------
        x : array_like, shape (rows, features), or iterable
            An iterable that is not an array yields batches: x, or tuples of which x is the first.
        batch_size : int, optional
            Rows that are computed at a time; without it, as many as are good, or 32 if there are `steps`.
        verbose : {'auto', 0, 1, 2}
            As for `fit`.
        steps : int, optional
            Batches to take, not all.

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
        steps = _data.whole_number_or(None, "steps", steps, 1)
        if is_stream(x):
            refuse_batch_size(batch_size)
            outputs = self._outputs_of(x, verbose, steps)
            check_batches(len(outputs), steps)
            return np.concatenate(outputs)
        at_once = _data.whole_number_or(32 if steps else MEASURED_AT_ONCE, "batch_size", batch_size, 1)
        x = self._features("x", x)
        if steps:
            check_batches(math.ceil(len(x) / at_once), steps)
            x = x[: steps * at_once]
        if verbose == 0 and len(x) <= at_once:
            return self._output(x)
        progress = ProgressBar(verbose, math.ceil(len(x) / at_once))
        output = np.empty((len(x), *self._output_shape), self.dtype)
        for batch, start in enumerate(range(0, len(x), at_once), 1):
            rows = slice(start, start + at_once)
            output[rows] = self._output(x[rows])
            if progress.due():
                progress.step(batch, {})
        progress.end({})
        return output

    def _outputs_of(self, batches, verbose, steps: int | None) -> list[np.ndarray]:
        """Outputs for each of so many batches, or all."""
        progress, outputs = ProgressBar(verbose, steps), []
        for batch in islice(batches, steps):
            outputs.append(self._output(self._features("x", inputs_of(batch))))
            if progress.due():
                progress.step(len(outputs), {})
        progress.steps = len(outputs)
        progress.end({})
        return outputs

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

    def save(self, path) -> None:
        """Save the model with its weights, what it is compiled with, and the state of its optimizer.

        A file of that name is replaced once the new one is complete; if that fails, the old one stays.
        The loaded model trains on as this one would, to the last bit: ``.npz`` and ``.safetensors`` also hold
        where the random numbers of a seeded model or `Dropout` are. In a ``.keras`` file these start anew,
        and the model has no seed. The history, and what callbacks remember, is in none of them.

        Parameters
        ----------
        path : str or path
            Its extension chooses the format: ``.npz`` (NumPy's, no pickle), ``.safetensors``, ``.keras`` (for
            Keras 3, too), or ``.onnx`` (outputs only, for other programs: it cannot be loaded again).

        Raises
        ------
        ValueError
            If the format has no place for something in the model, such as a function of your own.
        ImportError
            If the format needs a package that is not installed; the message says which.

        See Also
        --------
        fastact.load_model

        Examples
        --------
        >>> import os, tempfile
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Sequential([Dense(2, input_shape=(3,))]).save(os.path.join(folder, "model.npz"))
        ...     os.listdir(folder)
        ['model.npz']
        """
        saving.save_model(self, path)

    def save_weights(self, path) -> None:
        """Save the weights alone, as ``.npz``, ``.safetensors`` or ``.weights.h5`` (for Keras 3, too).

        See Also
        --------
        load_weights, save

        Examples
        --------
        >>> import os, tempfile
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> model = Sequential([Dense(2, input_shape=(3,))])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save_weights(os.path.join(folder, "weights.npz"))
        ...     model.load_weights(os.path.join(folder, "weights.npz"))
        """
        saving.save_weights(self, path)

    def load_weights(self, path) -> None:
        """Set the weights from a file that `save_weights` or `save` wrote for a model of the same layers.

        Parameters
        ----------
        path : str or path
            Ends in ``.npz``, ``.safetensors``, ``.keras`` or ``.weights.h5``, the latter two also from Keras 3.

        Raises
        ------
        ValueError
            If the file is damaged, or its weights are not those of such layers. The model keeps its own then.

        See Also
        --------
        save_weights
        """
        saving.load_weights(self, path)


def refuse_batch_size(batch_size) -> None:
    if batch_size is not None:
        raise ValueError(f"batch_size must not be given where x yields batches, got {batch_size!r}")


def check_batches(done: int, steps: int | None) -> None:
    """Refuse an x that yields no batches at all; warn if there are less than asked for."""
    if done == 0:
        raise ValueError("x is empty: it must yield at least one batch")
    if steps is not None and done < steps:
        warn_of_missing_batches("x", f" after {done} of {steps} steps")


def reported(logs: dict[str, float], as_dict: bool):
    """Means as `evaluate` and `train_on_batch` return them."""
    if as_dict:
        return logs
    values = list(logs.values())
    return values if len(values) > 1 else values[0]
