"""The node tests of ONNX: their operators, attributes, inputs and outputs, in float16, bfloat16 and float32."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from check import FLOATS, finfo

import fastact as fa

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
from onnx.backend.test.loader import load_model_tests  # noqa: E402
from onnx.helper import get_attribute_value  # noqa: E402

fa.enable_bfloat16()


def selu(x, alpha=1.67326319217681884765625, gamma=1.05070102214813232421875):
    return fa.selu(x) if alpha < 2 else fa.elu(x, alpha) * x.dtype.type(gamma)


def hard_sigmoid(x, alpha=0.2, beta=0.5):
    """Theirs is clip(alpha x + beta, 0, 1), of which ours has alpha = 1/6, beta = 1/2."""
    return fa.hard_sigmoid((6 * (alpha * x + beta) - 3).astype(x.dtype))


def shrink(x, bias=0.0, lambd=0.5):
    assert bias in (0.0, lambd)
    return fa.soft_shrink(x, lambd) if bias else fa.hard_shrink(x, lambd)


def clip(x, least=None, most=None):
    info = np.finfo(x.dtype)
    return fa.hard_tanh(x, info.min if least is None else least, info.max if most is None else most)


#: operator -> ours, which takes its inputs and attributes
TWINS = {
    "Celu": fa.celu,
    "Clip": clip,
    "Cos": fa.cos,
    "Elu": fa.elu,
    "Exp": fa.exponential,
    "Gelu": lambda x, approximate="none": fa.gelu(x, approximate=approximate),
    "HardSigmoid": hard_sigmoid,
    "HardSwish": fa.hard_silu,
    "Identity": fa.linear,
    "LeakyRelu": lambda x, alpha=0.01: fa.leaky_relu(x, negative_slope=alpha),
    "LogSoftmax": fa.log_softmax,
    "Mish": fa.mish,
    "PRelu": fa.prelu,
    "Relu": fa.relu,
    "Selu": selu,
    "Shrink": shrink,
    "Sigmoid": fa.sigmoid,
    "Sin": fa.sin,
    "Softmax": fa.softmax,
    "Softplus": fa.softplus,
    "Softsign": fa.softsign,
    "Swish": lambda x, alpha=1.0: fa.silu(alpha * x) / x.dtype.type(alpha),
    "Tanh": fa.tanh,
    "ThresholdedRelu": lambda x, alpha=1.0: fa.threshold(x, alpha, 0.0),
}
#: case -> why the contract wants something else
REFUSED = {"test_clip_min_greater_than_max": "min_value > max_value is an error here"}
ROUNDINGS = 32  # theirs are made in NumPy, of several steps


def attributes(node) -> dict:
    found = {a.name: get_attribute_value(a) for a in node.attribute}
    return {name: value.decode() if isinstance(value, bytes) else value for name, value in found.items()}


def cases() -> list:
    """The node tests of one node that is ours, on floats."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of making the cases of all operators
        every = load_model_tests(kind="node")
    found = []
    for case in every:
        nodes = case.model.graph.node
        if len(nodes) == 1 and nodes[0].op_type in TWINS and case.data_sets:
            [(inputs, outputs)] = case.data_sets
            if all(isinstance(a, np.ndarray) and a.dtype in FLOATS for a in [*inputs, *outputs]):
                found.append(pytest.param(nodes[0], inputs, outputs[0], id=case.name))
    return found


CASES = cases()


@pytest.mark.parametrize(("node", "inputs", "right"), CASES)
def test_node(request, node, inputs, right):
    given = iter(inputs)
    operands = [next(given) if name else None for name in node.input]
    call = TWINS[node.op_type]
    if request.node.callspec.id in REFUSED:
        with pytest.raises(ValueError, match="min_value"):
            call(*operands, **attributes(node))
        return
    ours = call(*operands, **attributes(node))
    assert (ours.dtype, ours.shape) == (right.dtype, right.shape)
    tolerance = ROUNDINGS * float(finfo(right.dtype).eps)
    np.testing.assert_allclose(ours.astype(float), right.astype(float), rtol=tolerance, atol=0)


def test_every_operator_was_met():
    assert {case.values[0].op_type for case in CASES} == TWINS.keys()
