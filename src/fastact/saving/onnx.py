"""`.onnx`: what a model computes, for other programs; written, not read."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

from .. import __version__, _stages
from .._table import BY_NAME, GATES
from ._model import Saved, restored

#: the first version of the operators that has all that is used here, from the end of 2022
OPSET, IR_VERSION = 18, 8


class Graph:
    """A graph under construction: ``graph.Add(a, b)`` adds a node and returns the name of its result."""

    def __init__(self, dtype):
        self.dtype = dtype
        self.nodes, self.constants = [], []

    def __getattr__(self, operator: str):
        return partial(self.node, operator)

    def node(self, operator: str, *operands, outputs: int = 1, **attributes):
        names = [x if isinstance(x, str) else self.constant(x) for x in operands]
        results = [f"{operator.lower()}_{len(self.nodes)}_{k}" for k in range(outputs)]
        self.nodes.append(helper.make_node(operator, names, results, **attributes))
        return results[0] if outputs == 1 else results

    def constant(self, value) -> str:
        """A number or array of the model's dtype; an array of integers as it is."""
        array = np.asarray(value)
        array = array if array.ndim and array.dtype.kind == "i" else array.astype(self.dtype)
        self.constants.append(numpy_helper.from_array(array, f"constant_{len(self.constants)}"))
        return self.constants[-1].name


def write(file, saved: Saved) -> None:
    model = restored(saved, compile=False)
    graph = Graph(model.dtype)
    result = "x"
    for stage in model._stages:
        if stage.computes:
            result = translated(graph, stage, result)
    graph.nodes.append(helper.make_node("Identity", [result], ["y"]))
    kind = helper.np_dtype_to_tensor_dtype(model.dtype)
    inputs, outputs = (
        [helper.make_tensor_value_info(name, kind, ["rows", *shape[1:]])]
        for name, shape in (("x", model.input_shape), ("y", model.output_shape))
    )
    whole = helper.make_graph(graph.nodes, model.name, inputs, outputs, graph.constants)
    proto = helper.make_model(
        whole,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="fastact",
        producer_version=__version__,
    )
    checker.check_model(proto)
    file.write(proto.SerializeToString())


def translated(g: Graph, stage, x: str) -> str:
    """The nodes of one stage."""
    match stage:
        case _stages.Affine():
            kernel, *biases = stage.weights
            x = g.MatMul(x, kernel)
            return g.Add(x, biases[0]) if biases else x
        case _stages.TrainedSlope():
            return g.PRelu(x, stage.weights[0])
        case _stages.Reshaping():
            return g.Flatten(x, axis=1)
        case _stages.Nonlinearity():
            name = stage.function.__name__
            if name not in ACTIVATIONS:
                raise ValueError(f"activation {name} has no translation to ONNX")
            defaults = {p.name: p.default for p in BY_NAME[name].parameters} if name in BY_NAME else {}
            return ACTIVATIONS[name](g, x, **defaults | stage.options)
        case _stages.Pair(spelling={"class_name": "ReLU", "config": options}):
            return clipped_relu(g, x, options["max_value"], options["negative_slope"], options["threshold"])
    raise ValueError(f"stage {stage.name} has no translation to ONNX")


def clipped_relu(g, x, max_value, negative_slope, threshold):
    below = g.Mul(g.Sub(x, threshold), negative_slope)
    y = g.Where(g.Less(x, threshold), below, x)
    return y if max_value is None else g.Min(y, max_value)


def celu(g, x, alpha):  # ONNX's own node is for float32 alone
    below = g.Mul(g.Sub(g.Exp(g.Div(g.Min(x, 0.0), alpha)), 1.0), alpha)
    return g.Add(g.Relu(x), below)


def gelu(g, x, approximate=False):
    if approximate in (True, "tanh"):
        cube = g.Mul(g.Mul(x, x), x)
        inner = g.Mul(g.Add(x, g.Mul(cube, 0.044715)), 2 * math.sqrt(2 / math.pi))
        return g.Mul(x, g.Sigmoid(inner))
    # ONNX Runtime has no Erf in double precision
    erf = g.Erf(g.Cast(g.Div(x, math.sqrt(2)), to=TensorProto.FLOAT))
    phi = g.Add(g.Cast(erf, to=helper.np_dtype_to_tensor_dtype(g.dtype)), 1.0)
    return g.Mul(g.Mul(x, 0.5), phi)


def dish(g, x):
    root = g.Sqrt(g.Add(g.Mul(x, x), 1.0))
    return g.Mul(g.Mul(x, 0.5), g.Add(g.Div(x, root), 1.0))


