"""One cell of the benchmark: fastact and its rivals on the same operands, in turns, each checked before it is timed."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat
from time import perf_counter

import numpy as np

from .pairs import Pair, operands, result_like
from .rivals import Rival

WIDER = {
    np.dtype(np.float16): np.float32,
    np.dtype(np.float32): np.float64,
    np.dtype(np.float64): np.longdouble,
}
PROBE = 10_000  # elements, normally distributed, on which a result is checked
SPREAD = dict.fromkeys(WIDER, 3.0) | {
    np.dtype(np.float16): 1.0
}  # their standard deviation: e^12 is beyond float16
INEXACT = 32.0  # ULP beyond which a result is called inexact
BATCH = 1e-4  # seconds of calls that are timed together


def keep_freed_memory() -> None:
    """Have glibc keep what is freed: rivals without `out=` are not to pay for fresh pages at every call."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return  # another C library
    trim_threshold, mmap_threshold = -1, -3
    mallopt(mmap_threshold, 1 << 30)
    mallopt(trim_threshold, (1 << 31) - 1)


def fastact_ready(pair: Pair, arrays: list[np.ndarray], out: np.ndarray) -> Callable:
    """fastact's own call, with `out=` as the rivals have it, and with required parameters by position.

    By position where it may be: a keyword costs a `partial` 0.2 us.
    """
    function, parameters = pair.fast, ()
    if isinstance(function, partial):
        function, parameters = function.func, function.keywords.values()
    if isinstance(function, np.ufunc):
        return partial(function, *arrays, *parameters, out)
    return partial(function, *arrays, *parameters, out=out)


def largest_errors(got, exact: np.ndarray, dtype: np.dtype, floor: float) -> tuple[float, float]:
    """The largest error in units in the last place of a result of at least `floor`, and relative to at least 1."""
    limits, got = np.finfo(dtype), np.asarray(got)
    with np.errstate(over="ignore"):
        nearest = exact.astype(dtype)
    overflown = np.isinf(nearest) & (got == nearest)  # as it should be
    size = np.abs(exact)
    error = np.abs(np.where(overflown, 0, got.astype(exact.dtype) - exact))
    least, largest = max(floor, float(limits.smallest_normal)), np.nextafter(limits.max, 0)
    ulp = error / np.spacing(np.clip(size, least, largest).astype(dtype)).astype(exact.dtype)
    return float(ulp.max()), float((error / np.maximum(size, 1)).max())


def most(dtype) -> float:
    """The error, relative where the result is over 1, beyond which it is another function, which is not timed."""
    return max(1e-2, 64 * float(np.finfo(dtype).eps))


def exact_result(pair: Pair, arrays: list[np.ndarray]) -> np.ndarray:
    """The textbook's result in the next wider type."""
    with np.errstate(all="ignore"):
        return pair.textbook(*(array.astype(WIDER.get(array.dtype, array.dtype)) for array in arrays))


def error_of(pair: Pair, ready: Callable, dtype) -> tuple[float, float] | None:
    """The errors of a spelling on the probe; None if the library has no kernel for it.

    Only a derivative has a root beside 0 near which digits cancel, so only there small results count as 1.
    At a kink libraries choose differently: the probe has none.
    """
    arrays = operands(pair, PROBE, dtype, SPREAD[np.dtype(dtype)])
    if pair.kind != "backward_from_output":
        x = pair.x_of(arrays)
        x[np.isin(x, pair.kinks)] += x.dtype.type(0.125)
    out = result_like(pair, arrays)
    call = ready(arrays, out)
    if call is None:
        return None
    with np.errstate(all="ignore"):
        got = call()
    return largest_errors(got, exact_result(pair, arrays), out.dtype, 0.0 if pair.kind == "function" else 1.0)


def batch_of(call: Callable) -> int:
    """How many calls fill a batch, by the second call or, of a short one, by more: the first is often slow."""
    call()
    count, taken = 1, 0.0
    while taken < BATCH / 10:
        count *= 4 if taken else 1
        start = perf_counter()
        for _ in repeat(None, count):
            call()
        taken = perf_counter() - start
    return max(1, round(BATCH * count / taken))


