"""PyTorch: its kernels with `out=` and `grad_input=`, under inference mode."""

from __future__ import annotations

from functools import partial

import torch

aten = torch.ops.aten
context = torch.inference_mode

SELU = (1.6732632423543772, 1.0507009873554805, 1.0)
ELU = (1.0, 1.0, 1.0)

torch.abs(torch.ones(64, dtype=torch.float64))  # before its first such kernel, float64 gelu takes 13x as long


def halves(x):
    return x.tensor_split(2, -1)


def gate(activation, x, y):
    a, b = halves(x)

    def call():
        activation(b, out=y)
        return y.mul_(a)

    return call


def gate_backward(activation, derivative, dy, x, dx):
    """The gradient of a gated linear unit; `derivative(dy, x, out)` is that of the gate."""
    (a, b), (of_a, of_b) = halves(x), halves(dx)
    scaled = torch.empty_like(dy)

    def call():
        activation(b, out=of_a)
        of_a.mul_(dy)
        derivative(torch.mul(dy, a, out=scaled), b, of_b)
        return dx

    return call


def softmax_backward(axis, dy, x, dx):
    y = torch.empty_like(x)

    def call():
        aten._softmax.out(x, axis, False, out=y)
        return aten._softmax_backward_data.out(dy, y, axis, x.dtype, grad_input=dx)

    return call


def log_softmax_backward(axis, dy, x, dx):
    y = torch.empty_like(x)

    def call():
        aten._log_softmax.out(x, axis, False, out=y)
        return aten._log_softmax_backward_data.out(dy, y, axis, x.dtype, out=dx)

    return call


def negated(function, axis, x, y):
    """A function of -x."""
    minus = torch.empty_like(x)
    call = function(axis)(minus, y)

    def negate_and_call():
        torch.neg(x, out=minus)
        return call()

    return negate_and_call


def logsumexp_backward(axis, dy, x, dx):
    weights = dy.unsqueeze(axis)
    return lambda: aten._softmax.out(x, axis, False, out=dx).mul_(weights)


def cross_entropy(axis, x, target, y):
    labels, scratch = target.unsqueeze(axis), torch.empty_like(x)

    def call():
        aten._log_softmax.out(x, axis, False, out=scratch)
        return torch.neg(torch.gather(scratch, axis, labels).squeeze(axis), out=y)

    return call


def cross_entropy_backward(axis, dy, x, target, dx):
    """The gradient of a sum weighted by dy, as autograd does it: through that of log_softmax."""
    labels, weights = target.unsqueeze(axis), -dy.unsqueeze(axis)
    y, gradient = torch.empty_like(x), torch.empty_like(x)

    def call():
        aten._log_softmax.out(x, axis, False, out=y)
        gradient.zero_().scatter_(axis, labels, weights)
        return aten._log_softmax_backward_data.out(gradient, y, axis, x.dtype, out=dx)

    return call


def log_sigmoid(x, y):
    buffer = torch.empty_like(x)
    return lambda: aten.log_sigmoid_forward.output(x, output=y, buffer=buffer)[0]


def log_sigmoid_backward(dy, x, dx):
    """From the buffer that the function leaves behind, as PyTorch trains."""
    buffer = aten.log_sigmoid_forward(x)[1]
    return partial(aten.log_sigmoid_backward.grad_input, dy, x, buffer, grad_input=dx)


def silu_gradient(dy, x, dx):
    return aten.silu_backward.grad_input(dy, x, grad_input=dx)


def gelu_gradient(dy, x, dx):
    return aten.gelu_backward.grad_input(dy, x, grad_input=dx)


def relu(x, out):
    return torch.clamp_min(x, 0, out=out)


def relu_gradient(dy, x, dx):
    return aten.threshold_backward.grad_input(dy, x, 0, grad_input=dx)


