"""An initializer draws the first values of a weight: ``initializer(shape, dtype, rng)``."""

from __future__ import annotations

import math

import numpy as np

from ._configurable import Configurable, resolved
from ._data import NOT_NEGATIVE, real_number

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "RandomNormal",
    "RandomUniform",
    "VarianceScaling",
    "Zeros",
    "get",
]

#: standard deviation of a standard normal variable that is drawn again beyond 2
TRUNCATED_STDDEV = 0.87962566103423978


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """How many inputs and outputs a weight of this shape connects."""
    return (shape[0], shape[0]) if len(shape) == 1 else (shape[-2], shape[-1])


def truncated_normal(shape, rng) -> np.ndarray:
    """Standard normal numbers, those beyond 2 drawn again."""
    values = rng.standard_normal(shape)
    while (beyond := np.abs(values) > 2).any():
        values[beyond] = rng.standard_normal(np.count_nonzero(beyond))
    return values


class Initializer(Configurable):
    """Draws in double precision, so one seed means the same weights in float32, rounded."""

    module = "initializers"

    def draw(self, shape, rng) -> np.ndarray:
        raise NotImplementedError

    def checked(self, name: str, value, allowed: str = "finite", accepts=math.isfinite) -> float:
        return real_number(f"{type(self).__name__}: {name}", value, allowed, accepts)

    def __call__(self, shape, dtype, rng) -> np.ndarray:
        return self.draw(shape, rng).astype(dtype)


class Constant(Initializer):
    """One value everywhere.

    Parameters
    ----------
    value : float

    Examples
    --------
    >>> from fastact.initializers import Constant
    >>> Constant(0.5)((2,), "float32", None)
    array([0.5, 0.5], dtype=float32)
    """

    def __init__(self, value=0.0):
        self.value = self.checked("value", value)

    def draw(self, shape, rng):
        return np.full(shape, self.value, float)


class Zeros(Constant):
    """0 everywhere."""

    def __init__(self):
        super().__init__(0.0)


class Ones(Constant):
    """1 everywhere."""

    def __init__(self):
        super().__init__(1.0)


class RandomNormal(Initializer):
    """Normal numbers.

    Parameters
    ----------
    mean : float
    stddev : float
        At least 0.

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.initializers import RandomNormal
    >>> RandomNormal(stddev=0.1)((2, 3), "float32", np.random.default_rng(0)).shape
    (2, 3)
    """

    def __init__(self, mean=0.0, stddev=0.05):
        self.mean = self.checked("mean", mean)
        self.stddev = self.checked("stddev", stddev, *NOT_NEGATIVE)

    def draw(self, shape, rng):
        return rng.normal(self.mean, self.stddev, shape)


class RandomUniform(Initializer):
    """Uniform numbers.

    Parameters
    ----------
    minval, maxval : float
        The least and the greatest.

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.initializers import RandomUniform
    >>> RandomUniform(-1, 1)((2, 3), "float32", np.random.default_rng(0)).shape
    (2, 3)
    """

    def __init__(self, minval=-0.05, maxval=0.05):
        self.minval = self.checked("minval", minval)
        self.maxval = self.checked(
            "maxval", maxval, f"at least minval, {minval}", lambda v: minval <= v < math.inf
        )

    def draw(self, shape, rng):
        return rng.uniform(self.minval, self.maxval, shape)


class VarianceScaling(Initializer):
    """Uniform or truncated normal numbers of variance `scale` over the mean number of connections."""

    scale = 1.0
    normal = False

    def connections(self, shape) -> float:
        return fans(shape)[0]

    def draw(self, shape, rng):
        variance = self.scale / max(1.0, self.connections(shape))
        if self.normal:
            return truncated_normal(shape, rng) * (math.sqrt(variance) / TRUNCATED_STDDEV)
        limit = math.sqrt(3 * variance)
        return rng.uniform(-limit, limit, shape)


class GlorotUniform(VarianceScaling):
    """Uniform with variance 2 / (inputs + outputs) (X. Glorot, Y. Bengio, AISTATS 2010)."""

    def connections(self, shape):
        return sum(fans(shape)) / 2


class GlorotNormal(GlorotUniform):
    """Truncated normal with variance 2 / (inputs + outputs)."""

    normal = True


class HeUniform(VarianceScaling):
    """Uniform with variance 2 / inputs (K. He, X. Zhang, S. Ren, J. Sun, ICCV 2015)."""

    scale = 2.0


class HeNormal(HeUniform):
    """Truncated normal with variance 2 / inputs."""

    normal = True


class LecunUniform(VarianceScaling):
    """Uniform with variance 1 / inputs (Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller, 1998)."""


class LecunNormal(LecunUniform):
    """Truncated normal with variance 1 / inputs."""

    normal = True


INITIALIZERS = {
    "zeros": Zeros,
    "ones": Ones,
    "constant": Constant,
    "random_normal": RandomNormal,
    "random_uniform": RandomUniform,
    "glorot_uniform": GlorotUniform,
    "glorot_normal": GlorotNormal,
    "he_uniform": HeUniform,
    "he_normal": HeNormal,
    "lecun_uniform": LecunUniform,
    "lecun_normal": LecunNormal,
}


def get(initializer, argument: str = "initializer") -> Initializer:
    """An initializer by name, from its configuration, or as it is.

    Examples
    --------
    >>> from fastact import initializers
    >>> initializers.get("he_normal")
    HeNormal()
    """
    return resolved(argument, initializer, INITIALIZERS, Initializer, "initializers")
