"""The libraries that fastact is timed against: one module for each, with its fastest spelling of each function.

A module `with_...` imports its library, and holds SPELLINGS: kind -> name -> what binds the operands and
hands back a call without arguments; and ROWS: kind -> name -> what gives such a spelling for an axis, of
functions over rows. Its `ready` brings NumPy's arrays into the form that the library
takes. A function that a library lacks is made of its parts where a user would do so, or left out.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from importlib.metadata import version
from types import ModuleType

import numpy as np

#: name -> what pip calls it
LIBRARIES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "torch": "torch",
    "jax": "jax",
    "onnxruntime": "onnxruntime",
    "numexpr": "numexpr",
    "numba": "numba",
    "thinc": "thinc",
}


class Rival:
    """A library at hand: its name and version, and its functions made ready for a call."""

    def __init__(self, name: str, module: ModuleType) -> None:
        self.name = name
        self.version = version(LIBRARIES[name])
        self.module = module

    def spells(self, name: str, kind: str) -> bool:
        """Whether the library has the function, or a spelling of it."""
        return name in self.rows(kind) or name in self.module.SPELLINGS.get(kind, {})

    def rows(self, kind: str) -> dict[str, Callable]:
        """The spellings of functions over rows, by name: each for an axis."""
        return getattr(self.module, "ROWS", {}).get(kind, {})

    def ready(
        self, name: str, kind: str, arrays: list[np.ndarray], out: np.ndarray, axis: int = -1
    ) -> Callable | None:
        """A call without arguments whose result NumPy reads, or None where the library has no such kernel."""
        rows = self.rows(kind)
        spelling = rows[name](axis) if name in rows else self.module.SPELLINGS[kind][name]
        return self.module.ready(spelling, arrays, out)

    def context(self) -> AbstractContextManager:
        """What its calls are to be made in."""
        return getattr(self.module, "context", nullcontext)()


def load(name: str, threads: int = 1) -> Rival:
    """The rival called `name`, which may use so many threads; ImportError if it is not installed."""
    module = import_module(f".with_{name}", __name__)
    if hasattr(module, "use_threads"):
        module.use_threads(threads)
    return Rival(name, module)
