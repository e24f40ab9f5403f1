"""NumPy, with `out=` and one scratch array `s` where a formula needs it."""

from __future__ import annotations

from functools import partial

import numpy as np

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
GELU_TANH_SCALE, GELU_TANH_CUBIC = 2 * 0.7978845608028654, 0.044715


def clipped(x, low, high, y):
    return np.minimum(np.maximum(x, low, out=y), high, out=y)


def sigmoid(x, y):
    """1 / (1 + e^-x), in y."""
    return np.reciprocal(np.add(np.exp(np.negative(x, out=y), out=y), 1, out=y), out=y)


def root(x, b, y):
    """sqrt(x^2 + b), in y."""
    return np.sqrt(np.add(np.multiply(x, x, out=y), b, out=y), out=y)


def elu(x, alpha, scale, y, s):
    np.expm1(np.minimum(x, 0, out=s), out=s)
    np.multiply(s, scale * alpha, out=s)
    return np.add(np.multiply(np.maximum(x, 0, out=y), scale, out=y), s, out=y)


def elu_backward(dy, x, alpha, scale, dx):
    np.exp(np.minimum(x, 0, out=dx), out=dx)
    if alpha != 1:
        np.multiply(dx, alpha, out=dx, where=x <= 0)
    if scale != 1:
        np.multiply(dx, scale, out=dx)
    return np.multiply(dx, dy, out=dx)


def gelu_tanh(x, y):
    np.multiply(x, x, out=y)
    np.multiply(np.add(np.multiply(y, GELU_TANH_CUBIC, out=y), 1, out=y), x, out=y)
    np.exp(np.multiply(y, -GELU_TANH_SCALE, out=y), out=y)
    return np.divide(x, np.add(y, 1, out=y), out=y)


def silu(x, y):
    return np.divide(x, np.add(np.exp(np.negative(x, out=y), out=y), 1, out=y), out=y)


def silu_backward(dy, x, dx, s):
    sigmoid(x, s)
    np.multiply(x, np.subtract(1, s, out=dx), out=dx)
    np.multiply(np.add(dx, 1, out=dx), s, out=dx)
    return np.multiply(dx, dy, out=dx)


def mish(x, y, s):
    np.exp(x, out=s)
    np.multiply(s, np.add(s, 2, out=y), out=s)
    return np.multiply(x, np.divide(s, np.add(s, 2, out=y), out=s), out=y)


def dish(x, y):
    np.add(np.divide(x, root(x, 1, y), out=y), 1, out=y)
    return np.multiply(np.multiply(y, x, out=y), 0.5, out=y)


def dish_backward(dy, x, dx, s):
    u = np.divide(x, root(x, 1, dx), out=dx)
    np.subtract(2, np.multiply(u, u, out=s), out=s)
    np.multiply(np.add(np.multiply(u, s, out=dx), 1, out=dx), 0.5, out=dx)
    return np.multiply(dx, dy, out=dx)


def tanh_backward(dy, x, dx):
    t = np.tanh(x, out=dx)
    return np.multiply(np.subtract(1, np.multiply(t, t, out=dx), out=dx), dy, out=dx)


def squareplus_backward(dy, x, dx):
    np.divide(x, root(x, 4, dx), out=dx)
    return np.multiply(np.multiply(np.add(dx, 1, out=dx), 0.5, out=dx), dy, out=dx)


def sparse_plus(x, y, s):
    clipped(x, -1, 1, y)
    np.subtract(np.maximum(x, 1, out=s), 1, out=s)
    np.add(y, 1, out=y)
    return np.add(np.multiply(np.multiply(y, y, out=y), 0.25, out=y), s, out=y)


def softmax(axis, x, y):
    np.exp(np.subtract(x, x.max(axis=axis, keepdims=True), out=y), out=y)
    return np.divide(y, y.sum(axis=axis, keepdims=True), out=y)


def softmax_backward(axis, dy, x, dx, s):
    return softmax_backward_from_output(axis, dy, softmax(axis, x, s), dx)


def softmax_backward_from_output(axis, dy, y, dx):
    inner = np.multiply(dy, y, out=dx).sum(axis=axis, keepdims=True)
    return np.multiply(np.subtract(dy, inner, out=dx), y, out=dx)


def log_softmax(axis, x, y, s):
    np.subtract(x, x.max(axis=axis, keepdims=True), out=y)
    return np.subtract(y, np.log(np.exp(y, out=s).sum(axis=axis, keepdims=True)), out=y)


def log_softmax_backward(axis, dy, x, dx):
    softmax(axis, x, dx)
    return np.subtract(dy, np.multiply(dx, dy.sum(axis=axis, keepdims=True), out=dx), out=dx)


