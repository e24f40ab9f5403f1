"""A stack of layers with a loss and an optimizer, made ready to train and to predict."""

from __future__ import annotations

import threading

import numpy as np

from . import _data, losses, optimizers, utils
from ._kernels.training import run
from ._stack import Stack
from ._step import Forward, Plan, Step
from .metrics import checked_metric, resolve

#: steps, and predictions, of so many different sizes are kept ready
KEPT = 8
#: what predicts more rows than that is not kept
MOST_ROWS_KEPT = 256


class Compiled(Stack):
    """What `fastact.models.Sequential` is apart from its loops over batches."""

    def __init__(self, layers, name, seed, dtype):
        self.optimizer = self.loss = None
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

    def compile(self, optimizer="rmsprop", loss=None, metrics=None) -> None:
        """Say how to train.

        Parameters
        ----------
        optimizer : str or optimizer, default "rmsprop"
            ``"sgd"``, ``"rmsprop"``, ``"adam"``, ``"adamw"``, or an object of `fastact.optimizers`, which
            serves one model.
        loss : str, function or loss
            ``"mean_squared_error"``, ``"mean_absolute_error"``, ``"huber"``, ``"binary_crossentropy"``,
            ``"categorical_crossentropy"``, ``"sparse_categorical_crossentropy"``, or an object of
            `fastact.losses`. A loss that does not fit the last activation is a UserWarning.
        metrics : list of str, function or metric, optional
            ``"accuracy"`` is the one that fits the loss and the output, as in Keras. The history calls a metric
            that is given by a string just so.

        Raises
        ------
        TypeError
            If no loss is given, or metrics are no list.
        ValueError
            If there is no such optimizer, loss or metric, the optimizer trains another model already, or the loss
            has no reduction.

        Examples
        --------
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> model = Sequential([Dense(2, activation="softmax")])
        >>> model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        """
        if loss is None:
            raise TypeError("compile: loss must be given")
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
        was_built = self.built
        x = self._features(f"{of}x", x)
        if len(self._output_shape) != 1:
            output = self._output_shape
            if not was_built:  # let other data decide the shape
                self._input_shape = None
            raise ValueError(
                f"the output must have one dimension beside the rows, got {output} for {of}x of the shape "
                f"{x.shape}: give x the shape (rows, features), or the model a Flatten"
            )
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
            if len(self._steps) >= KEPT:
                self._steps.clear()
            step = Step(self._planned(), rows, x, target, weighted, self.dtype)
            self._steps[rows, weighted] = step
        return step

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
            if rows <= MOST_ROWS_KEPT:
                if len(kept) >= KEPT:
                    kept.clear()
                kept[rows] = forward
        return forward
