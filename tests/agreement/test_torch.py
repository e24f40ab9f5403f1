"""PyTorch's own samples (OpInfo): the values in every float dtype, the gradients in float64, against autograd's."""

from __future__ import annotations

import numpy as np
import pytest
from check import FLOATS, assert_agree, assert_every_difference_was_met, call, every_float, ml_dtypes
from twins import TORCH

import fastact as fa

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("expecttest", reason="expecttest is not installed, which torch.testing needs")
from torch.testing._internal.common_methods_invocations import op_db  # noqa: E402

OPERATORS = {op.name: op for op in op_db if not op.variant_test_name}
DTYPES = dict(zip(FLOATS, (torch.float16, torch.bfloat16, torch.float32, torch.float64), strict=True))
NOT_OURS = {"inplace", "training"}

fa.enable_bfloat16()
torch.set_num_threads(1)  # the samples are small
every_operator = pytest.mark.parametrize("name", TORCH)


def array(tensor) -> np.ndarray:
    """The same memory, with its strides."""
    tensor = tensor.detach()
    return (
        tensor.view(torch.int16).numpy().view(ml_dtypes.bfloat16)
        if tensor.dtype == torch.bfloat16
        else tensor.numpy()
    )


def samples(name: str, dtype):
    """(operand, arguments, their parameters by name), small and large, empty, strided, broadcast, extreme."""
    op = OPERATORS[name]
    for sample in op.reference_inputs("cpu", dtype):
        named = dict(zip(TORCH[name].parameters, sample.args, strict=False)) | sample.kwargs
        yield sample, {key: value for key, value in named.items() if key not in NOT_OURS}


def converted(theirs: dict, x) -> dict:
    """Their parameters with tensors as arrays; a weight is of the channels, which are the second axis."""
    found = {}
    for key, value in theirs.items():
        if torch.is_tensor(value):
            value = array(value)
            value = value.reshape(() if value.size == 1 else (-1,) + (1,) * max(x.ndim - 2, 0))
        found[key] = value
    return found


def may_be_refused(name: str, parameters: dict) -> bool:
    """Whether the contract makes an error of what PyTorch takes: a negative threshold."""
    return TORCH[name].name == "hard_shrink" and parameters.get("threshold", 0) < 0


@every_float
@every_operator
def test_values(name, dtype):
    twin, tried = TORCH[name], 0
    for sample, theirs in samples(name, DTYPES[dtype]):
        x = array(sample.input)
        theirs = converted(theirs, x)
        parameters = call(twin, theirs)
        if may_be_refused(name, parameters):
            with pytest.raises(ValueError, match="threshold"):
                fa.get(twin.name)(x, **parameters)
            continue
        right = OPERATORS[name].op(sample.input, *sample.args, **sample.kwargs)
        assert_agree("torch", twin, "function", x, theirs, fa.get(twin.name)(x, **parameters), array(right))
        tried += 1
    assert tried


@every_operator
def test_gradients(name):
    twin, tried, rng = TORCH[name], 0, np.random.default_rng(0)
    for sample, theirs in samples(name, torch.float64):
        x = array(sample.input)
        theirs = converted(theirs, x)
        parameters = call(twin, theirs)
        if may_be_refused(name, parameters):
            continue
        leaf = sample.input.detach().clone().requires_grad_()
        y = OPERATORS[name].op(leaf, *sample.args, **sample.kwargs)
        dy = rng.standard_normal(y.shape)
        [right] = torch.autograd.grad(y, leaf, torch.from_numpy(np.asarray(dy)))
        ours = fa.get(twin.name).backward(dy, x, **parameters)
        assert_agree("torch", twin, "gradient", x, theirs, ours, right.numpy(), dy)
        tried += 1
    assert tried


def test_every_difference_is_there():
    assert_every_difference_was_met("torch", TORCH, ("function", "gradient"))
