"""Every neural-network activation function for NumPy, as real ufuncs with their derivatives."""

from importlib import import_module

from . import activations
from ._config import show_config
from ._cross_entropy import sigmoid_cross_entropy, softmax_cross_entropy
from ._threads import get_num_threads, set_num_threads
from ._ufuncs import enable_bfloat16, follow_imports
from .activations import *  # noqa: F403

__version__ = "0.1.0"
__all__ = [
    "__version__",
    "enable_bfloat16",
    "get_num_threads",
    "set_num_threads",
    "show_config",
    "sigmoid_cross_entropy",
    "softmax_cross_entropy",
    *activations.__all__,
]
__test__ = {name: getattr(activations, name).__doc__ for name in activations.__all__}

follow_imports()

#: imported at their first use: who wants activations alone does not wait for the trainer
LAZY = [
    "callbacks",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "plot",
    "reference",
    "regularizers",
    "saving",
    "utils",
]
#: what of them is wanted so often that the package offers it itself
SHORTCUTS = ("Sequential", "load_model")


def __getattr__(name):
    if name in LAZY:
        return import_module(f".{name}", __name__)
    if name in SHORTCUTS:
        return getattr(import_module(".models", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *LAZY, *SHORTCUTS})
