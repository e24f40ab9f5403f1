"""Layers: what turns the rows of one matrix into the rows of the next, and how its gradient comes back.

A layer consists of stages. A stage computes (`stage(x)`), and binds itself to the fixed arrays of a
training step (`stage.bind(step, x)`): it appends what it does forward, and hands back its result
with a function that, given the gradient of the result, appends what it does backward.
"""

from __future__ import annotations

import inspect
import numbers
from collections.abc import Sequence
from functools import partial

import numpy as np

from . import activations, initializers
from ._kernels.training import Product, Rowwise

__all__ = ["Activation", "Dense", "Input", "Layer"]


# -- stages -------------------------------------------------------------------------------------


class Affine:
    """``x @ kernel + bias``."""

    name = "affine"

    def __init__(self):
        self.weights: list[np.ndarray] = []
        self.gradients: list[np.ndarray] = []

    def __getstate__(self):
        return vars(self) | {"gradients": []}

    def __call__(self, x):
        z = np.dot(x, self.weights[0])
        for bias in self.weights[1:]:
            Rowwise("add_to_rows", z, bias)()
        return z

    def bind(self, step, x):
        kernel, *biases = self.weights
        z = step.room(len(x), kernel.shape[1])
        step.forward.append(Product(x, kernel, z))
        step.forward += [Rowwise("add_to_rows", z, bias) for bias in biases]

        def backward(dz, needed):
            step.backward.append(Product(x.T, dz, self.gradients[0]))
            step.backward += [Rowwise("sum_of_rows", dz, gradient) for gradient in self.gradients[1:]]
            if needed:
                dx = step.room(*x.shape)
                step.backward.append(Product(dz, kernel.T, dx))
                return dx

        return z, backward


class Nonlinearity:
    """An activation of fastact.

    The gradient is taken from the input, which is more accurate than from the output; what that
    costs, an exponential at most, is small beside the products of matrices around it.
    """

    weights: Sequence = ()

    def __init__(self, function):
        self.name = function.__name__
        self.function = function
        self.defaults = ()
        if not isinstance(function, np.ufunc):
            parameters = list(inspect.signature(function).parameters.values())
            missing = [
                p.name for p in parameters[1:] if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
            ]
            if missing:
                raise ValueError(
                    f"activation {self.name!r} cannot be used alone: it has no default {missing[0]}"
                )
            self.defaults = tuple(p.default for p in parameters[1 : function.ufunc.nin])

    def __call__(self, x):
        return self.function(x)

    def bind(self, step, x):
        y = step.room(*x.shape)
        parameters = [np.asarray(value, x.dtype) for value in self.defaults]
        forward = getattr(self.function, "ufunc", self.function)
        step.forward.append(partial(forward, x, *parameters, y))

        def backward(dy, needed):
            if not needed:
                return None
            dx = step.room(*x.shape)
            gradient = getattr(self.function.backward, "ufunc", self.function.backward)
            step.backward.append(partial(gradient, dy, x, *parameters, dx))
            return dx

        return y, backward


class Pair:
    """Any function with its derivative, elementwise callables of x that return arrays."""

    name = "custom"
    weights: Sequence = ()

    def __init__(self, function, derivative):
        self.function, self.derivative = function, derivative

    def __call__(self, x):
        return np.ascontiguousarray(self.function(x), x.dtype)

    def bind(self, step, x):
        y = step.room(*x.shape)
        step.forward.append(lambda: np.copyto(y, self.function(x)))

        def backward(dy, needed):
            if not needed:
                return None
            dx = step.room(*x.shape)
            step.backward.append(lambda: np.multiply(dy, self.derivative(x), out=dx, casting="same_kind"))
            return dx

        return y, backward


def nonlinearity(activation, argument: str = "activation") -> Nonlinearity | Pair:
    """The stage of an activation: its name, a function of fastact, a pair of callables, or None."""
    if activation is None:
        activation = "linear"
    if isinstance(activation, (tuple, list)):
        if len(activation) != 2 or not all(map(callable, activation)):
            raise TypeError(
                f"{argument} as a pair must be (forward, derivative), two callables; got {activation!r}"
            )
        return Pair(*activation)
    try:
        return Nonlinearity(activations.get(activation))
    except TypeError:
        raise TypeError(
            f"{argument} must be a name, a function of fastact, a pair (forward, derivative) or None, "
            f"got {activation!r}"
        ) from None


# -- layers -------------------------------------------------------------------------------------


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

    def count_params(self) -> int:
        """Number of weights."""
        return sum(w.size for stage in self.stages for w in stage.weights)


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