def fastest(calls: dict[str, Callable], seconds: float) -> dict[str, float]:
    """The shortest time of a call, each in turn, as often as about `seconds` allow; three times at least."""
    batches = {name: batch_of(call) for name, call in calls.items()}
    shortest = dict.fromkeys(calls, float("inf"))
    end, rounds = perf_counter() + seconds, 0
    while rounds < 3 or perf_counter() < end:
        for name, call in calls.items():
            count = batches[name]
            if count > 1:
                call()  # brings into the cache what another has driven out
            start = perf_counter()
            for _ in repeat(None, count):
                call()
            shortest[name] = min(shortest[name], (perf_counter() - start) / count)
        rounds += 1
    return shortest


@dataclass
class Cell:
    """What was measured of one function at one size: seconds of a call, by name; `errors` in ULP on the probe.

    x has `elements`, which is `size` cut to whole rows; `rows` is its shape and the axis, where these were asked for.
    """

    name: str
    kind: str
    dtype: str
    size: int
    elements: int
    seconds: dict[str, float]
    errors: dict[str, float]
    refused: dict[str, str] = field(default_factory=dict)
    rows: str = ""

    @property
    def place(self) -> str:
        """The size of x, or its shape and axis."""
        return self.rows or f"{self.size:,}"

    @property
    def rivals(self) -> dict[str, float]:
        return {name: s for name, s in self.seconds.items() if name not in ("fastact", "copyto")}

    @property
    def best(self) -> str | None:
        """The fastest rival."""
        return min(self.rivals, key=self.rivals.get, default=None)

    @property
    def ratio(self) -> float:
        """How many times as long as fastact the fastest rival takes; NaN if there is none."""
        return self.rivals[self.best] / self.seconds["fastact"] if self.best else float("nan")

    @property
    def copies(self) -> float:
        """How many copies of x would fit into the time."""
        return self.seconds["fastact"] / self.seconds["copyto"]

    def nanoseconds(self, name: str) -> float:
        """Time for an element of x."""
        return 1e9 * self.seconds[name] / self.elements


class Bench:
    """Measures cells; remembers what is known of each spelling's errors."""

    def __init__(self, rivals: list[Rival], seconds: float) -> None:
        self.rivals, self.seconds = rivals, seconds
        self.errors: dict[tuple, tuple[float, float] | None] = {}
        keep_freed_memory()

    def error(self, name: str, pair: Pair, ready: Callable, dtype) -> tuple[float, float] | None:
        key = name, pair.label, pair.axis, np.dtype(dtype)
        if key not in self.errors:
            self.errors[key] = error_of(pair, ready, dtype)
        return self.errors[key]

    def cell(self, pair: Pair, size: int | tuple[int, ...], dtype) -> Cell:
        """Measure one cell."""
        arrays = operands(pair, size, dtype)
        out, x = result_like(pair, arrays), pair.x_of(arrays)
        copy = np.empty_like(x) if out.shape != x.shape else out
        ready = {"fastact": partial(fastact_ready, pair)} | {
            rival.name: partial(rival.ready, pair.name, pair.kind, axis=pair.axis)
            for rival in self.rivals
            if rival.spells(pair.name, pair.kind)
        }
        calls, errors, refused = {"copyto": partial(np.copyto, copy, x)}, {}, {}
        with ExitStack() as stack, np.errstate(all="ignore"):
            for rival in self.rivals:
                stack.enter_context(rival.context())
            for name, make in ready.items():
                found = self.error(name, pair, make, dtype)
                if found is None:
                    refused[name] = f"no kernel for {np.dtype(dtype).name}"
                    continue
                errors[name], relative = found
                if not relative <= most(dtype):
                    refused[name] = f"wrong by {relative:.2g}"
                    continue
                calls[name] = make(arrays, out)
            if "fastact" not in calls:
                raise AssertionError(f"{pair.label}: {refused['fastact']}")
            seconds = fastest(calls, self.seconds)
        place = {"size": size}
        if isinstance(size, tuple):
            place = {"size": x.size, "rows": f"{'x'.join(map(str, size))}:{pair.axis}"}
        found = {"seconds": seconds, "errors": errors, "refused": refused}
        return Cell(
            name=pair.name, kind=pair.kind, dtype=np.dtype(dtype).name, elements=x.size, **place, **found
        )
