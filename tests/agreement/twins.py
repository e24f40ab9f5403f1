"""What each function of fastact is called in other libraries, and what its parameters are called there.

TWINS: library -> their name -> our name, and their parameters, in the order of their signature, by our names.
A parameter of theirs that is None here has no counterpart: what it does is in `differences.py`. ONNX, whose attributes
are more general than our parameters, has its table in `test_onnx.py`.
"""

from __future__ import annotations

from typing import NamedTuple


class Twin(NamedTuple):
    """Our name, and their parameter -> our parameter."""

    name: str
    parameters: dict[str, str | None] = {}  # noqa: RUF012


AXIS = {"dim": "axis"}
F = "nn.functional."

TORCH = {
    F + "relu": Twin("relu"),
    F + "relu6": Twin("relu6"),
    F + "leaky_relu": Twin("leaky_relu", {"negative_slope": "negative_slope"}),
    F + "prelu": Twin("prelu", {"weight": "weight"}),
    F + "elu": Twin("elu", {"alpha": "alpha"}),
    F + "selu": Twin("selu"),
    F + "celu": Twin("celu", {"alpha": "alpha"}),
    F + "gelu": Twin("gelu", {"approximate": "approximate"}),
    F + "silu": Twin("silu"),
    F + "mish": Twin("mish"),
    F + "hardsigmoid": Twin("hard_sigmoid"),
    F + "hardswish": Twin("hard_silu"),
    F + "hardtanh": Twin("hard_tanh", {"min_val": "min_value", "max_val": "max_value"}),
    F + "tanhshrink": Twin("tanh_shrink"),
    F + "hardshrink": Twin("hard_shrink", {"lambd": "threshold"}),
    F + "softshrink": Twin("soft_shrink", {"lambd": "threshold"}),
    F + "threshold": Twin("threshold", {"threshold": "threshold", "value": "value"}),
    F + "softplus": Twin("softplus", {"beta": "beta", "threshold": None}),
    F + "softsign": Twin("softsign"),
    F + "logsigmoid": Twin("log_sigmoid"),
    F + "glu": Twin("glu", AXIS),
    "sigmoid": Twin("sigmoid"),
    "tanh": Twin("tanh"),
    "exp": Twin("exponential"),
    "sin": Twin("sin"),
    "cos": Twin("cos"),
    "softmax": Twin("softmax", AXIS),
    "log_softmax": Twin("log_softmax", AXIS),
}

JAX = {
    "relu": Twin("relu"),
    "relu6": Twin("relu6"),
    "leaky_relu": Twin("leaky_relu", {"negative_slope": "negative_slope"}),
    "elu": Twin("elu", {"alpha": "alpha"}),
    "selu": Twin("selu"),
    "celu": Twin("celu", {"alpha": "alpha"}),
    "gelu": Twin("gelu", {"approximate": "approximate"}),
    "silu": Twin("silu"),
    "swish": Twin("silu"),
    "mish": Twin("mish"),
    "sigmoid": Twin("sigmoid"),
    "log_sigmoid": Twin("log_sigmoid"),
    "hard_sigmoid": Twin("hard_sigmoid"),
    "hard_silu": Twin("hard_silu"),
    "hard_swish": Twin("hard_silu"),
    "hard_tanh": Twin("hard_tanh"),
    "tanh": Twin("tanh"),
    "identity": Twin("linear"),
    "softplus": Twin("softplus"),
    "soft_sign": Twin("softsign"),
    "squareplus": Twin("squareplus", {"b": "b"}),
    "sparse_plus": Twin("sparse_plus"),
    "sparse_sigmoid": Twin("sparse_sigmoid"),
    "glu": Twin("glu", {"axis": "axis"}),
    "softmax": Twin("softmax", {"axis": "axis"}),
    "log_softmax": Twin("log_softmax", {"axis": "axis"}),
}

KERAS = {
    "relu": Twin("relu"),
    "relu6": Twin("relu6"),
    "leaky_relu": Twin("leaky_relu", {"negative_slope": "negative_slope"}),
    "elu": Twin("elu", {"alpha": "alpha"}),
    "selu": Twin("selu"),
    "celu": Twin("celu", {"alpha": "alpha"}),
    "gelu": Twin("gelu", {"approximate": "approximate"}),
    "silu": Twin("silu"),
    "swish": Twin("silu"),
    "mish": Twin("mish"),
    "sigmoid": Twin("sigmoid"),
    "log_sigmoid": Twin("log_sigmoid"),
    "hard_sigmoid": Twin("hard_sigmoid"),
    "hard_silu": Twin("hard_silu"),
    "hard_swish": Twin("hard_silu"),
    "hard_tanh": Twin("hard_tanh"),
    "tanh": Twin("tanh"),
    "tanh_shrink": Twin("tanh_shrink"),
    "hard_shrink": Twin("hard_shrink", {"threshold": "threshold"}),
    "soft_shrink": Twin("soft_shrink", {"threshold": "threshold"}),
    "threshold": Twin("threshold", {"threshold": "threshold", "default_value": "value"}),
    "linear": Twin("linear"),
    "exponential": Twin("exponential"),
    "softplus": Twin("softplus"),
    "softsign": Twin("softsign"),
    "squareplus": Twin("squareplus", {"b": "b"}),
    "sparse_plus": Twin("sparse_plus"),
    "sparse_sigmoid": Twin("sparse_sigmoid"),
    "glu": Twin("glu", {"axis": "axis"}),
    "softmax": Twin("softmax", {"axis": "axis"}),
    "log_softmax": Twin("log_softmax", {"axis": "axis"}),
}

#: their function and parameter -> their default, where it is not ours
OTHER_DEFAULTS = {
    ("jax", "gelu", "approximate"): True,
    ("keras", "leaky_relu", "negative_slope"): 0.2,
}
