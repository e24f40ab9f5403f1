"""What this installation is and uses: the facts behind `show_config` and `fastact info`."""

from __future__ import annotations

import platform

import numpy as np

from . import _dispatch


def config() -> dict[str, str]:
    """Facts about the installation, by label."""
    from . import __version__, activations

    dtypes = activations.FUNCTIONS["relu"].types
    return {
        "fastact": __version__,
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "machine": platform.machine(),
        "instruction set": _dispatch.INSTRUCTION_SET,
        "available here": ", ".join(_dispatch.available()),
        "built": ", ".join(_dispatch.BUILT),
        "dtypes": ", ".join(np.dtype(t[0]).name for t in dtypes),
        "activations": ", ".join(activations.names()),
    }


def show_config() -> None:
    """Print version, instruction set in use and available, dtypes and activations.

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
