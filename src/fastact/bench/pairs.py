"""Each function of fastact beside its textbook twin: what the demo and the benchmarks compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from .. import activations, reference
from .._build import OPERANDS
from .._table import ACTIVATIONS, GATES, SOFTMAX_FAMILY, Activation

ROWS = tuple(row.name for row in SOFTMAX_FAMILY if not row.reduces)  # logsumexp takes a dy of another shape
NAMES = (*(row.name for row in ACTIVATIONS), *(gate.name for gate in GATES), *ROWS)
KINDS = ("function", "derivative", "backward")


@dataclass(frozen=True)
class Pair:
    """A function of fastact and its textbook twin; both take the operands that `OPERANDS` names for the kind.

    `halves` says that the result of the function has half the length of x, as in a gated linear unit.
    """

    name: str
    kind: str
    fast: Callable
    textbook: Callable
    halves: bool = False

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


def operands(pair: Pair, size: int, dtype, spread: float = 1.0) -> list[np.ndarray]:
    """Normal operands for a pair, x of about `size` elements in rows of at most a thousand."""
    rng = np.random.default_rng(0)
    width = min(size, 1000)
    if pair.halves:
        width = max(width - width % 2, 2)
    whole = (max(size // width, 1), width)
    half = (whole[0], width // 2)
    shapes = {"x": whole, "dy": half if pair.halves else whole}
    arrays = [rng.standard_normal(shapes[operand]) for operand in OPERANDS[pair.kind]]
    if spread != 1:
        arrays[-1] *= spread
    return [array.astype(dtype) for array in arrays]


def result_like(pair: Pair, arrays: list[np.ndarray]) -> np.ndarray:
    """An array for the result."""
    x = arrays[-1]
    halved = pair.halves and pair.kind == "function"
    return np.empty((*x.shape[:-1], x.shape[-1] // 2) if halved else x.shape, x.dtype)