FUNCTIONS = {
    "linear": lambda x, y: partial(y.copy_, x),
    "relu": lambda x, y: partial(torch.clamp_min, x, 0, out=y),
    "leaky_relu": lambda x, y: partial(aten.leaky_relu.out, x, 0.01, out=y),
    "elu": lambda x, y: partial(aten.elu.out, x, out=y),
    "selu": lambda x, y: partial(aten.elu.out, x, *SELU, out=y),
    "gelu": lambda x, y: partial(aten.gelu.out, x, out=y),
    "gelu_tanh": lambda x, y: partial(aten.gelu.out, x, approximate="tanh", out=y),
    "silu": lambda x, y: partial(aten.silu.out, x, out=y),
    "sigmoid": lambda x, y: partial(torch.sigmoid, x, out=y),
    "tanh": lambda x, y: partial(torch.tanh, x, out=y),
    "softplus": lambda x, y: partial(aten.softplus.out, x, out=y),
    "exponential": lambda x, y: partial(torch.exp, x, out=y),
    "relu6": lambda x, y: partial(torch.clamp, x, 0, 6, out=y),
    "prelu": lambda x, y: partial(aten.leaky_relu.out, x, 0.25, out=y),
    "celu": lambda x, y: partial(aten.elu.out, x, out=y),
    "mish": lambda x, y: partial(aten.mish.out, x, out=y),
    "dish": lambda x, y: (
        lambda: torch.mul(x, x, out=y).add_(1).sqrt_().reciprocal_().mul_(x).add_(1).mul_(x).mul_(0.5)
    ),
    "log_sigmoid": log_sigmoid,
    "hard_sigmoid": lambda x, y: partial(aten.hardsigmoid.out, x, out=y),
    "hard_silu": lambda x, y: partial(aten.hardswish.out, x, out=y),
    "hard_tanh": lambda x, y: partial(torch.clamp, x, -1, 1, out=y),
    "tanh_shrink": lambda x, y: lambda: torch.sub(x, torch.tanh(x, out=y), out=y),
    "hard_shrink": lambda x, y: partial(aten.hardshrink.out, x, 0.5, out=y),
    "soft_shrink": lambda x, y: partial(aten.softshrink.out, x, 0.5, out=y),
    "threshold": lambda x, y: partial(aten.threshold.out, x, 0.25, -0.5, out=y),
    "softsign": lambda x, y: lambda: torch.div(x, torch.abs(x, out=y).add_(1), out=y),
    "squareplus": lambda x, y: lambda: torch.mul(x, x, out=y).add_(4).sqrt_().add_(x).mul_(0.5),
    "sparse_sigmoid": lambda x, y: lambda: torch.mul(x, 0.5, out=y).add_(0.5).clamp_(0, 1),
    "sin": lambda x, y: partial(torch.sin, x, out=y),
    "cos": lambda x, y: partial(torch.cos, x, out=y),
    "glu": lambda x, y: partial(aten.glu.out, x, -1, out=y),
    "swiglu": partial(gate, aten.silu.out),
    "geglu": partial(gate, aten.gelu.out),
    "reglu": partial(gate, relu),
    "sigmoid_cross_entropy": lambda x, target, y: partial(
        aten.binary_cross_entropy_with_logits.out, x, target, None, None, 0, out=y
    ),
}

