"""Layers: what turns the rows of one matrix into the rows of the next."""

from __future__ import annotations

import numbers

import numpy as np

from . import _data, initializers
from ._stages import Affine, nonlinearity

__all__ = ["Activation", "Dense", "Input", "Layer"]


def checked_shape(shape, argument: str) -> tuple[int, ...]:
    """The shape of one row of input, without the batch."""
    if not isinstance(shape, (tuple, list)) or not all(isinstance(n, numbers.Integral) for n in shape):
        raise TypeError(f"{argument} must be a tuple of integers such as (3,), got {shape!r}")
    if len(shape) != 1 or shape[0] < 1:
        raise ValueError(
            f"{argument} must be one number of features, at least 1, such as (3,); got {tuple(shape)}"
        )
    return tuple(map(int, shape))


class Input:
    """The shape of a row of input, put first in a model.

    Parameters
    ----------
    shape : tuple of int
        Without the number of rows: ``(3,)`` for three features.

    Examples
    --------
    >>> from fastact.models import Sequential
    >>> from fastact.layers import Dense, Input
    >>> Sequential([Input((3,)), Dense(2)]).output_shape
    (None, 2)
    """

    def __init__(self, shape):
        self.shape = checked_shape(shape, "Input: shape")

    def __repr__(self):
        return f"Input({self.shape})"


class Layer:
    """What all layers share; see `Dense` and `Activation`.

    Attributes
    ----------
    name : str or None
        Given, or made by the model.
    built : bool
        Whether the shapes of input and output are known and the weights exist.
    """

    def __init__(self, name=None, input_shape=None):
        if name is not None and not isinstance(name, str):
            raise TypeError(f"{type(self).__name__}: name must be a string, got {name!r}")
        self.name = name
        self.declared_shape = None
        if input_shape is not None:
            self.declared_shape = checked_shape(input_shape, f"{type(self).__name__}: input_shape")
        self.output_shape: tuple[int, ...] | None = None
        self.in_model = False

    @property
    def built(self) -> bool:
        return self.output_shape is not None

    @property
    def stages(self) -> list:
        """What the layer does, in order."""
        raise NotImplementedError

    def build(self, input_shape, dtype, rng) -> None:
        """Make the weights for rows of `input_shape`."""
        raise NotImplementedError

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


def shape_after(stage, shape: tuple[int, ...], layer: Layer) -> tuple[int, ...]:
    """The shape itself, if the activation keeps it."""
    if np.shape(stage(np.zeros((1, *shape)))) != (1, *shape):
        raise ValueError(f"{type(layer).__name__}: activation {stage.name!r} does not keep the shape {shape}")
    return shape


class Dense(Layer):
    """Fully connected: ``activation(x @ kernel + bias)``.

    Parameters
    ----------
    units : int
        Number of outputs, at least 1.
    activation : str, activation, (forward, derivative) or None
        Its parameters have fastact's defaults.
    use_bias : bool
    kernel_initializer, bias_initializer : str or initializer
    input_shape : tuple of int, optional
        Shape of a row of input, for the first layer: ``(3,)``. `input_dim` is the same as a number.
    name : str, optional

    Attributes
    ----------
    kernel, bias : ndarray
        Views into the model's parameters; bias is None without one.

    See Also
    --------
    Activation : an activation as a layer of its own.

    Examples
    --------
    >>> from fastact.models import Sequential
    >>> from fastact.layers import Dense
    >>> model = Sequential([Dense(5, input_shape=(3,), activation="relu"), Dense(1)])
    >>> [w.shape for w in model.get_weights()]
    [(3, 5), (5,), (5, 1), (1,)]
    """

    def __init__(
        self,
        units,
        activation=None,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        input_shape=None,
        input_dim=None,
        name=None,
    ):
        if input_dim is not None:
            if input_shape is not None:
                raise ValueError("Dense: give input_shape or input_dim, not both")
            input_shape = (input_dim,)
        super().__init__(name, input_shape)
        if not isinstance(units, numbers.Integral) or isinstance(units, bool):
            raise TypeError(f"Dense: units must be an integer, got {units!r}")
        if units < 1:
            raise ValueError(f"Dense: units must be at least 1, got {units!r}")
        self.units = int(units)
        self.use_bias = bool(use_bias)
        self.activation = nonlinearity(activation, "Dense: activation")
        self.kernel_initializer = initializers.get(kernel_initializer, "kernel_initializer")
        self.bias_initializer = initializers.get(bias_initializer, "bias_initializer")
        self.affine = Affine()

    def __repr__(self):
        return f"Dense({self.units}, activation={self.activation.name!r})"

    @property
    def stages(self):
        return [self.affine, self.activation]

    @property
    def kernel(self):
        return self.affine.weights[0] if self.built else None

    @property
    def bias(self):
        return self.affine.weights[1] if self.built and self.use_bias else None

    def build(self, input_shape, dtype, rng):
        output_shape = shape_after(self.activation, (self.units,), self)
        weights = [self.kernel_initializer((*input_shape, self.units), dtype, rng)]
        if self.use_bias:
            weights.append(self.bias_initializer((self.units,), dtype, rng))
        self.affine.weights, self.output_shape = weights, output_shape


class Activation(Layer):
    """An activation as a layer.

    Parameters
    ----------
    activation : str, activation or (forward, derivative)
        A pair of callables takes and returns arrays.
    input_shape : tuple of int, optional
    name : str, optional

    See Also
    --------
    Dense : has an activation of its own.

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.models import Sequential
    >>> from fastact.layers import Activation
    >>> Sequential([Activation("relu")]).predict(np.array([[-1.0, 2.0]]), verbose=0)
    array([[0., 2.]], dtype=float32)
    """

    def __init__(self, activation, input_shape=None, name=None):
        super().__init__(name, input_shape)
        self.activation = nonlinearity(activation, "Activation: activation")

    def __repr__(self):
        return f"Activation({self.activation.name!r})"

    @property
    def stages(self):
        return [self.activation]

    def build(self, input_shape, dtype, rng):
        self.output_shape = shape_after(self.activation, input_shape, self)
