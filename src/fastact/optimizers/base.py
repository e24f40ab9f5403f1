"""What all optimizers share: the learning rate, clipping, and the arrays that they work on."""

from __future__ import annotations

import numpy as np

from .._configurable import Configurable
from .._data import FRACTION, real_number
from .._kernels.training import Clip, Update
from .schedules import LearningRateSchedule, get, not_negative


class Optimizer(Configurable):
    """What all optimizers share; see `SGD` and `Adam`.

    Attributes
    ----------
    learning_rate : float
        Of the next step. May be set between and during fits, unless a schedule says what it is.
    iterations : int
        Number of steps so far.
    moments : list of ndarray
        What the optimizer remembers, in arrays as long as all parameters together.
    """

    module = "optimizers"

    def __init__(self, learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm):
        def limit(name, value):
            name = f"{type(self).__name__}: {name}"
            if value is None:
                return None
            return real_number(name, value, "greater than 0", lambda v: v > 0)

        self.iterations = 0
        self._learning_rate = None
        self.learning_rate = learning_rate
        self.weight_decay = None
        if weight_decay is not None:
            self.weight_decay = not_negative(f"{type(self).__name__}: weight_decay", weight_decay)
        self.clipnorm = limit("clipnorm", clipnorm)
        self.clipvalue = limit("clipvalue", clipvalue)
        self.global_clipnorm = limit("global_clipnorm", global_clipnorm)
        if [self.clipnorm, self.clipvalue, self.global_clipnorm].count(None) < 2:
            raise ValueError(
                f"{type(self).__name__}: give one of clipnorm, clipvalue, global_clipnorm, "
                f"got {self.clipnorm}, {self.clipvalue}, {self.global_clipnorm}"
            )
        self.moments: list[np.ndarray] = []
        self.release()

    @property
    def learning_rate(self) -> float:
        scheduled = isinstance(self._learning_rate, LearningRateSchedule)
        return self._learning_rate(self.iterations) if scheduled else self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        if isinstance(self._learning_rate, LearningRateSchedule):
            raise TypeError(f"learning_rate follows {self._learning_rate!r}: it cannot be set")
        if isinstance(value, (dict, LearningRateSchedule)):
            self._learning_rate = get(value)
        else:
            self._learning_rate = not_negative(f"{type(self).__name__}: learning_rate", value)

    def __getstate__(self):
        return vars(self) | {"parameters": None, "update": None, "clips": []}

    def argument(self, name):
        return self._learning_rate if name == "learning_rate" else super().argument(name)

    @property
    def kernel(self) -> str:
        """Name of the kernel that makes a step."""
        raise NotImplementedError

    @property
    def moment_count(self) -> int:
        """How many arrays as long as the parameters the optimizer keeps."""
        raise NotImplementedError

    def operands(self) -> list[np.ndarray | None]:
        """The moments in the places where the kernel expects them."""
        return self.moments

    def settings(self, learning_rate: float) -> tuple[float, ...]:
        """The rate and the three numbers that the kernel takes; called after `iterations` has grown."""
        raise NotImplementedError

    def bind(self, parameters: np.ndarray, gradients: np.ndarray, sections=()) -> None:
        """Take charge of a model's flat parameters; moments for as many of the same dtype are kept.

        `sections` are the gradients of the weights, views into the flat array of gradients.
        """
        if self.parameters is not None and self.parameters is not parameters:
            raise ValueError(
                f"this {type(self).__name__} trains another model already: make one for each model"
            )
        kept = [(m.size, m.dtype) for m in self.moments]
        if kept != [(parameters.size, parameters.dtype)] * self.moment_count:
            self.moments = [np.zeros_like(parameters) for _ in range(self.moment_count)]
            self.iterations = 0
        self.parameters = parameters
        self.update = Update(self.kernel, parameters, gradients, *self.operands())
        self.clips = []
        if self.clipnorm is not None:
            self.clips = [Clip("clip_norm", section, self.clipnorm) for section in sections or [gradients]]
        elif self.global_clipnorm is not None:
            self.clips = [Clip("clip_norm", gradients, self.global_clipnorm)]
        elif self.clipvalue is not None:
            self.clips = [Clip("clip_value", gradients, self.clipvalue)]

    def release(self) -> None:
        """Let go of the parameters, whose array is about to be replaced."""
        self.parameters = self.update = None
        self.clips: list[Clip] = []

    def step(self) -> None:
        """Update the parameters by the gradients."""
        learning_rate = self._learning_rate
        if type(learning_rate) is not float:
            learning_rate = learning_rate(self.iterations)
        self.iterations += 1
        for clip in self.clips:
            clip()
        decay = 0.0 if self.weight_decay is None else learning_rate * self.weight_decay
        self.update(*self.settings(learning_rate), decay)


def fraction(name: str, value) -> float:
    return real_number(name, value, *FRACTION)
