"""One training step for a fixed number of rows: operations bound to arrays that are made once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ._kernels.training import gather

ALIGNMENT = 64


class Plan:
    """What a compiled model computes: its stages, and which of them its loss takes over.

    A last sigmoid or softmax in front of its cross-entropy is left to the loss, which starts from
    the logits.
    """

    def __init__(self, stages: list, loss, metrics: list):
        self.stages = [stage for stage in stages if stage.name != "linear"]
        self.loss, self.metrics = loss, metrics
        last = self.stages[-1].name if self.stages else None
        fused = not loss.from_logits and last is not None and last == loss.fuses_with
        self.last = self.stages.pop() if fused else None
        self.logits = fused or loss.from_logits

    def bind_loss(self, output, target, gradient):
        return self.loss.bind(output, target, gradient, self.logits)

    def bind_metric(self, metric, operation, output: Callable) -> Callable[[], float]:
        """The function that sums a metric over the rows of the step that `operation` has just computed."""
        if metric.counted_by == self.loss.name:
            columns = operation.output.shape[1] if metric.counted_by == "binary_crossentropy" else 1
            if columns == 1:
                return partial(getattr, operation, "correct")
            return lambda: operation.correct / columns
        return lambda: float(np.sum(metric.by_row(operation.target, output())))

    def measure(self, x, target) -> list[float]:
        """The sums of loss and metrics over rows, with no array shared between calls."""
        output = x
        for stage in self.stages:
            output = stage(output)
        operation = self.bind_loss(output, target, np.empty_like(output))

        def final():
            return output if self.last is None else self.last(output)

        return [operation() * len(x), *(self.bind_metric(m, operation, final)() for m in self.metrics)]


class Step:
    """The operations of one training step.

    Attributes
    ----------
    forward, backward : list of callables
        In the order of execution; `loss` stands between them and returns the mean loss.
    measures : list of callables
        A metric each, summed over the rows.
    """

    def __init__(self, plan: Plan, rows: int, x: np.ndarray, target: np.ndarray):
        self.dtype = x.dtype
        self.forward: list[Callable] = []
        self.backward: list[Callable] = []
        self.x = self.room(rows, *x.shape[1:])
        self.target = np.zeros((rows, *target.shape[1:]), target.dtype)
        output, undo = self.x, []
        for stage in plan.stages:
            output, backward = stage.bind(self, output)
            undo.append(backward)
        gradient = self.room(*output.shape)
        self.loss = plan.bind_loss(output, self.target, gradient)
        first = next((k for k, stage in enumerate(plan.stages) if stage.weights), len(undo))
        for k in reversed(range(first, len(undo))):
            gradient = undo[k](gradient, needed=k > first)
        self.measures = [plan.bind_metric(m, self.loss, self.final(plan.last, output)) for m in plan.metrics]

    def room(self, *shape: int) -> np.ndarray:
        """A new array, aligned for the widest vectors."""
        size = int(np.prod(shape)) * self.dtype.itemsize
        memory = np.zeros(size + ALIGNMENT, np.uint8)
        start = -memory.ctypes.data % ALIGNMENT
        return memory[start : start + size].view(self.dtype).reshape(shape)

    def final(self, last, output: np.ndarray) -> Callable[[], np.ndarray]:
        """The function that gives the model's output, whose last activation the loss may have taken over."""
        return lambda: output if last is None else last(output)

    def run_forward(self, x, target, order, start: int) -> float:
        """Take the rows ``order[start:]`` of x and target, and return their mean loss."""
        gather(x, order, start, self.x)
        gather(target, order, start, self.target)
        for operation in self.forward:
            operation()
        return self.loss()

    def run_backward(self) -> None:
        """Compute the gradients of the loss just computed."""
        for operation in self.backward:
            operation()
