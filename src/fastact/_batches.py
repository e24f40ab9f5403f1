"""Where batches come from, to train with or to measure: arrays, or an iterable that yields them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np

from . import _data


class Batch(NamedTuple):
    """Rows ``order[start : start + rows]`` of inputs, targets, and weights or None."""

    x: np.ndarray
    y: np.ndarray
    weights: np.ndarray | None
    order: np.ndarray
    start: int
    rows: int


class ArrayBatches:
    """Batches of arrays, for each pass in a new order if there is an `rng`."""

    def __init__(self, x, y, weights, batch_size: int, rng: np.random.Generator | None = None):
        self.arrays = (x, y, weights)
        self.batch_size, self.rng = batch_size, rng
        self.steps = math.ceil(len(x) / batch_size)

    def __iter__(self) -> Iterator[Batch]:
        rows = len(self.arrays[0])
        order = np.arange(rows, dtype=np.int64)  # anew, so that two trainings in a row shuffle as one does
        if self.rng is not None:
            self.rng.shuffle(order)
        for start in range(0, rows, self.batch_size):
            yield Batch(*self.arrays, order, start, min(self.batch_size, rows - start))


class StreamedBatches:
    """Batches that an iterable yields as tuples (x, y) or (x, y, sample_weight).

    `checked` makes of such a tuple what the model takes; `name` is what the user calls the iterable.
    """

    steps = None

    def __init__(self, source, checked, name: str = "x"):
        self.source, self.checked, self.name = source, checked, name

    def __iter__(self) -> Iterator[Batch]:
        for batch in self.source:
            if not isinstance(batch, (tuple, list)) or len(batch) not in (2, 3):
                raise TypeError(
                    f"{self.name} must yield batches (x, y) or (x, y, sample_weight), got {type(batch).__name__}"
                )
            x, y, weights = self.checked(*batch)
            yield Batch(x, y, weights, np.arange(len(x), dtype=np.int64), 0, len(x))


def is_stream(x) -> bool:
    """Whether x yields batches, and is not itself an array or a sequence of rows."""
    rows = any(hasattr(x, name) for name in ("__array__", "__array_interface__", "tocsr"))
    return hasattr(x, "__iter__") and not rows and not isinstance(x, (list, tuple, str, dict))


def inputs_of(batch):
    """What to predict of a batch that an iterable yields: inputs alone, or in front of what else there is."""
    if not isinstance(batch, (tuple, list)):
        return batch
    if len(batch) not in (1, 2, 3):
        raise TypeError(f"x must yield batches x, (x, y) or (x, y, sample_weight), got {len(batch)} of them")
    return batch[0]


class Epochs:
    """Cuts batches into epochs: passes over all of them, or pieces of so many steps that go on and on."""

    def __init__(self, batches, steps: int | None):
        self.batches = batches
        self.steps = batches.steps if steps is None else steps
        self.endless = None if steps is None else self._endless()

    def _endless(self) -> Iterator[Batch]:
        while True:
            some = False
            for batch in self.batches:
                some = True
                yield batch
            if not some:
                return

    def __iter__(self) -> Iterator[Batch]:
        """The batches of the next epoch."""
        return iter(self.batches) if self.endless is None else islice(self.endless, self.steps)


def split(x, y, weights, share: float):
    """The first rows to train with, and the last ones to validate with."""
    first = math.floor(len(x) * (1 - share))
    if first in (0, len(x)):
        kind = "validate" if first else "train"
        raise ValueError(f"validation_split={share} of {len(x)} rows leaves none to {kind} with")
    arrays = (x, y, weights)
    return [[a if a is None else a[rows] for a in arrays] for rows in (slice(first), slice(first, None))]


def checked_share(value) -> float:
    return _data.real_number("validation_split", value, *_data.FRACTION)