def squareplus(g, x, b):
    """The sum of x and the root for x > 0; below, where it cancels, b over their difference."""
    far = g.Add(g.Sqrt(g.Add(g.Mul(x, x), b)), g.Abs(x))
    near_zero = np.finfo(g.dtype).tiny  # for b = 0 at x = 0
    return g.Mul(g.Where(g.Greater(x, 0.0), far, g.Div(b, g.Max(far, near_zero))), 0.5)


def sparse_plus(g, x):
    inner = g.Add(g.Clip(x, -1.0, 1.0), 1.0)
    return g.Add(g.Mul(g.Mul(inner, inner), 0.25), g.Relu(g.Sub(x, 1.0)))


def hard_sigmoid(g, x):
    return g.Div(g.Clip(g.Add(x, 3.0), 0.0, 6.0), 6.0)


def softplus(g, x, beta):
    return g.Div(g.Softplus(g.Mul(x, beta)), beta)


def sparsemax(g, x, axis=-1):
    """What exceeds the threshold: the largest of (sum of the k largest - 1) / k over k."""
    if axis != -1:
        raise ValueError(f"sparsemax along axis {axis} has no translation to ONNX, only along the last")
    count = g.Slice(g.Shape(x), np.array([-1]), np.array([np.iinfo(np.int64).max]))
    largest, _ = g.TopK(x, count, outputs=2, axis=-1)
    rank = g.CumSum(g.Sign(g.Add(g.Abs(largest), 1.0)), np.array([-1]))
    threshold = g.ReduceMax(g.Div(g.Sub(g.CumSum(largest, np.array([-1])), 1.0), rank), np.array([-1]))
    return g.Relu(g.Sub(x, threshold))


def gated(gate: str):
    def function(g, x, axis=-1):
        a, b = g.Split(x, outputs=2, num_outputs=2, axis=axis)
        return g.Mul(a, ACTIVATIONS[gate](g, b))

    return function


#: the nodes of each activation, composed where ONNX has none of its own
ACTIVATIONS = {
    "celu": celu,
    "cos": lambda g, x: g.Cos(x),
    "dish": dish,
    "elu": lambda g, x, alpha: g.Elu(x, alpha=alpha),
    "exponential": lambda g, x: g.Exp(x),
    "gelu": gelu,
    "hard_shrink": lambda g, x, threshold: g.Shrink(x, lambd=threshold),
    "hard_sigmoid": hard_sigmoid,
    "hard_silu": lambda g, x: g.Mul(x, hard_sigmoid(g, x)),
    "hard_tanh": lambda g, x, min_value, max_value: g.Clip(x, min_value, max_value),
    "leaky_relu": lambda g, x, negative_slope: g.LeakyRelu(x, alpha=negative_slope),
    "linear": lambda g, x: x,
    "log_sigmoid": lambda g, x: g.Neg(g.Softplus(g.Neg(x))),
    "log_softmax": lambda g, x, axis=-1, temperature=1.0: g.LogSoftmax(g.Div(x, temperature), axis=axis),
    "mish": lambda g, x: g.Mul(x, g.Tanh(g.Softplus(x))),
    "prelu": lambda g, x, weight: g.PRelu(x, weight),
    "relu": lambda g, x: g.Relu(x),
    "relu6": lambda g, x: g.Clip(x, 0.0, 6.0),
    "selu": lambda g, x: g.Selu(x),
    "sigmoid": lambda g, x: g.Sigmoid(x),
    "silu": lambda g, x: g.Mul(x, g.Sigmoid(x)),
    "sin": lambda g, x: g.Sin(x),
    "soft_shrink": lambda g, x, threshold: g.Shrink(x, lambd=threshold, bias=threshold),
    "softmax": lambda g, x, axis=-1, temperature=1.0: g.Softmax(g.Div(x, temperature), axis=axis),
    "softmin": lambda g, x, axis=-1: g.Softmax(g.Neg(x), axis=axis),
    "softplus": softplus,
    "softsign": lambda g, x: g.Softsign(x),
    "sparsemax": sparsemax,
    "sparse_plus": sparse_plus,
    "sparse_sigmoid": lambda g, x: g.Clip(g.Mul(g.Add(x, 1.0), 0.5), 0.0, 1.0),
    "squareplus": squareplus,
    "tanh": lambda g, x: g.Tanh(x),
    "tanh_shrink": lambda g, x: g.Sub(x, g.Tanh(x)),
    "threshold": lambda g, x, threshold, value: g.Where(g.Greater(x, threshold), x, value),
}
ACTIVATIONS |= {gate.name: gated(gate.gate) for gate in GATES}
