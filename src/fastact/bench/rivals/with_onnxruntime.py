"""ONNX Runtime: a model of one node, its operands and result bound to memory that exists."""

from __future__ import annotations

import numpy as np
import onnxruntime
from onnx import helper
from onnxruntime.capi import onnxruntime_pybind11_state as failures

#: name -> operator and its attributes
SPELLINGS = {
    "function": {
        "relu": ("Relu", {}),
        "leaky_relu": ("LeakyRelu", {"alpha": 0.01}),
        "elu": ("Elu", {}),
        "selu": ("Selu", {}),
        "gelu": ("Gelu", {}),
        "gelu_tanh": ("Gelu", {"approximate": "tanh"}),
        "silu": ("QuickGelu", {"alpha": 1.0}),
        "sigmoid": ("Sigmoid", {}),
        "tanh": ("Tanh", {}),
        "softplus": ("Softplus", {}),
        "exponential": ("Exp", {}),
        "prelu": ("LeakyRelu", {"alpha": 0.25}),
        "celu": ("Celu", {}),
        "mish": ("Mish", {}),
        "hard_sigmoid": ("HardSigmoid", {"alpha": 1 / 6, "beta": 0.5}),
        "hard_silu": ("HardSwish", {}),
        "hard_shrink": ("Shrink", {"bias": 0.0, "lambd": 0.5}),
        "soft_shrink": ("Shrink", {"bias": 0.5, "lambd": 0.5}),
        "softsign": ("Softsign", {}),
        "sparse_sigmoid": ("HardSigmoid", {"alpha": 0.5, "beta": 0.5}),
        "sin": ("Sin", {}),
        "cos": ("Cos", {}),
    }
}
ROWS = {
    "function": {
        "softmax": lambda axis: ("Softmax", {"axis": axis}),
        "log_softmax": lambda axis: ("LogSoftmax", {"axis": axis}),
    }
}
MICROSOFT = "com.microsoft"
CONTRIBUTED = {"QuickGelu"}
OPSET, IR_VERSION = 20, 10

threads = 1


def use_threads(count: int) -> None:
    global threads
    threads = count


def model(operator: str, attributes: dict, dtype: np.dtype, shape: tuple[int, ...]) -> bytes:
    kind = helper.np_dtype_to_tensor_dtype(dtype)
    domain = MICROSOFT if operator in CONTRIBUTED else ""
    node = helper.make_node(operator, ["x"], ["y"], domain=domain, **attributes)
    ends = [helper.make_tensor_value_info(name, kind, shape) for name in "xy"]
    graph = helper.make_graph([node], operator, ends[:1], ends[1:])
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION).SerializeToString()


def ready(spelling, arrays, out):
    [x] = arrays
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(
            model(*spelling, x.dtype, x.shape), options, providers=["CPUExecutionProvider"]
        )
    except (failures.NotImplemented, failures.InvalidGraph):
        return None  # no kernel for this dtype
    binding = session.io_binding()
    kind = helper.np_dtype_to_tensor_dtype(x.dtype)
    binding.bind_input("x", "cpu", 0, kind, x.shape, x.ctypes.data)
    binding.bind_output("y", "cpu", 0, kind, out.shape, out.ctypes.data)

    def call():
        session.run_with_iobinding(binding)
        return out

    return call