def log_softmax_backward_from_output(axis, dy, y, dx):
    np.multiply(np.exp(y, out=dx), dy.sum(axis=axis, keepdims=True), out=dx)
    return np.subtract(dy, dx, out=dx)


def logsumexp(axis, x, y, s):
    largest = x.max(axis=axis, keepdims=True)
    np.exp(np.subtract(x, largest, out=s), out=s).sum(axis=axis, out=y)
    return np.add(np.log(y, out=y), largest.squeeze(axis), out=y)


def logsumexp_backward(axis, dy, x, dx):
    return np.multiply(softmax(axis, x, dx), np.expand_dims(dy, axis), out=dx)


def softmax_cross_entropy(axis, x, target, y, s):
    right = np.take_along_axis(x, np.expand_dims(target, axis), axis).squeeze(axis)
    return np.subtract(logsumexp(axis, x, y, s), right, out=y)


def softmax_cross_entropy_backward(axis, dy, x, target, dx):
    labels = np.expand_dims(target, axis)
    softmax(axis, x, dx)
    np.put_along_axis(dx, labels, np.take_along_axis(dx, labels, axis) - 1, axis)
    return np.multiply(dx, np.expand_dims(dy, axis), out=dx)


def sigmoid_cross_entropy(x, target, y, s):
    np.log1p(np.exp(np.negative(np.abs(x, out=s), out=s), out=s), out=s)
    np.subtract(np.maximum(x, 0, out=y), np.multiply(x, target), out=y)
    return np.add(y, s, out=y)


def sigmoid_cross_entropy_backward(dy, x, target, dx):
    return np.multiply(np.subtract(sigmoid(x, dx), target, out=dx), dy, out=dx)


def reducing(function):
    """The spellings of a function that gives a number for each row; its scratch array is like x."""
    return lambda axis: lambda x, *arrays: partial(function, axis, x, *arrays[:-1], np.empty_like(x))


def over_rows(function, scratch=False):
    """The spellings of a function over rows, for each axis."""
    if scratch:
        return lambda axis: lambda *arrays: partial(function, axis, *arrays)
    return lambda axis: lambda *arrays: partial(function, axis, *arrays[:-1])


def swiglu(x, y):
    a, b = np.split(x, 2, axis=-1)
    return np.multiply(silu(b, y), a, out=y)


