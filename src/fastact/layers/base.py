"""What all layers share, and the input in front of them."""

from __future__ import annotations

import numbers

import numpy as np

from .. import _data
from .._configurable import Configurable


def checked_shape(shape, argument: str) -> tuple[int, ...]:
    """The shape of one row of input, without the batch."""
    if not isinstance(shape, (tuple, list)) or not all(isinstance(n, numbers.Integral) for n in shape):
        raise TypeError(f"{argument} must be a tuple of integers such as (3,), got {shape!r}")
    if not shape or min(shape) < 1:
        raise ValueError(
            f"{argument} must be the sizes of a row, each at least 1, such as (3,); got {tuple(shape)}"
        )
    return tuple(map(int, shape))


def checked_name(name, owner) -> str | None:
    if name is not None and not isinstance(name, str):
        raise TypeError(f"{type(owner).__name__}: name must be a string, got {name!r}")
    return name


class Input(Configurable):
    """The shape of a row of input, put first in a model.

    Parameters
    ----------
    shape : tuple of int
        Without the number of rows: ``(3,)`` for three features.
    name : str, optional

    Examples
    --------
    >>> from fastact.models import Sequential
    >>> from fastact.layers import Dense, Input
    >>> Sequential([Input((3,)), Dense(2)]).output_shape
    (None, 2)
    """

    module = "layers"

    def __init__(self, shape, name=None):
        self.shape = checked_shape(shape, "Input: shape")
        self.name = checked_name(name, self)

    def get_config(self):
        return {"batch_shape": (None, *self.shape), "name": self.name}

    @classmethod
    def from_config(cls, config):
        """An input from the configuration of Keras's InputLayer, whatever its dtype: the model has one."""
        if not isinstance(config.get("batch_shape"), (tuple, list)):
            raise ValueError(f"Input.from_config: there must be a batch_shape, got {config!r}")
        return cls(config["batch_shape"][1:], config.get("name"))


class Layer(Configurable):
    """What all layers share; see `Dense` and `Activation`.

    Attributes
    ----------
    name : str or None
        Given, or made by the model.
    built : bool
        Whether the shapes of input and output are known and the weights exist.
    """

    module = "layers"

    def __init__(self, name=None, input_shape=None):
        self.name = checked_name(name, self)
        self.input_shape = None
        if input_shape is not None:
            self.input_shape = checked_shape(input_shape, f"{type(self).__name__}: input_shape")
        self.output_shape: tuple[int, ...] | None = None
        self.in_model = False

    def get_config(self):
        config = super().get_config()
        return {name: config[name] for name in config if name not in ("input_shape", "input_dim")}

    @classmethod
    def from_config(cls, config):
        """A layer from what `get_config` of fastact's class, or of Keras's, returned.

        A dtype is not taken over, as all layers of a model have that of the model.
        """
        return super().from_config({name: value for name, value in config.items() if name != "dtype"})

    @property
    def built(self) -> bool:
        return self.output_shape is not None

    @property
    def stages(self) -> list:
        """What the layer does, in order."""
        raise NotImplementedError

    def build(self, input_shape, dtype, rng) -> None:
        """Make the weights for rows of `input_shape`."""
        rows = np.zeros((2, *input_shape), dtype)  # one alone would be broadcast over all
        for stage in self.stages:
            rows = stage(rows)
        self.output_shape = rows.shape[1:]

    @property
    def weights(self) -> list[np.ndarray]:
        """The weights themselves: kernel, bias."""
        return [weight for stage in self.stages for weight in stage.weights]

    def count_params(self) -> int:
        """Number of weights."""
        return sum(weight.size for weight in self.weights)

    def get_weights(self) -> list[np.ndarray]:
        """Copies of the weights: kernel, bias."""
        return [weight.copy() for weight in self.weights]

    def set_weights(self, weights) -> None:
        """Set the weights, given in the order of `get_weights`."""
        _data.assign(self.weights, weights, "set_weights")
