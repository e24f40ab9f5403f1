"""thinc: the methods of its NumpyOps."""

from __future__ import annotations

from functools import partial

from thinc.api import NumpyOps

ops = NumpyOps()


SPELLINGS = {
    "function": {
        "relu": ops.relu,
        "relu6": ops.relu_k,
        "hard_tanh": ops.hard_tanh,
        "sigmoid": ops.sigmoid,
        "silu": ops.swish,
        "hard_silu": ops.hard_swish_mobilenet,
        "mish": ops.mish,
        "dish": ops.dish,
        "gelu": ops.gelu,
        "gelu_tanh": ops.gelu_approx,
    },
    "backward": {
        "relu": ops.backprop_relu,  # of the output, which has the sign of x
        "relu6": ops.backprop_relu_k,
        "hard_tanh": ops.backprop_hard_tanh,
        "silu": lambda dy, x: ops.backprop_swish(dy, x, ops.swish(x)),
        "hard_silu": ops.backprop_hard_swish_mobilenet,
        "mish": ops.backprop_mish,
        "dish": ops.backprop_dish,
        "gelu": ops.backprop_gelu,
        "gelu_tanh": ops.backprop_gelu_approx,
    },
    "backward_from_output": {
        "relu": ops.backprop_relu,
        "sigmoid": lambda dy, y: dy * ops.dsigmoid(y),
        "tanh": lambda dy, y: dy * ops.dtanh(y),
    },
}
ROWS = {
    "function": {"softmax": lambda axis: partial(ops.softmax, axis=axis)},
    "backward_from_output": {"softmax": lambda axis: lambda dy, y: ops.backprop_softmax(y, dy, axis=axis)},
}


def ready(spelling, arrays, out):
    return partial(spelling, *arrays)
