"""JAX, jitted; a gradient is the jitted vjp of the function."""

from __future__ import annotations

import os
from functools import partial

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)

nn = jax.nn


def gate(activation):
    def function(x):
        a, b = jnp.split(x, 2, axis=-1)
        return a * activation(b)

    return function


def exact_gelu(x):
    return nn.gelu(x, approximate=False)


FUNCTIONS = {
    "linear": jnp.copy,
    "relu": nn.relu,
    "leaky_relu": nn.leaky_relu,
    "elu": nn.elu,
    "selu": nn.selu,
    "gelu": exact_gelu,
    "gelu_tanh": nn.gelu,
    "silu": nn.silu,
    "sigmoid": nn.sigmoid,
    "tanh": nn.tanh,
    "softplus": nn.softplus,
    "exponential": jnp.exp,
    "relu6": nn.relu6,
    "prelu": lambda x: nn.leaky_relu(x, 0.25),
    "celu": nn.celu,
    "mish": nn.mish,
    "dish": lambda x: x / 2 * (1 + x / jnp.sqrt(1 + x * x)),
    "log_sigmoid": nn.log_sigmoid,
    "hard_sigmoid": nn.hard_sigmoid,
    "hard_silu": nn.hard_silu,
    "hard_tanh": nn.hard_tanh,
    "tanh_shrink": lambda x: x - jnp.tanh(x),
    "hard_shrink": lambda x: jnp.where(jnp.abs(x) > 0.5, x, 0),
    "soft_shrink": lambda x: x - jnp.clip(x, -0.5, 0.5),
    "threshold": lambda x: jnp.where(x > 0.25, x, -0.5),
    "softsign": nn.soft_sign,
    "squareplus": nn.squareplus,
    "sparse_plus": nn.sparse_plus,
    "sparse_sigmoid": nn.sparse_sigmoid,
    "sin": jnp.sin,
    "cos": jnp.cos,
    "glu": nn.glu,
    "swiglu": gate(nn.silu),
    "geglu": gate(exact_gelu),
    "reglu": gate(nn.relu),
    "sigmoid_cross_entropy": lambda x, target: nn.softplus(x) - x * target,
}

FROM_OUTPUT = {
    "relu": lambda dy, y: jnp.where(y > 0, dy, 0),
    "leaky_relu": lambda dy, y: jnp.where(y > 0, dy, 0.01 * dy),
    "elu": lambda dy, y: jnp.where(y > 0, dy, dy * (y + 1)),
    "celu": lambda dy, y: jnp.where(y > 0, dy, dy * (y + 1)),
    "sigmoid": lambda dy, y: dy * y * (1 - y),
    "tanh": lambda dy, y: dy * (1 - y) * (1 + y),
    "softplus": lambda dy, y: -dy * jnp.expm1(-y),
    "exponential": lambda dy, y: dy * y,
    "relu6": lambda dy, y: jnp.where((y > 0) & (y < 6), dy, 0),
    "log_sigmoid": lambda dy, y: -dy * jnp.expm1(y),
    "hard_sigmoid": lambda dy, y: jnp.where((y > 0) & (y < 1), dy / 6, 0),
    "hard_tanh": lambda dy, y: jnp.where(jnp.abs(y) < 1, dy, 0),
    "softsign": lambda dy, y: dy * jnp.square(1 - jnp.abs(y)),
    "squareplus": lambda dy, y: dy * y * y / (y * y + 1),
    "sparse_plus": lambda dy, y: dy * jnp.sqrt(jnp.minimum(y, 1)),
    "sparse_sigmoid": lambda dy, y: jnp.where((y > 0) & (y < 1), dy / 2, 0),
}


def gradient(function):
    return lambda dy, x, *target: jax.vjp(lambda x: function(x, *target), x)[1](dy)[0]


SPELLINGS = {
    "function": FUNCTIONS,
    "backward": {name: gradient(function) for name, function in FUNCTIONS.items()},
    "backward_from_output": FROM_OUTPUT,
}


def cross_entropy(x, target, axis):
    labels = jnp.expand_dims(target, axis)
    return -jnp.take_along_axis(nn.log_softmax(x, axis), labels, axis).squeeze(axis)


ROW_FUNCTIONS = {
    "softmax": nn.softmax,
    "log_softmax": nn.log_softmax,
    "softmin": lambda x, axis: nn.softmax(-x, axis),
    "logsumexp": nn.logsumexp,
    "softmax_cross_entropy": cross_entropy,
}


def along(function, axis):
    return lambda *arrays: function(*arrays, axis=axis)


def softmax_from_output(dy, y, axis):
    return y * (dy - (dy * y).sum(axis, keepdims=True))


def log_softmax_from_output(dy, y, axis):
    return dy - jnp.exp(y) * dy.sum(axis, keepdims=True)


ROWS = {
    "function": {name: partial(along, function) for name, function in ROW_FUNCTIONS.items()},
    "backward": {
        name: partial(lambda function, axis: gradient(along(function, axis)), function)
        for name, function in ROW_FUNCTIONS.items()
    },
    "backward_from_output": {
        "softmax": partial(along, softmax_from_output),
        "log_softmax": partial(along, log_softmax_from_output),
        "softmin": partial(along, lambda dy, y, axis: -softmax_from_output(dy, y, axis)),
    },
}


def use_threads(count: int) -> None:
    """Start JAX with a pool of so many threads: it makes one for each CPU that it may run on at its first use."""
    if hasattr(os, "sched_setaffinity"):
        allowed = os.sched_getaffinity(0)
        os.sched_setaffinity(0, sorted(allowed)[:count])
        jax.devices()
        os.sched_setaffinity(0, allowed)


def ready(spelling, arrays, out):
    compiled, arrays = jax.jit(spelling), [jnp.asarray(array) for array in arrays]
    return lambda: compiled(*arrays).block_until_ready()
