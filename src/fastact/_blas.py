"""Which kernels NumPy's OpenBLAS uses for products of matrices, and what helps where the CPU could do better.

OpenBLAS takes an AVX-512 CPU that it does not know for a Haswell, and computes at half the speed, unless
the environment variable OPENBLAS_CORETYPE says otherwise before NumPy is imported.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Mapping

from ._kernels import cpu

CORETYPE = "OPENBLAS_CORETYPE"
#: what OpenBLAS calls its kernels with AVX-512; the first runs on all CPUs that have it
WITH_AVX512 = ("SkylakeX", "Cooperlake", "SapphireRapids")


def libraries() -> list[dict] | None:
    """What threadpoolctl says about each OpenBLAS in this process; None if it is not installed."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return None
    return [library for library in threadpool_info() if library["internal_api"] == "openblas"]


def falls_short(architecture: str, instruction_sets: Collection[str]) -> bool:
    """Whether a CPU that has `instruction_sets` could use better kernels than those of `architecture`."""
    known = {name.lower() for name in WITH_AVX512}
    return "avx512" in instruction_sets and architecture.lower() not in known


def core_type(instruction_sets: Collection[str], environment: Mapping[str, str]) -> str | None:
    """What OPENBLAS_CORETYPE should be; None if it need not be set, or the user has set it."""
    return WITH_AVX512[0] if "avx512" in instruction_sets and CORETYPE not in environment else None


def described(found: list[dict] | None, instruction_sets: Collection[str]) -> str:
    """What computes products of matrices, and what to do if it could be faster."""
    if found is None:
        return "install threadpoolctl to see which kernels OpenBLAS uses"
    if not found:
        return "not OpenBLAS"
    texts = []
    for library in found:
        architecture = library["architecture"]
        text = f"OpenBLAS {library['version']} with kernels for {architecture}"
        if falls_short(architecture, instruction_sets):
            text += (
                "; this CPU has AVX-512, and trains up to twice as fast with "
                f"{CORETYPE}={WITH_AVX512[0]} set before NumPy is imported"
            )
        texts.append(text)
    return "; ".join(dict.fromkeys(texts))


def config() -> str:
    return described(libraries(), cpu.instruction_sets())


def restart_if_faster() -> None:
    """Start the command of this process again where OpenBLAS would use better kernels then.

    NumPy is imported already, with the package itself, so it is too late to set the variable for this process.
    """
    name = core_type(cpu.instruction_sets(), os.environ)
    if name is not None and sys.executable:
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | {CORETYPE: name})
