"""A regularizer adds to the loss what large weights cost."""

from __future__ import annotations

import numpy as np

from ._configurable import Configurable, resolved
from ._data import NOT_NEGATIVE, real_number

__all__ = ["L1", "L1L2", "L2", "Regularizer", "get"]


class Regularizer(Configurable):
    """``sum(l1 |w| + l2 w^2)`` over the elements of a weight; see `L1L2`."""

    module = "regularizers"
    l1 = l2 = 0.0

    def __call__(self, weight) -> float:
        """The penalty for a weight."""
        weight = np.asarray(weight, float)
        return float(self.l1 * np.abs(weight).sum() + self.l2 * np.square(weight).sum())

    def checked(self, name: str, value) -> float:
        return real_number(f"{type(self).__name__}: {name}", value, *NOT_NEGATIVE)


class L1(Regularizer):
    """``l1 sum(|w|)``, which drives weights to 0.

    Parameters
    ----------
    l1 : float
        At least 0.

    Examples
    --------
    >>> from fastact.regularizers import L1
    >>> L1(0.5)([1.0, -2.0])
    1.5
    """

    def __init__(self, l1=0.01):
        self.l1 = self.checked("l1", l1)


class L2(Regularizer):
    """``l2 sum(w^2)``, which keeps weights small.

    Parameters
    ----------
    l2 : float
        At least 0.

    Examples
    --------
    >>> from fastact.regularizers import L2
    >>> L2(0.5)([1.0, -2.0])
    2.5
    """

    def __init__(self, l2=0.01):
        self.l2 = self.checked("l2", l2)


class L1L2(Regularizer):
    """``l1 sum(|w|) + l2 sum(w^2)``.

    Parameters
    ----------
    l1, l2 : float
        At least 0.

    Examples
    --------
    >>> from fastact.regularizers import L1L2
    >>> L1L2(l1=0.5, l2=0.5)([1.0, -2.0])
    4.0
    """

    def __init__(self, l1=0.0, l2=0.0):
        self.l1, self.l2 = self.checked("l1", l1), self.checked("l2", l2)


REGULARIZERS = {"l1": L1, "l2": L2, "l1_l2": L1L2}


def get(regularizer, argument: str = "regularizer") -> Regularizer | None:
    """A regularizer by name, from its configuration, as it is, or None.

    Examples
    --------
    >>> from fastact import regularizers
    >>> regularizers.get("l2")
    L2()
    """
    if regularizer is None:
        return None
    return resolved(argument, regularizer, REGULARIZERS, Regularizer, "regularizers")