BACKWARDS = {
    "linear": lambda dy, x, dx: partial(dx.copy_, dy),
    "relu": lambda dy, x, dx: partial(aten.threshold_backward.grad_input, dy, x, 0, grad_input=dx),
    "leaky_relu": lambda dy, x, dx: partial(
        aten.leaky_relu_backward.grad_input, dy, x, 0.01, False, grad_input=dx
    ),
    "elu": lambda dy, x, dx: partial(aten.elu_backward.grad_input, dy, *ELU, False, x, grad_input=dx),
    "selu": lambda dy, x, dx: partial(aten.elu_backward.grad_input, dy, *SELU, False, x, grad_input=dx),
    "gelu": lambda dy, x, dx: partial(aten.gelu_backward.grad_input, dy, x, grad_input=dx),
    "gelu_tanh": lambda dy, x, dx: partial(
        aten.gelu_backward.grad_input, dy, x, approximate="tanh", grad_input=dx
    ),
    "silu": lambda dy, x, dx: partial(aten.silu_backward.grad_input, dy, x, grad_input=dx),
    "sigmoid": lambda dy, x, dx: (
        lambda: aten.sigmoid_backward.grad_input(dy, torch.sigmoid(x, out=dx), grad_input=dx)
    ),
    "tanh": lambda dy, x, dx: lambda: aten.tanh_backward.grad_input(dy, torch.tanh(x, out=dx), grad_input=dx),
    "softplus": lambda dy, x, dx: partial(aten.softplus_backward.grad_input, dy, x, 1, 20, grad_input=dx),
    "exponential": lambda dy, x, dx: lambda: torch.exp(x, out=dx).mul_(dy),
    "relu6": lambda dy, x, dx: partial(aten.hardtanh_backward.grad_input, dy, x, 0, 6, grad_input=dx),
    "prelu": lambda dy, x, dx: partial(
        aten.leaky_relu_backward.grad_input, dy, x, 0.25, False, grad_input=dx
    ),
    "celu": lambda dy, x, dx: partial(aten.elu_backward.grad_input, dy, *ELU, False, x, grad_input=dx),
    "mish": lambda dy, x, dx: partial(aten.mish_backward, dy, x),
    "log_sigmoid": log_sigmoid_backward,
    "hard_sigmoid": lambda dy, x, dx: partial(aten.hardsigmoid_backward.grad_input, dy, x, grad_input=dx),
    "hard_silu": lambda dy, x, dx: partial(aten.hardswish_backward, dy, x),
    "hard_tanh": lambda dy, x, dx: partial(aten.hardtanh_backward.grad_input, dy, x, -1, 1, grad_input=dx),
    "tanh_shrink": lambda dy, x, dx: lambda: torch.tanh(x, out=dx).square_().mul_(dy),
    "hard_shrink": lambda dy, x, dx: partial(aten.hardshrink_backward.grad_input, dy, x, 0.5, grad_input=dx),
    "soft_shrink": lambda dy, x, dx: partial(aten.softshrink_backward.grad_input, dy, x, 0.5, grad_input=dx),
    "threshold": lambda dy, x, dx: partial(aten.threshold_backward.grad_input, dy, x, 0.25, grad_input=dx),
    "softsign": lambda dy, x, dx: lambda: torch.div(dy, torch.abs(x, out=dx).add_(1).square_(), out=dx),
    "squareplus": lambda dy, x, dx: (
        lambda: torch.div(x, torch.mul(x, x, out=dx).add_(4).sqrt_(), out=dx).add_(1).mul_(0.5).mul_(dy)
    ),
    "sparse_plus": lambda dy, x, dx: lambda: torch.mul(x, 0.5, out=dx).add_(0.5).clamp_(0, 1).mul_(dy),
    "sparse_sigmoid": lambda dy, x, dx: (
        lambda: aten.hardtanh_backward.grad_input(dy, x, -1, 1, grad_input=dx).mul_(0.5)
    ),
    "sin": lambda dy, x, dx: lambda: torch.cos(x, out=dx).mul_(dy),
    "cos": lambda dy, x, dx: lambda: torch.sin(x, out=dx).mul_(dy).neg_(),
    "glu": lambda dy, x, dx: partial(aten.glu_backward.grad_input, dy, x, -1, grad_input=dx),
    "swiglu": partial(gate_backward, aten.silu.out, silu_gradient),
    "geglu": partial(gate_backward, aten.gelu.out, gelu_gradient),
    "reglu": partial(gate_backward, relu, relu_gradient),
    "sigmoid_cross_entropy": lambda dy, x, target, dx: lambda: torch.sigmoid(x, out=dx).sub_(target).mul_(dy),
}


def elu_from_output(constants):
    return lambda dy, y, dx: partial(aten.elu_backward.grad_input, dy, *constants, True, y, grad_input=dx)


def hard_tanh_from_output(low, high):
    return lambda dy, y, dx: partial(aten.hardtanh_backward.grad_input, dy, y, low, high, grad_input=dx)


