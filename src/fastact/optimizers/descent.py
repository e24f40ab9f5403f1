"""The optimizers themselves, each a formula for the step of a parameter p with gradient g."""

from __future__ import annotations

import math

from .._data import flag
from .base import Optimizer, fraction
from .schedules import not_negative

#: parameters that all optimizers have, for their docstrings
SHARED = """weight_decay : float, optional
        At least 0. Before its step each parameter loses the share ``learning_rate weight_decay``.
    clipnorm, clipvalue, global_clipnorm : float, optional
        One of them, greater than 0: the largest norm of the gradient of each weight, the largest element,
        or the largest norm of all gradients together."""


def documented(optimizer):
    """Put into a docstring what all optimizers share."""
    optimizer.__doc__ = (optimizer.__doc__ or "").format(shared=SHARED)  # python -OO has no docstrings
    return optimizer


@documented
class SGD(Optimizer):
    """Gradient descent, with momentum if wanted.

    ``p -= learning_rate g``; with momentum ``v = momentum v - learning_rate g; p += v``, and with
    Nesterov's ``p += momentum v - learning_rate g`` in its place, as in Keras.

    Parameters
    ----------
    learning_rate : float or schedule
        At least 0.
    momentum : float
        At least 0 and less than 1.
    nesterov : bool
    {shared}

    See Also
    --------
    Adam

    Examples
    --------
    >>> from fastact.optimizers import SGD
    >>> SGD(0.1, momentum=0.9)
    SGD(learning_rate=0.1, momentum=0.9)
    """

    def __init__(
        self,
        learning_rate=0.01,
        momentum=0.0,
        nesterov=False,
        weight_decay=None,
        clipnorm=None,
        clipvalue=None,
        global_clipnorm=None,
    ):
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm)
        self.momentum = fraction("SGD: momentum", momentum)
        self.nesterov = flag("SGD: nesterov", nesterov)

    @property
    def kernel(self):
        if not self.momentum:
            return "sgd"
        return "sgd_nesterov" if self.nesterov else "sgd_momentum"

    @property
    def moment_count(self):
        return 1 if self.momentum else 0

    def settings(self, learning_rate):
        return learning_rate, self.momentum, 0.0, 0.0


@documented
class RMSprop(Optimizer):
    """The gradient over the root of its mean square, in Keras's arithmetic.

    ``v += (g^2 - v) (1 - rho)``, ``p -= learning_rate g / sqrt(v + epsilon)``; if centered, v less the
    square of the mean gradient; with momentum ``u = momentum u + (that step); p -= u``. PyTorch adds its
    epsilon, 1e-8, to the root.

    Parameters
    ----------
    learning_rate : float or schedule
        At least 0.
    rho, momentum : float
        At least 0 and less than 1.
    epsilon : float
        At least 0.
    centered : bool
    {shared}

    References
    ----------
    T. Tieleman, G. Hinton, Lecture 6.5: rmsprop, Coursera, 2012.

    Examples
    --------
    >>> from fastact.optimizers import RMSprop
    >>> RMSprop(0.01)
    RMSprop(learning_rate=0.01)
    """

    kernel = "rmsprop"

    def __init__(
        self,
        learning_rate=0.001,
        rho=0.9,
        momentum=0.0,
        epsilon=1e-7,
        centered=False,
        weight_decay=None,
        clipnorm=None,
        clipvalue=None,
        global_clipnorm=None,
    ):
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm)
        self.rho = fraction("RMSprop: rho", rho)
        self.momentum = fraction("RMSprop: momentum", momentum)
        self.epsilon = not_negative("RMSprop: epsilon", epsilon)
        self.centered = flag("RMSprop: centered", centered)

    @property
    def moment_count(self):
        return 1 + bool(self.momentum) + self.centered

    def operands(self):
        rest = iter(self.moments[1:])
        velocity = next(rest) if self.momentum else None
        return [self.moments[0], velocity, next(rest) if self.centered else None]

    def settings(self, learning_rate):
        return learning_rate, 1 - self.rho, self.momentum, self.epsilon


@documented
class Adam(Optimizer):
    """Adam, in Keras's arithmetic.

    At step t: ``m += (g - m) (1 - beta_1)``, ``v += (g^2 - v) (1 - beta_2)``,
    ``p -= m a / (sqrt(v) + epsilon)`` with ``a = learning_rate sqrt(1 - beta_2^t) / (1 - beta_1^t)``.
    PyTorch divides sqrt(v) by sqrt(1 - beta_2^t) before it adds epsilon, which it sets to 1e-8.

    Parameters
    ----------
    learning_rate : float or schedule
        At least 0.
    beta_1, beta_2 : float
        At least 0 and less than 1.
    epsilon : float
        At least 0.
    {shared}

    References
    ----------
    D. P. Kingma, J. Ba, Adam: a method for stochastic optimization, ICLR 2015.

    Examples
    --------
    >>> from fastact.optimizers import Adam
    >>> Adam(0.002)
    Adam(learning_rate=0.002)
    """

    kernel = "adam"
    moment_count = 2

    def __init__(
        self,
        learning_rate=0.001,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-7,
        weight_decay=None,
        clipnorm=None,
        clipvalue=None,
        global_clipnorm=None,
    ):
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm)
        kind = type(self).__name__
        self.beta_1 = fraction(f"{kind}: beta_1", beta_1)
        self.beta_2 = fraction(f"{kind}: beta_2", beta_2)
        self.epsilon = not_negative(f"{kind}: epsilon", epsilon)

    def settings(self, learning_rate):
        t = self.iterations
        rate = learning_rate * math.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)
        return rate, 1 - self.beta_1, 1 - self.beta_2, self.epsilon


@documented
class AdamW(Adam):
    """`Adam` with weight decay.

    Parameters
    ----------
    learning_rate : float or schedule
        At least 0.
    beta_1, beta_2 : float
        At least 0 and less than 1.
    epsilon : float
        At least 0.
    {shared}

    References
    ----------
    I. Loshchilov, F. Hutter, Decoupled weight decay regularization, ICLR 2019.

    Examples
    --------
    >>> from fastact.optimizers import AdamW
    >>> AdamW(weight_decay=0.01)
    AdamW(weight_decay=0.01)
    """

    def __init__(
        self,
        learning_rate=0.001,
        weight_decay=0.004,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-7,
        clipnorm=None,
        clipvalue=None,
        global_clipnorm=None,
    ):
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, weight_decay, clipnorm, clipvalue, global_clipnorm
        )
