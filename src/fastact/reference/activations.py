"""Every activation and its derivative as a textbook writes them: the readable specification.

Tests take these functions as an oracle, benchmarks as the baseline. They know nothing of the kernels
nor of the table. x is a NumPy array of floats and the result has its dtype; formulas are written so
that both tails keep their accuracy. What only the kernels promise is left out: NaN handed through
every derivative, limits at infinity, silence about overflow.
"""

from __future__ import annotations

import math

import numpy as np

SELU_SCALE = 1.0507009873554805
SELU_ALPHA = 1.6732632423543772
GELU_TANH_SCALE = 2 * math.sqrt(2 / math.pi)
GELU_TANH_CUBIC = 0.044715


def get(name: str):
    """The textbook function called `name`: a row of the table, `name_derivative`, or softmax and its kin.

    Raises
    ------
    LookupError
        If the row has no twin here yet.
    """
    function = globals().get(name)
    if not callable(function):
        raise LookupError(f"fastact.reference has no {name!r}: add it to reference/activations.py")
    return function


def backward(name: str, dy, x, **parameters):
    """dy times the derivative of the activation called `name` at x."""
    return dy * get(f"{name}_derivative")(x, **parameters)


def erfc(x):
    """Complementary error function, which NumPy lacks; in double precision, whatever the dtype of x."""
    return np.asarray(np.frompyfunc(math.erfc, 1, 1)(x)).astype(x.dtype)


def normal_distribution(x):
    """Probability that a standard normal variable is less than x."""
    return erfc(-x / math.sqrt(2)) / 2


def normal_density(x):
    return np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def linear(x):
    return x


def linear_derivative(x):
    return np.ones_like(x)


def relu(x):
    return np.maximum(x, 0)


def relu_derivative(x):
    return np.heaviside(x, 0)


def leaky_relu(x, negative_slope=0.01):
    return np.where(x > 0, x, negative_slope * x)


def leaky_relu_derivative(x, negative_slope=0.01):
    return np.where(x > 0, np.ones_like(x), negative_slope)


def elu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def elu_derivative(x, alpha=1.0):
    return np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0)))


def selu(x):
    return SELU_SCALE * elu(x, SELU_ALPHA)


def selu_derivative(x):
    return SELU_SCALE * elu_derivative(x, SELU_ALPHA)


def gelu(x):
    return x * normal_distribution(x)


def gelu_derivative(x):
    return normal_distribution(x) + x * normal_density(x)


def gelu_tanh(x):
    return x * sigmoid(GELU_TANH_SCALE * (x + GELU_TANH_CUBIC * x**3))


def gelu_tanh_derivative(x):
    v = GELU_TANH_SCALE * (x + GELU_TANH_CUBIC * x**3)
    slope = GELU_TANH_SCALE * (1 + 3 * GELU_TANH_CUBIC * x**2)
    return sigmoid(v) + x * slope * sigmoid_derivative(v)


def silu(x):
    return x * sigmoid(x)


def silu_derivative(x):
    return sigmoid(x) + x * sigmoid_derivative(x)


def sigmoid(x):
    z = np.exp(-np.abs(x))
    return np.where(x < 0, z, 1) / (1 + z)


def sigmoid_derivative(x):
    z = np.exp(-np.abs(x))
    return z / (1 + z) ** 2


def tanh(x):
    t = np.expm1(-2 * np.abs(x))
    return np.copysign(t / (t + 2), x)


def tanh_derivative(x):
    return 4 * sigmoid_derivative(2 * x)


def softplus(x, beta=1.0):
    return (np.maximum(beta * x, 0) + np.log1p(np.exp(-np.abs(beta * x)))) / beta


def softplus_derivative(x, beta=1.0):
    return sigmoid(beta * x)


def exponential(x):
    return np.exp(x)


def exponential_derivative(x):
    return np.exp(x)


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def softmax_backward(dy, x, axis=-1):
    y = softmax(x, axis)
    return y * (dy - (dy * y).sum(axis=axis, keepdims=True))


def log_softmax(x, axis=-1):
    shifted = x - x.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def log_softmax_backward(dy, x, axis=-1):
    return dy - softmax(x, axis) * dy.sum(axis=axis, keepdims=True)
