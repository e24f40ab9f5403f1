"""Every public function and gradient, called on one array: for tests of threads and forks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from conftest import KINDS, public

import fastact as fa
from fastact._table import ACTIVATIONS, GATES, SOFTMAX_FAMILY


def calls(x: np.ndarray) -> Iterator[tuple[Callable, ...]]:
    """Each function with its operands, made of an array of one axis, whose length 100 divides."""
    for row in ACTIVATIONS:
        for kind in KINDS:
            function = public(row, kind)
            if function is not None:
                yield (function, x) if kind in ("function", "derivative") else (function, x, x)
    for gate in GATES:
        function = fa.get(gate.name)
        yield function, x
        yield function.backward, x[: len(x) // 2], x
    rows = x.reshape(100, -1)
    for row in SOFTMAX_FAMILY:
        function = fa.get(row.name)
        yield function, rows
        yield function.backward, rows[:, 0] if row.reduces else rows, rows
        if row.from_output:
            yield function.backward_from_output, rows, rows
    labels = np.arange(100)
    yield fa.softmax_cross_entropy, rows, labels
    yield fa.softmax_cross_entropy.backward, rows[:, 0], rows, labels


def answers(x: np.ndarray) -> list[bytes]:
    """The bits of all results."""
    return [function(*operands).tobytes() for function, *operands in calls(x)]
