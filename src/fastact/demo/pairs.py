"""Each function of fastact beside its textbook twin: what the demo and the benchmarks compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from .. import activations, reference
from .._table import ACTIVATIONS, Activation


@dataclass(frozen=True)
class Pair:
    """A function of fastact and its textbook twin; both take `operands` arrays of the same shape."""

    name: str
    kind: str
    operands: int
    fast: Callable
    textbook: Callable

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
    """Every activation, derivative and backward of the table, and the softmax family by rows."""
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
            yield Pair(name, kind, 2 if kind == "backward" else 1, *both)
    for name in ("softmax", "log_softmax"):
        function = activations.get(name)
        yield Pair(name, "function", 1, function, reference.get(name))
        yield Pair(name, "backward", 2, function.backward, reference.get(f"{name}_backward"))


PAIRS = tuple(every_pair())


def operands(pair: Pair, size: int, dtype) -> list[np.ndarray]:
    """Standard normal operands for a pair, in rows of at most a thousand."""
    rng = np.random.default_rng(0)
    shape = (size // min(size, 1000), min(size, 1000))
    return [rng.standard_normal(shape).astype(dtype) for _ in range(pair.operands)]
