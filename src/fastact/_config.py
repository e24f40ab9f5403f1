"""What this installation is and uses: the facts behind `show_config` and `fastact info`."""

from __future__ import annotations

import platform

import numpy as np

from . import _blas, _dispatch
from ._kernels import cpu, ufuncs
from ._ufuncs import NARROW

#: what having an instruction set means, in the words of CPU makers
CPU_FEATURES = {
    "avx2": "AVX AVX2 BMI1 BMI2 F16C FMA LZCNT MOVBE",
    "avx512": "AVX512F AVX512BW AVX512CD AVX512DQ AVX512VL",
}


def cpu_features() -> str:
    """The features of this CPU that the kernels can use beyond their baseline."""
    return " ".join(CPU_FEATURES[name] for name in cpu.instruction_sets() if name in CPU_FEATURES) or "none"


def config() -> dict[str, str]:
    """Facts about the installation, by label."""
    from . import __version__, activations

    builtin = [np.dtype(types[0]) for types in activations.FUNCTIONS["relu"].types]
    dtypes = dict.fromkeys([*builtin, *NARROW])  # a ufunc's types leave bfloat16 out
    return {
        "fastact": __version__,
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "machine": platform.machine(),
        "CPU features": cpu_features(),
        "instruction set": _dispatch.INSTRUCTION_SET,
        "available here": ", ".join(_dispatch.available()),
        "built": ", ".join(_dispatch.BUILT),
        "threads": "{} ({})".format(*ufuncs.thread_limit()),
        "BLAS": _blas.config(),
        "dtypes": ", ".join(dtype.name for dtype in dtypes),
        "activations": ", ".join(activations.names()),
    }


def show_config() -> None:
    """Print versions, CPU features, instruction sets, threads and why no more, BLAS, dtypes and activations.

    With threadpoolctl installed it says whether OpenBLAS, which computes the products of matrices in a training,
    takes the CPU for an older one, and what helps then.

    See Also
    --------
    fastact.names : names of the activations, as a list.

    Examples
    --------
    >>> import fastact as fa
    >>> fa.show_config()  # doctest: +ELLIPSIS
    fastact          ...
    """
    for label, value in config().items():
        print(f"{label:<16} {value}")
