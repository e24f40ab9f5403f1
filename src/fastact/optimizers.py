"""Optimizers: one pass over all parameters of a model, which lie in one flat array."""

from __future__ import annotations

import math

import numpy as np

from ._data import real_number
from ._kernels.training import Update
from ._lookup import lookup

__all__ = ["SGD", "Adam", "Optimizer", "get"]


def fraction(name: str, value) -> float:
    return real_number(name, value, "at least 0 and less than 1", lambda v: 0 <= v < 1)


class Optimizer:
    """What all optimizers share; see `SGD` and `Adam`.

    Attributes
    ----------
    learning_rate : float
        May be set between and during fits.
    iterations : int
        Number of steps so far.
    """

    def __init__(self, learning_rate):
        self.learning_rate = learning_rate
        self.iterations = 0
        self.moments: list[np.ndarray] = []
        self.release()

    @property
    def learning_rate(self) -> float:
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        name = f"{type(self).__name__}: learning_rate"
        self._learning_rate = real_number(name, value, "finite and at least 0", lambda v: 0 <= v < math.inf)

    def __getstate__(self):
        return vars(self) | {"parameters": None, "update": None}

    @property
    def kernel(self) -> str:
        """Name of the kernel that makes a step."""
        raise NotImplementedError

    @property
    def moment_count(self) -> int:
        """How many arrays as long as the parameters the optimizer keeps."""
        raise NotImplementedError

    def bind(self, parameters: np.ndarray, gradients: np.ndarray) -> None:
        """Take charge of a model's flat parameters; moments for as many of the same dtype are kept."""
        if self.parameters is not None and self.parameters is not parameters:
            raise ValueError(
                f"this {type(self).__name__} trains another model already: make one for each model"
            )
        kept = [(m.size, m.dtype) for m in self.moments]
        if kept != [(parameters.size, parameters.dtype)] * self.moment_count:
            self.moments = [np.zeros_like(parameters) for _ in range(self.moment_count)]
            self.iterations = 0
        self.parameters = parameters
        self.update = Update(self.kernel, parameters, gradients, *self.moments)

    def release(self) -> None:
        """Let go of the parameters, whose array is about to be replaced."""
        self.parameters = self.update = None

    def step(self) -> None:
        """Update the parameters by the gradients."""
        raise NotImplementedError


class SGD(Optimizer):
    """Gradient descent, with momentum if wanted.

    ``p -= learning_rate g``; with momentum ``v = momentum v - learning_rate g; p += v``, and with
    Nesterov's ``p += momentum v - learning_rate g`` in its place, as in Keras.

    Parameters
    ----------
    learning_rate : float
        At least 0.
    momentum : float
        At least 0 and less than 1.
    nesterov : bool

    See Also
    --------
    Adam

    Examples
    --------
    >>> from fastact.optimizers import SGD
    >>> SGD(0.1, momentum=0.9)
    SGD(learning_rate=0.1, momentum=0.9, nesterov=False)
    """

    def __init__(self, learning_rate=0.01, momentum=0.0, nesterov=False):
        super().__init__(learning_rate)
        self.momentum = fraction("SGD: momentum", momentum)
        self.nesterov = bool(nesterov)

    def __repr__(self):
        return f"SGD(learning_rate={self.learning_rate}, momentum={self.momentum}, nesterov={self.nesterov})"

    @property
    def kernel(self):
        if not self.momentum:
            return "sgd"
        return "sgd_nesterov" if self.nesterov else "sgd_momentum"

    @property
    def moment_count(self):
        return 1 if self.momentum else 0

    def step(self):
        self.iterations += 1
        self.update(self._learning_rate, self.momentum)


class Adam(Optimizer):
    """Adam, in Keras's arithmetic.

    At step t: ``m += (g - m) (1 - beta_1)``, ``v += (g^2 - v) (1 - beta_2)``,
    ``p -= m a / (sqrt(v) + epsilon)`` with ``a = learning_rate sqrt(1 - beta_2^t) / (1 - beta_1^t)``.
    PyTorch divides sqrt(v) by sqrt(1 - beta_2^t) before it adds epsilon, which it sets to 1e-8.

    Parameters
    ----------
    learning_rate : float
        At least 0.
    beta_1, beta_2 : float
        At least 0 and less than 1.
    epsilon : float
        At least 0.

    References
    ----------
    D. P. Kingma, J. Ba, Adam: a method for stochastic optimization, ICLR 2015.

    Examples
    --------
    >>> from fastact.optimizers import Adam
    >>> Adam(0.002)
    Adam(learning_rate=0.002, beta_1=0.9, beta_2=0.999, epsilon=1e-07)
    """

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        super().__init__(learning_rate)
        self.beta_1 = fraction("Adam: beta_1", beta_1)
        self.beta_2 = fraction("Adam: beta_2", beta_2)
        self.epsilon = real_number("Adam: epsilon", epsilon, "at least 0", lambda v: v >= 0)

    def __repr__(self):
        return (
            f"Adam(learning_rate={self.learning_rate}, beta_1={self.beta_1}, beta_2={self.beta_2}, "
            f"epsilon={self.epsilon})"
        )

    kernel = "adam"
    moment_count = 2

    def step(self):
        self.iterations += 1
        t = self.iterations
        rate = self._learning_rate * math.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)
        self.update(rate, 1 - self.beta_1, 1 - self.beta_2, self.epsilon)


OPTIMIZERS = {"sgd": SGD, "adam": Adam}


def get(optimizer) -> Optimizer:
    """An optimizer by name, or as it is.

    Examples
    --------
    >>> from fastact import optimizers
    >>> optimizers.get("sgd").learning_rate
    0.01
    """
    if isinstance(optimizer, str):
        return lookup("optimizer", optimizer, OPTIMIZERS)()
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer must be a name or an object of fastact.optimizers, got {optimizer!r}")
    return optimizer
