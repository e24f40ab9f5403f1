"""Each function of fastact beside its textbook twin: what the demo and the benchmarks compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from .. import activations, reference
from .._cross_entropy import sigmoid_cross_entropy, softmax_cross_entropy
from .._table import ACTIVATIONS, GATES, OPERANDS, SOFTMAX_FAMILY, Activation
from . import from_output

#: of x for `fastact bench --rows`, along the last axis and the first (the second where there are more than two)
ROW_SHAPES = ((1, 10), (64, 10), (1000, 1000), (128, 50257), (8, 12, 128, 128))
ROW_LOSS, LOSS = "softmax_cross_entropy", "sigmoid_cross_entropy"
ROW_NAMES = (*(row.name for row in SOFTMAX_FAMILY), ROW_LOSS)
NAMES = (*(row.name for row in ACTIVATIONS), *(gate.name for gate in GATES), *ROW_NAMES, LOSS)


@dataclass(frozen=True)
class Pair:
    """A function of fastact and its textbook twin; both take the operands that `OPERANDS` names for the kind.

    A loss takes its `target` besides: the "labels" of rows, or "probabilities" of elements.
    `halves` says that the result of the function has half the length of x, as in a gated linear unit;
    `reduces` that it has one number for each row of x along `axis`. `kinks` are the x where a
    derivative is a matter of choice. `forward` is what y is the result of.
    """

    name: str
    kind: str
    fast: Callable
    textbook: Callable
    halves: bool = False
    reduces: bool = False
    axis: int = -1
    target: str | None = None
    kinks: tuple[float, ...] = ()
    forward: Callable | None = None

    @property
    def label(self) -> str:
        """What fastact's function is called."""
        return self.name if self.kind == "function" else f"{self.name}.{self.kind}"

    def x_of(self, arrays: list[np.ndarray]) -> np.ndarray:
        """x, or y in its place, among the operands."""
        return arrays[len(OPERANDS[self.kind]) - 1]


def published(row: Activation, kind: str = "function") -> Callable | None:
    """The public function of a row; of a variant, the form that it stands for. None if there is none."""
    activation = activations.get(row.variant_of or row.name)
    function = activation if kind == "function" else getattr(activation, kind)
    if row.variant_of and function is not None:
        return getattr(function, row.name.removeprefix(f"{row.variant_of}_"))
    return function


def elementwise_pairs() -> Iterator[Pair]:
    """Every activation of the table with its derivative and gradients, and the gated linear units."""
    for row in ACTIVATIONS:
        name = row.name
        twins = {
            "function": reference.get(name),
            "derivative": reference.get(f"{name}_derivative"),
            "backward": partial(reference.backward, name),
        }
        if name in from_output.ELEMENTWISE:
            twins["backward_from_output"] = from_output.ELEMENTWISE[name]
        for kind, textbook in twins.items():
            both = published(row, kind), textbook
            if row.required:
                both = [partial(function, **row.required) for function in both]
            yield Pair(name, kind, *both, kinks=(*row.kinks,), forward=published(row))
    for gate in GATES:
        function = activations.get(gate.name)
        yield Pair(gate.name, "function", function, partial(reference.get("gated"), gate.name), halves=True)
        backward = partial(reference.get("gated_backward"), gate.name)
        yield Pair(gate.name, "backward", function.backward, backward, halves=True)


def twins_of_loss(loss: Callable, name: str) -> Iterator[tuple[str, Callable, Callable]]:
    """A fused loss and its gradient, each with its textbook twin."""
    yield "function", loss, reference.get(name)
    yield "backward", loss.backward, reference.get(f"{name}_backward")


def row_pairs(axis: int) -> Iterator[Pair]:
    """The softmax family along an axis, each with its gradients, and the fused loss of labels."""
    for row in SOFTMAX_FAMILY:
        function = activations.get(row.name)
        twins = {
            "function": (function, reference.get(row.name)),
            "backward": (function.backward, reference.get(f"{row.name}_backward")),
        }
        if row.from_output:
            twins["backward_from_output"] = function.backward_from_output, from_output.OVER_ROWS[row.name]
        forward = partial(function, axis=axis)
        for kind, twin in twins.items():
            both = [partial(f, axis=axis) for f in twin]
            yield Pair(row.name, kind, *both, reduces=row.reduces, axis=axis, forward=forward)
    for kind, *twin in twins_of_loss(softmax_cross_entropy, ROW_LOSS):
        both = [partial(f, axis=axis) for f in twin]
        yield Pair(ROW_LOSS, kind, *both, reduces=True, axis=axis, target="labels")


PAIRS = (
    *elementwise_pairs(),
    *row_pairs(-1),
    *(Pair(LOSS, *twin, target="probabilities") for twin in twins_of_loss(sigmoid_cross_entropy, LOSS)),
)


def shape_of(pair: Pair, size: int | tuple[int, ...]) -> tuple[int, ...]:
    """The shape of x: a shape as it is; a size cut into rows of at most a thousand, along the axis of the pair."""
    if isinstance(size, tuple):
        return size
    width = min(size, 1000)
    if pair.halves:
        width = max(width - width % 2, 2)
    rows = max(size // width, 1)
    return {-1: (rows, width), 0: (width, rows), 1: (1, width, rows)}[pair.axis]


def target_of(pair: Pair, shape: tuple[int, ...], dtype) -> np.ndarray:
    """A label for each row of x along the axis of the pair, or a probability for each element."""
    rng = np.random.default_rng(1)
    if pair.target == "labels":
        return rng.integers(0, shape[pair.axis], np.delete(shape, pair.axis))
    return rng.random(shape).astype(dtype)


def operands(pair: Pair, size: int | tuple[int, ...], dtype, spread: float = 1.0) -> list[np.ndarray]:
    """Normal operands for a pair, x of a shape, or of about `size` elements; y, where one is due, is f(x)."""
    rng = np.random.default_rng(0)
    whole = shape_of(pair, size)
    result = (*whole[:-1], whole[-1] // 2) if pair.halves else whole
    if pair.reduces:
        result = tuple(np.delete(whole, pair.axis))
    shapes = {"x": whole, "y": whole, "dy": result}
    arrays = [rng.standard_normal(shapes[operand]) for operand in OPERANDS[pair.kind]]
    if spread != 1:
        arrays[-1] *= spread
    if pair.kind == "backward_from_output":
        arrays[-1] = pair.forward(arrays[-1])
    with np.errstate(over="ignore"):  # float16 ends at 65504
        arrays = [array.astype(dtype) for array in arrays]
    return arrays if pair.target is None else [*arrays, target_of(pair, whole, dtype)]


def result_like(pair: Pair, arrays: list[np.ndarray]) -> np.ndarray:
    """An array for the result."""
    x = pair.x_of(arrays)
    shape = x.shape
    if pair.kind == "function" and pair.halves:
        shape = (*shape[:-1], shape[-1] // 2)
    if pair.kind == "function" and pair.reduces:
        shape = tuple(np.delete(shape, pair.axis))
    return np.empty(shape, x.dtype)
