"""SciPy: the special functions that are activations, or the hard part of one."""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy import special


def gelu_backward(dy, x, dx, s):
    np.exp(np.multiply(np.multiply(x, x, out=s), -0.5, out=s), out=s)
    np.multiply(np.multiply(s, 0.3989422804014327, out=s), x, out=s)
    return np.multiply(np.add(special.ndtr(x, out=dx), s, out=dx), dy, out=dx)


SPELLINGS = {
    "function": {
        "gelu": lambda x, y, s: lambda: np.multiply(x, special.ndtr(x, out=y), out=y),
        "silu": lambda x, y, s: lambda: np.multiply(x, special.expit(x, out=y), out=y),
        "sigmoid": lambda x, y, s: partial(special.expit, x, out=y),
        "log_sigmoid": lambda x, y, s: partial(special.log_expit, x, out=y),
    },
    "backward": {
        "gelu": lambda dy, x, dx, s: partial(gelu_backward, dy, x, dx, s),
        "softplus": lambda dy, x, dx, s: lambda: np.multiply(special.expit(x, out=dx), dy, out=dx),
        "sigmoid_cross_entropy": lambda dy, x, target, dx, s: (
            lambda: np.multiply(np.subtract(special.expit(x, out=dx), target, out=dx), dy, out=dx)
        ),
    },
}

#: those that SciPy has
ROWS = {
    "function": {
        name: partial(lambda function, axis: lambda x, y, s: partial(function, x, axis=axis), function)
        for name, function in {
            "softmax": special.softmax,
            "log_softmax": special.log_softmax,
            "logsumexp": special.logsumexp,
        }.items()
    }
}


def ready(spelling, arrays, out):
    return spelling(*arrays, out, np.empty_like(out))
