"""Each function of fastact beside its textbook twin: what the demo and the benchmarks compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from .. import activations, reference
from .._build import OPERANDS
from .._cross_entropy import softmax_cross_entropy
from .._table import ACTIVATIONS, GATES, SOFTMAX_FAMILY, Activation
from .rivals import labels_of

#: of x for `fastact bench --rows`, along the last axis and the first (the second where there are more than two)
ROW_SHAPES = ((1, 10), (64, 10), (1000, 1000), (128, 50257), (8, 12, 128, 128))
LOSS = "softmax_cross_entropy"
ROWS = tuple(row.name for row in SOFTMAX_FAMILY if not row.reduces)  # logsumexp takes a dy of another shape
NAMES = (*(row.name for row in ACTIVATIONS), *(gate.name for gate in GATES), *ROWS)
ROW_NAMES = (*(row.name for row in SOFTMAX_FAMILY), LOSS)
KINDS = ("function", "derivative", "backward")


@dataclass(frozen=True)
class Pair:
    """A function of fastact and its textbook twin; both take the operands that `OPERANDS` names for the kind.

    `halves` says that the result of the function has half the length of x, as in a gated linear unit;
    `reduces` that it has one number for each row of x along `axis`.
    """

    name: str
    kind: str
    fast: Callable
    textbook: Callable
    halves: bool = False
    reduces: bool = False
    axis: int = -1

    @property
    def label(self) -> str:
        """What fastact's function is called."""
        return self.name if self.kind == "function" else f"{self.name}.{self.kind}"


def public(row: Activation, kind: str) -> Callable:
    """The public function of a row: the activation, its derivative or its backward."""
    activation = activations.get(row.variant_of or row.name)
    member = activation if kind == "function" else getattr(activation, kind)
    return getattr(member, row.name.removeprefix(f"{row.variant_of}_")) if row.variant_of else member


def every_pair() -> Iterator[Pair]:
    """Every activation, derivative and backward of the table, the gated linear units, and the softmax family."""
    for row in ACTIVATIONS:
        name = row.name
        twins = {
            "function": reference.get(name),
            "derivative": reference.get(f"{name}_derivative"),
            "backward": partial(reference.backward, name),
        }
        for kind, textbook in twins.items():
            both = public(row, kind), textbook
            if row.required:
                both = [partial(function, **row.required) for function in both]
            yield Pair(name, kind, *both)
    for gate in GATES:
        function = activations.get(gate.name)
        yield Pair(gate.name, "function", function, partial(reference.get("gated"), gate.name), halves=True)
        backward = partial(reference.get("gated_backward"), gate.name)
        yield Pair(gate.name, "backward", function.backward, backward, halves=True)
    for name in ROWS:
        function = activations.get(name)
        yield Pair(name, "function", function, reference.get(name))
        yield Pair(name, "backward", function.backward, reference.get(f"{name}_backward"))


PAIRS = tuple(every_pair())


def loss(x, axis, out=None):
    """The loss of labels that follow from the shape."""
    return softmax_cross_entropy(x, labels_of(x.shape, axis), axis, out=out)


def loss_backward(dloss, x, axis, out=None):
    return softmax_cross_entropy.backward(dloss, x, labels_of(x.shape, axis), axis, out=out)


def textbook_loss(x, axis):
    return reference.get(LOSS)(x, labels_of(x.shape, axis), axis)


def textbook_loss_backward(dloss, x, axis):
    return reference.get(f"{LOSS}_backward")(dloss, x, labels_of(x.shape, axis), axis)


def textbook_from_output(name: str, dy, y, axis):
    """The gradient of softmax and its kin from their output."""
    if name == "log_softmax":
        return dy - np.exp(y) * dy.sum(axis=axis, keepdims=True)
    sign = -1 if name == "softmin" else 1
    if name == "sparsemax":
        return np.where(
            y > 0, dy - (dy * (y > 0)).sum(axis, keepdims=True) / (y > 0).sum(axis, keepdims=True), 0
        )
    return sign * y * (dy - (dy * y).sum(axis=axis, keepdims=True))


def row_pairs(axis: int) -> Iterator[Pair]:
    """The softmax family along an axis, each with its gradients, and the fused loss of labels."""
    for row in SOFTMAX_FAMILY:
        function = activations.get(row.name)
        twins = {
            "function": (function, reference.get(row.name)),
            "backward": (function.backward, reference.get(f"{row.name}_backward")),
        }
        if row.from_output:
            twins["backward_from_output"] = (
                function.backward_from_output,
                partial(textbook_from_output, row.name),
            )
        for kind, twin in twins.items():
            yield Pair(row.name, kind, *(partial(f, axis=axis) for f in twin), reduces=row.reduces, axis=axis)
    for kind, *twin in (
        ("function", loss, textbook_loss),
        ("backward", loss_backward, textbook_loss_backward),
    ):
        yield Pair(LOSS, kind, *(partial(f, axis=axis) for f in twin), reduces=True, axis=axis)


def shape_of(pair: Pair, size: int | tuple[int, ...]) -> tuple[int, ...]:
    """The shape of x: a shape as it is; a size cut into rows of at most a thousand, along the axis of the pair."""
    if isinstance(size, tuple):
        return size
    width = min(size, 1000)
    if pair.halves:
        width = max(width - width % 2, 2)
    rows = max(size // width, 1)
    return {-1: (rows, width), 0: (width, rows), 1: (1, width, rows)}[pair.axis]


def operands(pair: Pair, size: int | tuple[int, ...], dtype, spread: float = 1.0) -> list[np.ndarray]:
    """Normal operands for a pair, x of a shape, or of about `size` elements; y, where one is due, its softmax."""
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
        arrays[-1] = activations.get(pair.name)(arrays[-1], axis=pair.axis)
    return [array.astype(dtype) for array in arrays]


def result_like(pair: Pair, arrays: list[np.ndarray]) -> np.ndarray:
    """An array for the result."""
    x = arrays[-1]
    shape = x.shape
    if pair.kind == "function" and pair.halves:
        shape = (*shape[:-1], shape[-1] // 2)
    if pair.kind == "function" and pair.reduces:
        shape = tuple(np.delete(shape, pair.axis))
    return np.empty(shape, x.dtype)