FUNCTIONS = {
    "linear": lambda x, y, s: partial(np.positive, x, y),
    "relu": lambda x, y, s: partial(np.maximum, x, 0, out=y),
    "leaky_relu": lambda x, y, s: lambda: np.maximum(x, np.multiply(x, 0.01, out=y), out=y),
    "elu": lambda x, y, s: partial(elu, x, 1, 1, y, s),
    "selu": lambda x, y, s: partial(elu, x, SELU_ALPHA, SELU_SCALE, y, s),
    "gelu_tanh": lambda x, y, s: partial(gelu_tanh, x, y),
    "silu": lambda x, y, s: partial(silu, x, y),
    "sigmoid": lambda x, y, s: partial(sigmoid, x, y),
    "tanh": lambda x, y, s: partial(np.tanh, x, y),
    "softplus": lambda x, y, s: lambda: np.log1p(np.exp(x, out=y), out=y),
    "exponential": lambda x, y, s: partial(np.exp, x, y),
    "relu6": lambda x, y, s: partial(clipped, x, 0, 6, y),
    "prelu": lambda x, y, s: lambda: np.maximum(x, np.multiply(x, 0.25, out=y), out=y),
    "celu": lambda x, y, s: partial(elu, x, 1, 1, y, s),
    "mish": lambda x, y, s: partial(mish, x, y, s),
    "dish": lambda x, y, s: partial(dish, x, y),
    "log_sigmoid": lambda x, y, s: (
        lambda: np.negative(np.log1p(np.exp(np.negative(x, out=y), out=y), out=y), out=y)
    ),
    "hard_sigmoid": lambda x, y, s: lambda: np.multiply(clipped(np.add(x, 3, out=y), 0, 6, y), 1 / 6, out=y),
    "hard_silu": lambda x, y, s: (
        lambda: np.multiply(np.multiply(clipped(np.add(x, 3, out=y), 0, 6, y), 1 / 6, out=y), x, out=y)
    ),
    "hard_tanh": lambda x, y, s: partial(clipped, x, -1, 1, y),
    "tanh_shrink": lambda x, y, s: lambda: np.subtract(x, np.tanh(x, out=y), out=y),
    "hard_shrink": lambda x, y, s: lambda: np.multiply(x, np.abs(x, out=s) > 0.5, out=y),
    "soft_shrink": lambda x, y, s: lambda: np.subtract(x, clipped(x, -0.5, 0.5, y), out=y),
    "threshold": lambda x, y, s: lambda: np.where(x > 0.25, x, x.dtype.type(-0.5)),
    "softsign": lambda x, y, s: lambda: np.divide(x, np.add(np.abs(x, out=y), 1, out=y), out=y),
    "squareplus": lambda x, y, s: lambda: np.multiply(np.add(root(x, 4, y), x, out=y), 0.5, out=y),
    "sparse_plus": lambda x, y, s: partial(sparse_plus, x, y, s),
    "sparse_sigmoid": lambda x, y, s: (
        lambda: clipped(np.add(np.multiply(x, 0.5, out=y), 0.5, out=y), 0, 1, y)
    ),
    "sin": lambda x, y, s: partial(np.sin, x, y),
    "cos": lambda x, y, s: partial(np.cos, x, y),
    "swiglu": lambda x, y, s: partial(swiglu, x, y),
    "sigmoid_cross_entropy": lambda x, target, y, s: partial(sigmoid_cross_entropy, x, target, y, s),
}
FUNCTIONS |= {
    "glu": lambda x, y, s: (
        lambda: np.multiply(sigmoid(x[..., x.shape[-1] // 2 :], y), x[..., : x.shape[-1] // 2], out=y)
    ),
    "reglu": lambda x, y, s: (
        lambda: np.multiply(
            np.maximum(x[..., x.shape[-1] // 2 :], 0, out=y), x[..., : x.shape[-1] // 2], out=y
        )
    ),
}

BACKWARDS = {
    "linear": lambda dy, x, dx, s: partial(np.positive, dy, dx),
    "relu": lambda dy, x, dx, s: lambda: np.multiply(dy, x > 0, out=dx),
    "leaky_relu": lambda dy, x, dx, s: lambda: np.where(x > 0, dy, np.multiply(dy, 0.01, out=dx)),
    "elu": lambda dy, x, dx, s: partial(elu_backward, dy, x, 1, 1, dx),
    "selu": lambda dy, x, dx, s: partial(elu_backward, dy, x, SELU_ALPHA, SELU_SCALE, dx),
    "silu": lambda dy, x, dx, s: partial(silu_backward, dy, x, dx, s),
    "sigmoid": lambda dy, x, dx, s: (
        lambda: np.multiply(np.multiply(sigmoid(x, dx), np.subtract(1, dx, out=s), out=dx), dy, out=dx)
    ),
    "tanh": lambda dy, x, dx, s: partial(tanh_backward, dy, x, dx),
    "softplus": lambda dy, x, dx, s: lambda: np.multiply(sigmoid(x, dx), dy, out=dx),
    "exponential": lambda dy, x, dx, s: lambda: np.multiply(np.exp(x, out=dx), dy, out=dx),
    "relu6": lambda dy, x, dx, s: lambda: np.multiply(dy, (x > 0) & (x < 6), out=dx),
    "prelu": lambda dy, x, dx, s: lambda: np.where(x > 0, dy, np.multiply(dy, 0.25, out=dx)),
    "celu": lambda dy, x, dx, s: partial(elu_backward, dy, x, 1, 1, dx),
    "dish": lambda dy, x, dx, s: partial(dish_backward, dy, x, dx, s),
    "log_sigmoid": lambda dy, x, dx, s: lambda: np.divide(dy, np.add(np.exp(x, out=dx), 1, out=dx), out=dx),
    "hard_sigmoid": lambda dy, x, dx, s: (
        lambda: np.multiply(np.multiply(dy, np.abs(x, out=s) < 3, out=dx), 1 / 6, out=dx)
    ),
    "hard_silu": lambda dy, x, dx, s: (
        lambda: np.multiply(
            np.where(x <= -3, 0, np.where(x >= 3, 1, (x + x.dtype.type(1.5)) / 3)), dy, out=dx
        )
    ),
    "hard_tanh": lambda dy, x, dx, s: lambda: np.multiply(dy, np.abs(x, out=s) < 1, out=dx),
    "tanh_shrink": lambda dy, x, dx, s: (
        lambda: np.multiply(np.square(np.tanh(x, out=dx), out=dx), dy, out=dx)
    ),
    "hard_shrink": lambda dy, x, dx, s: lambda: np.multiply(dy, np.abs(x, out=s) > 0.5, out=dx),
    "soft_shrink": lambda dy, x, dx, s: lambda: np.multiply(dy, np.abs(x, out=s) > 0.5, out=dx),
    "threshold": lambda dy, x, dx, s: lambda: np.multiply(dy, x > 0.25, out=dx),
    "softsign": lambda dy, x, dx, s: (
        lambda: np.divide(dy, np.square(np.add(np.abs(x, out=dx), 1, out=dx), out=dx), out=dx)
    ),
    "squareplus": lambda dy, x, dx, s: partial(squareplus_backward, dy, x, dx),
    "sparse_plus": lambda dy, x, dx, s: (
        lambda: np.multiply(clipped(np.add(np.multiply(x, 0.5, out=dx), 0.5, out=dx), 0, 1, dx), dy, out=dx)
    ),
    "sparse_sigmoid": lambda dy, x, dx, s: (
        lambda: np.multiply(np.multiply(dy, np.abs(x, out=s) < 1, out=dx), 0.5, out=dx)
    ),
    "sin": lambda dy, x, dx, s: lambda: np.multiply(np.cos(x, out=dx), dy, out=dx),
    "cos": lambda dy, x, dx, s: lambda: np.negative(np.multiply(np.sin(x, out=dx), dy, out=dx), out=dx),
    "sigmoid_cross_entropy": lambda dy, x, target, dx, s: partial(
        sigmoid_cross_entropy_backward, dy, x, target, dx
    ),
}


def selu_from_output(dy, y, dx):
    np.add(y, SELU_SCALE * SELU_ALPHA, out=dx)
    np.copyto(dx, SELU_SCALE, where=y > 0)
    return np.multiply(dx, dy, out=dx)


def square_of(y, dx):
    return np.multiply(y, y, out=dx)


FROM_OUTPUT = {
    "linear": BACKWARDS["linear"],
    "relu": BACKWARDS["relu"],
    "leaky_relu": BACKWARDS["leaky_relu"],
    "elu": lambda dy, y, dx, s: lambda: np.multiply(np.add(np.minimum(y, 0, out=dx), 1, out=dx), dy, out=dx),
    "selu": lambda dy, y, dx, s: partial(selu_from_output, dy, y, dx),
    "sigmoid": lambda dy, y, dx, s: (
        lambda: np.multiply(np.multiply(np.subtract(1, y, out=dx), y, out=dx), dy, out=dx)
    ),
    "tanh": lambda dy, y, dx, s: lambda: np.multiply(np.subtract(1, square_of(y, dx), out=dx), dy, out=dx),
    "softplus": lambda dy, y, dx, s: (
        lambda: np.multiply(np.subtract(1, np.exp(np.negative(y, out=dx), out=dx), out=dx), dy, out=dx)
    ),
    "exponential": lambda dy, y, dx, s: partial(np.multiply, dy, y, dx),
    "relu6": BACKWARDS["relu6"],
    "log_sigmoid": lambda dy, y, dx, s: (
        lambda: np.multiply(np.subtract(1, np.exp(y, out=dx), out=dx), dy, out=dx)
    ),
    "hard_sigmoid": lambda dy, y, dx, s: (
        lambda: np.multiply(np.multiply(dy, (y > 0) & (y < 1), out=dx), 1 / 6, out=dx)
    ),
    "hard_tanh": BACKWARDS["hard_tanh"],
    "hard_shrink": lambda dy, y, dx, s: lambda: np.multiply(dy, y != 0, out=dx),
    "soft_shrink": lambda dy, y, dx, s: lambda: np.multiply(dy, y != 0, out=dx),
    "softsign": lambda dy, y, dx, s: (
        lambda: np.multiply(np.square(np.subtract(1, np.abs(y, out=dx), out=dx), out=dx), dy, out=dx)
    ),
    "squareplus": lambda dy, y, dx, s: (
        lambda: np.multiply(np.divide(square_of(y, dx), np.add(dx, 1, out=s), out=dx), dy, out=dx)
    ),
    "sparse_plus": lambda dy, y, dx, s: (
        lambda: np.multiply(np.sqrt(np.minimum(y, 1, out=dx), out=dx), dy, out=dx)
    ),
    "sparse_sigmoid": lambda dy, y, dx, s: (
        lambda: np.multiply(np.multiply(dy, (y > 0) & (y < 1), out=dx), 0.5, out=dx)
    ),
}
FROM_OUTPUT["celu"] = FROM_OUTPUT["elu"]

SPELLINGS = {"function": FUNCTIONS, "backward": BACKWARDS, "backward_from_output": FROM_OUTPUT}
ROWS = {
    "function": {
        "softmax": over_rows(softmax),
        "log_softmax": over_rows(log_softmax, scratch=True),
        "logsumexp": reducing(logsumexp),
        "softmax_cross_entropy": reducing(softmax_cross_entropy),
    },
    "backward": {
        "softmax": over_rows(softmax_backward, scratch=True),
        "log_softmax": over_rows(log_softmax_backward),
        "logsumexp": over_rows(logsumexp_backward),
        "softmax_cross_entropy": over_rows(softmax_cross_entropy_backward),
    },
    "backward_from_output": {
        "softmax": over_rows(softmax_backward_from_output),
        "log_softmax": over_rows(log_softmax_backward_from_output),
    },
}


def ready(spelling, arrays, out):
    return spelling(*arrays, out, np.empty_like(out))
