"""A schedule gives the learning rate of each step: ``schedule(step)``, steps counted from 0."""

from __future__ import annotations

import math
from bisect import bisect_left

from .._configurable import Configurable, resolved
from .._data import NOT_NEGATIVE, POSITIVE, flag, real_number

__all__ = ["CosineDecay", "ExponentialDecay", "LearningRateSchedule", "PiecewiseConstantDecay", "get"]


def not_negative(name: str, value) -> float:
    return real_number(name, value, *NOT_NEGATIVE)


def positive(name: str, value) -> float:
    return real_number(name, value, *POSITIVE)


class LearningRateSchedule(Configurable):
    """What all schedules share."""

    module = "optimizers.schedules"

    def __call__(self, step) -> float:
        raise NotImplementedError


class ExponentialDecay(LearningRateSchedule):
    """``initial_learning_rate decay_rate^(step / decay_steps)``.

    Parameters
    ----------
    initial_learning_rate : float
        At least 0.
    decay_steps, decay_rate : float
        Greater than 0.
    staircase : bool
        Whether the exponent is rounded down to a whole number.

    Examples
    --------
    >>> from fastact.optimizers.schedules import ExponentialDecay
    >>> ExponentialDecay(1.0, decay_steps=100, decay_rate=0.25)(50)
    0.5
    """

    def __init__(self, initial_learning_rate, decay_steps, decay_rate, staircase=False):
        self.initial_learning_rate = not_negative(
            "ExponentialDecay: initial_learning_rate", initial_learning_rate
        )
        self.decay_steps = positive("ExponentialDecay: decay_steps", decay_steps)
        self.decay_rate = positive("ExponentialDecay: decay_rate", decay_rate)
        self.staircase = flag("ExponentialDecay: staircase", staircase)

    def __call__(self, step):
        exponent = step / self.decay_steps
        return self.initial_learning_rate * self.decay_rate ** (
            math.floor(exponent) if self.staircase else exponent
        )


class CosineDecay(LearningRateSchedule):
    """Half a wave of a cosine from the first learning rate down to `alpha` times it.

    Parameters
    ----------
    initial_learning_rate : float
        At least 0. With `warmup_steps` it rises in that many steps on a straight line from here to
        `warmup_target`, and the decay starts there.
    decay_steps : float
        Greater than 0: how long the decay takes, after which the rate stays.
    alpha : float
        From 0 to 1: the last rate as a share of the first.
    warmup_target : float, optional
    warmup_steps : float
        At least 0.

    References
    ----------
    I. Loshchilov, F. Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017.

    Examples
    --------
    >>> from fastact.optimizers.schedules import CosineDecay
    >>> schedule = CosineDecay(1.0, decay_steps=100)
    >>> schedule(0), round(schedule(50), 12), schedule(200)
    (1.0, 0.5, 0.0)
    """

    def __init__(self, initial_learning_rate, decay_steps, alpha=0.0, warmup_target=None, warmup_steps=0):
        self.initial_learning_rate = not_negative("CosineDecay: initial_learning_rate", initial_learning_rate)
        self.decay_steps = positive("CosineDecay: decay_steps", decay_steps)
        self.alpha = real_number("CosineDecay: alpha", alpha, "from 0 to 1", lambda v: 0 <= v <= 1)
        self.warmup_target = None
        if warmup_target is not None:
            self.warmup_target = not_negative("CosineDecay: warmup_target", warmup_target)
        self.warmup_steps = not_negative("CosineDecay: warmup_steps", warmup_steps)

    def __call__(self, step):
        top = self.initial_learning_rate
        if self.warmup_target is not None:
            top = self.warmup_target
            if step < self.warmup_steps:
                start = self.initial_learning_rate
                return start + (top - start) * step / self.warmup_steps
            step -= self.warmup_steps
        done = min(step / self.decay_steps, 1.0)
        return top * (self.alpha + (1 - self.alpha) * (1 + math.cos(math.pi * done)) / 2)


class PiecewiseConstantDecay(LearningRateSchedule):
    """A learning rate that changes after given steps.

    Parameters
    ----------
    boundaries : list of int
        In ascending order: the last step of each rate but the last one.
    values : list of float
        The rates, one more than boundaries, each at least 0.

    Examples
    --------
    >>> from fastact.optimizers.schedules import PiecewiseConstantDecay
    >>> schedule = PiecewiseConstantDecay([100], [0.1, 0.01])
    >>> schedule(100), schedule(101)
    (0.1, 0.01)
    """

    def __init__(self, boundaries, values):
        self.boundaries, self.values = list(boundaries), list(values)
        if len(self.values) != len(self.boundaries) + 1:
            raise ValueError(
                "PiecewiseConstantDecay: values must be one more than boundaries, "
                f"got {len(self.values)} and {len(self.boundaries)}"
            )
        if sorted(self.boundaries) != self.boundaries:
            raise ValueError(
                f"PiecewiseConstantDecay: boundaries must be in ascending order, got {self.boundaries}"
            )
        self.values = [not_negative("PiecewiseConstantDecay: values", value) for value in self.values]

    def __call__(self, step):
        return self.values[bisect_left(self.boundaries, step)]


#: every schedule by the name of its class
SCHEDULES = {
    schedule.__name__: schedule for schedule in (CosineDecay, ExponentialDecay, PiecewiseConstantDecay)
}


def get(schedule, argument: str = "learning_rate") -> LearningRateSchedule:
    """A schedule from its configuration, or as it is.

    Examples
    --------
    >>> from fastact.optimizers import schedules
    >>> schedules.get({"class_name": "CosineDecay", "config": {"initial_learning_rate": 1, "decay_steps": 9}})
    CosineDecay(initial_learning_rate=1.0, decay_steps=9.0)
    """
    return resolved(argument, schedule, SCHEDULES, LearningRateSchedule, "optimizers.schedules")
