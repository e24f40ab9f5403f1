"""Choose the instruction set whose kernels this process uses, before a module that needs it is imported."""

from __future__ import annotations

import os
from importlib import import_module
from importlib.util import find_spec

from ._kernels import cpu

#: instruction sets that there are kernels for, best last
KNOWN = ("baseline", "avx2", "avx512")
#: those of this installation
BUILT = [name for name in KNOWN if find_spec(f"fastact._kernels.{name}_f32")]


def available() -> list[str]:
    """Instruction sets that both this CPU and this installation have, best last."""
    supported = cpu.instruction_sets()
    return [name for name in BUILT if name in supported]


def choose(forced: str | None) -> str:
    """The instruction set to use; `forced` is the value of FASTACT_ISA.

    Raises
    ------
    ImportError
        If `forced` is not an instruction set, or one that this CPU or installation lacks.
    """
    usable = available()
    if not usable:
        raise ImportError(
            f"fastact was built for {' and '.join(BUILT)} alone, which this CPU does not support"
        )
    if not forced:
        return usable[-1]
    if forced not in usable:
        why = "is not an instruction set that fastact knows"
        if forced in KNOWN:
            why = (
                "is not supported by this CPU" if forced in BUILT else "was not built into this installation"
            )
        raise ImportError(f"FASTACT_ISA={forced!r} {why}; here it may be one of: {', '.join(usable)}")
    return forced


INSTRUCTION_SET = choose(os.environ.get("FASTACT_ISA"))
f32 = import_module(f"fastact._kernels.{INSTRUCTION_SET}_f32")
f64 = import_module(f"fastact._kernels.{INSTRUCTION_SET}_f64")
