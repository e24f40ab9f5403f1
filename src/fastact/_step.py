"""One training step for a fixed number of rows: operations bound to arrays that are made once."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ._data import target_dtype
from ._kernels.training import Blockwise, Penalty, address_of, gather, run

ALIGNMENT = 64


class Plan:
    """What a compiled model computes: its stages, and which of them its loss takes over.

    A last sigmoid or softmax in front of its cross-entropy is left to the loss, which starts from
    the logits.

    Attributes
    ----------
    rng : numpy.random.Generator or None
        Where a dropout without a seed of its own takes its numbers from.
    """

    rng: np.random.Generator | None = None

    def __init__(self, stages: list, loss, metrics: list):
        self.stages = [stage for stage in stages if stage.name != "linear"]
        self.loss, self.metrics = loss, metrics
        self.cheap_metrics = [metric for metric in metrics if metric.cheap]
        ends = [stage.kind for stage in self.stages if stage.computes and stage.name != "flatten"]
        self.ends_in = ends[-1] if ends and ends[-1] != "affine" else None
        fused = not loss.from_logits and self.ends_in is not None and self.ends_in == loss.fuses_with
        fused = fused and self.stages[-1].kind == self.ends_in
        self.last = self.stages[-1] if fused else None
        if fused:
            self.stages[-1:] = self.last.before_loss
        self.logits = fused or loss.from_logits
        self.penalties = [
            Penalty(weight, gradient, regularizer.l1, regularizer.l2)
            for stage in self.stages
            for weight, gradient, regularizer in zip(
                stage.weights, stage.gradients, stage.regularizers, strict=True
            )
            if regularizer is not None
        ]

    def reset_metrics(self) -> None:
        for metric in self.metrics:
            metric.reset_state()

    def penalty(self) -> float:
        """What the regularizers add to the loss."""
        return sum(penalty() for penalty in self.penalties)

    def bind_loss(self, output, target, gradient, weights):
        return self.loss.bind(output, target, gradient, self.logits, weights)

    def final(self, output: np.ndarray) -> np.ndarray:
        """The model's output, whose last activation the loss may have taken over."""
        return output if self.last is None else self.last(output)

    def bind_metric(self, metric, operation) -> Callable[[], None]:
        """The function that adds the rows that `operation` has just computed to a metric."""
        rows, columns = operation.output.shape
        if metric.counted_by == self.loss.name and not self.loss.label_smoothing:
            share = 1 / columns if metric.counted_by == "binary_crossentropy" else 1
            return lambda: metric.add(operation.correct * share, rows)
        return lambda: metric.update_state(operation.target, self.final(operation.output))

    def measure(self, x, target, weights) -> float:
        """Add rows to the metrics, with no array shared between calls, and return their loss."""
        output = x
        for stage in self.stages:
            output = stage(output)
        if weights is not None:
            weights = self.loss.normalized(np.array(weights))
        operation = self.bind_loss(output, target, np.empty_like(output), weights)
        loss = operation() + self.penalty()
        for metric in self.metrics:
            self.bind_metric(metric, operation)()
        return loss


class Forward:
    """The operations that compute an output, for a fixed number of rows.

    Attributes
    ----------
    x, output : ndarray
        Where the rows go, and where their output stands afterwards.
    forward : list of callables
        In the order of execution.
    """

    def __init__(self, rows: int, shape: tuple[int, ...], dtype):
        self.dtype = dtype
        self.forward: list[Callable] = []
        self.backward: list[Callable] = []
        self.output = self.x = self.room(rows, *shape)

    def room(self, *shape: int) -> np.ndarray:
        """A new array, aligned for the widest vectors."""
        size = math.prod(shape) * self.dtype.itemsize
        memory = np.zeros(size + ALIGNMENT, np.uint8)
        start = -address_of(memory) % ALIGNMENT
        return memory[start : start + size].view(self.dtype).reshape(shape)

    def bind(self, stages: list) -> list[Callable]:
        """Append what the stages do; what each does backward is returned."""
        undo = []
        for stage in stages:
            self.output, backward = stage.bind(self, self.output)
            undo.append(backward)
        self.forward = joined(self.forward)
        return undo


def joined(operations: list[Callable]) -> list[Callable]:
    """The same with neighbours as one where they go over the same matrix, as a bias and an activation do."""
    result: list[Callable] = []
    for operation in operations:
        if result and Blockwise.fits(result[-1], operation):
            operation = Blockwise(result.pop(), operation)
        result.append(operation)
    return result


class Step(Forward):
    """The operations of one training step.

    Attributes
    ----------
    backward : list of callables
        In the order of execution; `loss` stands before them and returns the mean loss.
    measures : list of callables
        Each adds the rows to a metric.
    """

    def __init__(self, plan: Plan, rows: int, x: np.ndarray, target: np.ndarray, weighted: bool, dtype):
        super().__init__(rows, x.shape[1:], dtype)
        self.plan = plan
        self.target = np.zeros((rows, *target.shape[1:]), target_dtype(target, dtype))
        self.weights = self.room(rows) if weighted else None
        undo = self.bind(plan.stages)
        gradient = self.room(*self.output.shape)
        self.loss = plan.bind_loss(self.output, self.target, gradient, self.weights)
        first = next((k for k, stage in enumerate(plan.stages) if stage.weights), len(undo))
        for k in reversed(range(first, len(undo))):
            gradient = undo[k](gradient, needed=k > first)
        self.backward = joined(self.backward)
        self.backward += [penalty.add_gradient for penalty in plan.penalties]
        self.measures = [plan.bind_metric(metric, self.loss) for metric in plan.metrics]

    @property
    def rng(self) -> np.random.Generator | None:
        return self.plan.rng

    def run_forward(self, x, target, weights, order, start: int) -> float:
        """Take the rows ``order[start:]`` of x, target and weights, and return their mean loss."""
        gather(x, order, start, self.x)
        gather(target, order, start, self.target)
        if weights is not None:
            gather(weights, order, start, self.weights)
            self.plan.loss.normalized(self.weights)
        run(self.forward)
        return self.loss() + self.plan.penalty() if self.plan.penalties else self.loss()

    def run_backward(self) -> None:
        """Compute the gradients of the loss just computed."""
        run(self.backward)