FROM_OUTPUT = {
    "linear": BACKWARDS["linear"],
    "relu": BACKWARDS["relu"],
    "leaky_relu": lambda dy, y, dx: partial(
        aten.leaky_relu_backward.grad_input, dy, y, 0.01, True, grad_input=dx
    ),
    "elu": elu_from_output(ELU),
    "selu": elu_from_output(SELU),
    "celu": elu_from_output(ELU),
    "sigmoid": lambda dy, y, dx: partial(aten.sigmoid_backward.grad_input, dy, y, grad_input=dx),
    "tanh": lambda dy, y, dx: partial(aten.tanh_backward.grad_input, dy, y, grad_input=dx),
    "softplus": lambda dy, y, dx: lambda: torch.neg(y, out=dx).expm1_().mul_(dy).neg_(),
    "exponential": lambda dy, y, dx: partial(torch.mul, dy, y, out=dx),
    "relu6": hard_tanh_from_output(0, 6),
    "log_sigmoid": lambda dy, y, dx: lambda: torch.expm1(y, out=dx).mul_(dy).neg_(),
    "hard_sigmoid": lambda dy, y, dx: (
        lambda: aten.hardtanh_backward.grad_input(dy, y, 0, 1, grad_input=dx).mul_(1 / 6)
    ),
    "hard_tanh": hard_tanh_from_output(-1, 1),
    "hard_shrink": lambda dy, y, dx: partial(aten.hardshrink_backward.grad_input, dy, y, 0, grad_input=dx),
    "soft_shrink": lambda dy, y, dx: partial(aten.softshrink_backward.grad_input, dy, y, 0, grad_input=dx),
    "softsign": lambda dy, y, dx: lambda: torch.abs(y, out=dx).neg_().add_(1).square_().mul_(dy),
    "squareplus": lambda dy, y, dx: (
        lambda: torch.mul(y, y, out=dx).add_(1).reciprocal_().neg_().add_(1).mul_(dy)
    ),
    "sparse_plus": lambda dy, y, dx: lambda: torch.clamp_max(y, 1, out=dx).sqrt_().mul_(dy),
    "sparse_sigmoid": lambda dy, y, dx: (
        lambda: aten.hardtanh_backward.grad_input(dy, y, 0, 1, grad_input=dx).mul_(0.5)
    ),
}

SPELLINGS = {"function": FUNCTIONS, "backward": BACKWARDS, "backward_from_output": FROM_OUTPUT}


def softmax(axis):
    return lambda x, y: partial(aten._softmax.out, x, axis, False, out=y)


ROWS = {
    "function": {
        "softmax": softmax,
        "log_softmax": lambda axis: lambda x, y: partial(aten._log_softmax.out, x, axis, False, out=y),
        "softmin": lambda axis: partial(negated, softmax, axis),
        "logsumexp": lambda axis: lambda x, y: partial(torch.logsumexp, x, axis, out=y),
        "softmax_cross_entropy": lambda axis: partial(cross_entropy, axis),
    },
    "backward": {
        "softmax": lambda axis: partial(softmax_backward, axis),
        "log_softmax": lambda axis: partial(log_softmax_backward, axis),
        "logsumexp": lambda axis: partial(logsumexp_backward, axis),
        "softmax_cross_entropy": lambda axis: partial(cross_entropy_backward, axis),
    },
    "backward_from_output": {
        "softmax": lambda axis: (
            lambda dy, y, dx: partial(aten._softmax_backward_data.out, dy, y, axis, y.dtype, grad_input=dx)
        ),
        "log_softmax": lambda axis: (
            lambda dy, y, dx: partial(aten._log_softmax_backward_data.out, dy, y, axis, y.dtype, out=dx)
        ),
    },
}


def use_threads(count: int) -> None:
    torch.set_num_threads(count)


def ready(spelling, arrays, out):
    return spelling(*map(torch.from_numpy, arrays), torch.from_numpy(out))
