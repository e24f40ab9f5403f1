"""Optimizers: one pass over all parameters of a model, which lie in one flat array."""

from .._configurable import resolved
from . import schedules
from .base import Optimizer
from .descent import SGD, Adam, AdamW, RMSprop

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "RMSprop", "get", "schedules"]

#: every optimizer by the name of its class
OPTIMIZERS = {optimizer.__name__: optimizer for optimizer in (SGD, RMSprop, Adam, AdamW)}


def get(optimizer) -> Optimizer:
    """An optimizer by name, from its configuration, or as it is.

    Examples
    --------
    >>> from fastact import optimizers
    >>> optimizers.get("sgd").learning_rate
    0.01
    """
    return resolved("optimizer", optimizer, OPTIMIZERS, Optimizer, "optimizers")
