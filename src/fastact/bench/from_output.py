"""Gradients in terms of the output, as a textbook writes them for the default parameters: by name, of dy and y."""

from __future__ import annotations

import numpy as np

from ..reference.activations import SELU_ALPHA, SELU_SCALE

ELEMENTWISE = {
    "linear": lambda dy, y: dy,
    "relu": lambda dy, y: dy * (y > 0),
    "leaky_relu": lambda dy, y: np.where(y > 0, dy, 0.01 * dy),
    "elu": lambda dy, y: np.where(y > 0, dy, dy * (y + 1)),
    "selu": lambda dy, y: np.where(y > 0, SELU_SCALE * dy, dy * (y + SELU_SCALE * SELU_ALPHA)),
    "sigmoid": lambda dy, y: dy * y * (1 - y),
    "tanh": lambda dy, y: dy * (1 - y) * (1 + y),
    "softplus": lambda dy, y: -dy * np.expm1(-y),
    "exponential": lambda dy, y: dy * y,
    "relu6": lambda dy, y: dy * ((y > 0) & (y < 6)),
    "celu": lambda dy, y: np.where(y > 0, dy, dy * (y + 1)),
    "log_sigmoid": lambda dy, y: -dy * np.expm1(y),
    "hard_sigmoid": lambda dy, y: dy * ((y > 0) & (y < 1)) / 6,
    "hard_tanh": lambda dy, y: dy * (np.abs(y) < 1),
    "hard_shrink": lambda dy, y: dy * (y != 0),
    "soft_shrink": lambda dy, y: dy * (y != 0),
    "softsign": lambda dy, y: dy * (1 - np.abs(y)) ** 2,
    "squareplus": lambda dy, y: dy * y**2 / (y**2 + 1),
    "sparse_plus": lambda dy, y: dy * np.sqrt(np.minimum(y, 1)),
    "sparse_sigmoid": lambda dy, y: dy * ((y > 0) & (y < 1)) / 2,
}


def softmax(dy, y, axis):
    return y * (dy - (dy * y).sum(axis=axis, keepdims=True))


def log_softmax(dy, y, axis):
    return dy - np.exp(y) * dy.sum(axis=axis, keepdims=True)


def softmin(dy, y, axis):
    return -softmax(dy, y, axis)


def sparsemax(dy, y, axis):
    support = y > 0
    mean = (dy * support).sum(axis=axis, keepdims=True) / support.sum(axis=axis, keepdims=True)
    return np.where(support, dy - mean, 0)


OVER_ROWS = {function.__name__: function for function in (softmax, log_softmax, softmin, sparsemax)}
