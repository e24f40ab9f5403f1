"""What layers are made of: products with weights, and activations, each with its way back.

A stage computes (`stage(x)`), and binds itself to the fixed arrays of a training step
(`stage.bind(step, x)`): it appends what it does forward, and hands back its result with a function
that, given the gradient of the result, appends what it does backward.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from functools import partial

import numpy as np

from . import activations
from ._kernels.training import Product, Rowwise


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
