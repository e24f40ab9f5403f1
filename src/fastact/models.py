"""A model is a stack of layers that learns: build, compile, fit, evaluate, predict."""

from __future__ import annotations

import math
import re

import numpy as np

from . import _data, losses, optimizers, utils
from ._step import Plan, Step
from .callbacks import History, ProgressBar
from .layers import Input, Layer
from .metrics import checked_metric, resolve

__all__ = ["Sequential"]

#: steps of so many different sizes are kept ready
STEPS_KEPT = 8
#: overflow shows in the loss, and need not be said twice
QUIET = np.errstate(all="ignore")
#: rows that are validated at a time, at least
MEASURED_AT_ONCE = 256


class Sequential:
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
        if name is not None and not isinstance(name, str):
            raise TypeError(f"Sequential: name must be a string, got {name!r}")
        self.name = name or "sequential"
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise ValueError(f"Sequential: dtype must be 'float32' or 'float64', got {dtype!r}")
        self.seed = utils.checked_seed(seed, "Sequential: seed")
        self.layers: list[Layer] = []
        self.stop_training = False
        self.optimizer = self.loss = self.history = None
        self._metrics: list = []
        self._input_shape: tuple[int, ...] | None = None
        self._rng = None if seed is None else utils.generator(self.seed)
        self._parameters = self._gradients = None
        self._forget()
        if isinstance(layers, (Layer, Input)):
            raise TypeError(f"Sequential: layers must be a list of layers, got {layers!r}")
        for layer in layers or ():
            self.add(layer)

    def __repr__(self):
        return f"Sequential({self.layers!r}, name={self.name!r})"

    def __getstate__(self):
        made_again = ("_parameters", "_gradients", "_steps", "_plan")
        return {name: value for name, value in vars(self).items() if name not in made_again}

    def __setstate__(self, state):
        vars(self).update(state, _parameters=None, _gradients=None)
        self._forget()
        if self.built:
            self._flatten()

    # -- structure ------------------------------------------------------------------------------

    @property
    def built(self) -> bool:
        """Whether the shape of the input is known and the weights exist."""
        return self._input_shape is not None and all(layer.built for layer in self.layers)

    @property
    def input_shape(self):
        """Shape of the input, None for the number of rows."""
        self._require_built("input_shape")
        return (None, *self._input_shape)

    @property
    def output_shape(self):
        """Shape of the output, None for the number of rows."""
        self._require_built("output_shape")
        return (None, *self._output_shape)

    @property
    def _output_shape(self) -> tuple[int, ...]:
        return self.layers[-1].output_shape if self.layers else self._input_shape

    @property
    def _stages(self) -> list:
        return [stage for layer in self.layers for stage in layer.stages]

    @property
    def _weights(self) -> list[np.ndarray]:
        return [weight for stage in self._stages for weight in stage.weights]

    def add(self, layer) -> None:
        """Put a layer at the end.

        Parameters
        ----------
        layer : layer or Input
            A layer belongs to one model. An `Input` comes first.

        Examples
        --------
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense, Input
        >>> model = Sequential()
        >>> model.add(Input((3,)))
        >>> model.add(Dense(2))
        >>> model.count_params()
        8
        """
        if isinstance(layer, Input):
            if self.layers or self._input_shape:
                raise ValueError("Input must be the first of a model")
            self._input_shape = layer.shape
            return
        if not isinstance(layer, Layer):
            raise TypeError(f"a model is made of layers and an Input, got {layer!r}")
        if layer.in_model:
            raise ValueError(f"{layer!r} is in a model already: make another one")
        if layer.declared_shape is not None:
            before = self._output_shape if self.built else self._input_shape
            if not self.layers and before is None:
                self._input_shape = layer.declared_shape
            elif before != layer.declared_shape:
                raise ValueError(
                    f"{layer!r} has input_shape {layer.declared_shape}, but what comes before gives {before}"
                )
        names = {other.name for other in self.layers}
        if layer.name in names:
            raise ValueError(f"two layers are named {layer.name!r}")
        if layer.name is None:
            stem = re.sub(r"(?<!^)(?=[A-Z])", "_", type(layer).__name__).lower()
            numbered = (stem if not k else f"{stem}_{k}" for k in range(len(names) + 1))
            layer.name = next(name for name in numbered if name not in names)
        layer.in_model = True
        self.layers.append(layer)
        if self._input_shape is not None:
            self._build()

    def _build(self) -> None:
        rng = self._rng or utils.generator()
        shape = self._input_shape
        for layer in self.layers:
            if not layer.built:
                layer.build(shape, self.dtype, rng)
            shape = layer.output_shape
        self._flatten()

    def _flatten(self) -> None:
        """Move all weights into one array, of which the layers hold views; the same for their gradients."""
        self._forget()
        weights = self._weights
        self._parameters = (
            np.concatenate([w.ravel() for w in weights]) if weights else np.empty(0, self.dtype)
        )
        self._gradients = np.zeros_like(self._parameters)
        start = 0
        for stage in self._stages:
            if not stage.weights:
                continue
            stage.gradients.clear()
            for k, weight in enumerate(stage.weights):
                end = start + weight.size
                stage.weights[k] = self._parameters[start:end].reshape(weight.shape)
                stage.gradients.append(self._gradients[start:end].reshape(weight.shape))
                start = end

    def _forget(self) -> None:
        self._steps: dict[int, Step] = {}
        self._plan: Plan | None = None
        if self.optimizer is not None and self.optimizer.parameters is self._parameters:
            self.optimizer.release()

    def _require_built(self, what: str) -> None:
        if not self.built:
            raise ValueError(
                f"{what}: the model is not built yet; give the first layer an input_shape, or the model data"
            )

    def _features(self, name: str, x) -> np.ndarray:
        """x as the model takes it; the first data decide the shape of the input."""
        x = _data.features(name, x, self._input_shape, self.dtype)
        if not self.built:
            self._input_shape = x.shape[1:]
            self._build()
        return x

    def count_params(self) -> int:
        """Number of weights.

        Examples
        --------
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> Sequential([Dense(2, input_shape=(3,))]).count_params()
        8
        """
        self._require_built("count_params")
        return sum(layer.count_params() for layer in self.layers)

    def summary(self) -> None:
        """Print the layers with their shapes and numbers of weights.

        Examples
        --------
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> Sequential([Dense(2, input_shape=(3,))]).summary()
        Model: "sequential"
        ┌───────────────┬──────────────┬─────────┐
        │ Layer (type)  │ Output Shape │ Param # │
        ├───────────────┼──────────────┼─────────┤
        │ dense (Dense) │ (None, 2)    │       8 │
        └───────────────┴──────────────┴─────────┘
         Total params: 8 (32 bytes)
        """
        self._require_built("summary")
        rows = [("Layer (type)", "Output Shape", "Param #")]
        for layer in self.layers:
            shape = str((None, *layer.output_shape))
            rows.append((f"{layer.name} ({type(layer).__name__})", shape, f"{layer.count_params():,}"))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["─" * (width + 2) for width in widths]
        print(f'Model: "{self.name}"')
        print(f"┌{'┬'.join(lines)}┐")
        for k, (name, shape, count) in enumerate(rows):
            count = count.ljust(widths[2]) if k == 0 else count.rjust(widths[2])
            print(f"│ {name:<{widths[0]}} │ {shape:<{widths[1]}} │ {count} │")
            if k == 0:
                print(f"├{'┼'.join(lines)}┤")
        print(f"└{'┴'.join(lines)}┘")
        print(f" Total params: {self.count_params():,} ({self._parameters.nbytes:,} bytes)")

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all weights, layer after layer: kernel, bias, kernel, ...

        See Also
        --------
        set_weights

        Examples
        --------
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> [w.shape for w in Sequential([Dense(2, input_shape=(3,))]).get_weights()]
        [(3, 2), (2,)]
        """
        self._require_built("get_weights")
        return [weight.copy() for weight in self._weights]

    def set_weights(self, weights) -> None:
        """Set all weights, given in the order of `get_weights`.

        Examples
        --------
        >>> import numpy as np
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> model = Sequential([Dense(1, input_shape=(2,))])
        >>> model.set_weights([np.array([[1.0], [2.0]]), np.array([0.5])])
        >>> model.predict(np.array([[1.0, 1.0]]), verbose=0)
        array([[3.5]], dtype=float32)
        """
        self._require_built("set_weights")
        own = self._weights
        weights = list(weights)
        if len(weights) != len(own):
            raise ValueError(f"set_weights: the model has {len(own)} weights, got {len(weights)}")
        new = []
        for k, (weight, given) in enumerate(zip(own, weights, strict=True)):
            given = _data.numeric(f"weights[{k}]", given)
            if given.shape != weight.shape:
                raise ValueError(f"weights[{k}] must have the shape {weight.shape}, got {given.shape}")
            new.append(_data.finite(f"weights[{k}]", given, self.dtype))
        for weight, given in zip(own, new, strict=True):
            weight[...] = given

    # -- training -------------------------------------------------------------------------------

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
        self._forget()
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

    # -- prediction -----------------------------------------------------------------------------

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
