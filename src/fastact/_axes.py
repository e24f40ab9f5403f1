"""Which axes of an array a call is about: checked, and counted from 0 on."""

from __future__ import annotations

from operator import index

import numpy as np


def axis_of(name: str, axis, ndim: int, allowed: str = "an integer") -> int:
    """The axis as a number from 0 on, or an error that names it."""
    try:
        place = index(axis) if type(axis) is not bool else None
    except TypeError:
        place = None
    if place is None:
        raise TypeError(f"{name}: axis must be {allowed}, got {axis!r}")
    return np.lib.array_utils.normalize_axis_index(place, ndim, name)


def axes_of(name: str, axis, ndim: int) -> tuple[int, ...]:
    """The axes that make up a row, which may be several, or all: None."""
    if type(axis) is int and -ndim <= axis < ndim:
        return (axis % ndim,)
    if axis is None:
        return tuple(range(ndim))
    if ndim == 0 and axis in (-1, 0):  # a number is a row of one element
        return ()
    several = axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(axis_of(name, a, ndim, "an integer, a tuple of integers or None") for a in several)
    if len(set(axes)) < len(axes):
        raise ValueError(f"{name}: axis must not have an axis twice, got {axis!r}")
    return axes


def without(axes: tuple[int, ...], facts: tuple) -> tuple:
    """What is said of each axis, but for those that make up a row."""
    if len(axes) == 1:
        return facts[: axes[0]] + facts[axes[0] + 1 :]
    return tuple(fact for a, fact in enumerate(facts) if a not in axes)
