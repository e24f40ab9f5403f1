"""Every neural-network activation function for NumPy, as real ufuncs with their derivatives."""

from . import activations
from ._config import show_config
from .activations import *  # noqa: F403

__version__ = "0.1.0"
__all__ = ["__version__", "show_config", *activations.__all__]
__test__ = {name: getattr(activations, name).__doc__ for name in activations.__all__}
