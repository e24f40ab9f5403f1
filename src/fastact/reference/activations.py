"""Every activation and its derivative as a textbook writes them: the readable specification.

Tests take these functions as an oracle, benchmarks as the baseline. They know nothing of the kernels
nor of the table. x is a NumPy array of floats and the result has its dtype; formulas are written so
that both tails keep their accuracy. What only the kernels promise is left out: NaN handed through
every derivative, limits at infinity, silence about overflow.
"""

from __future__ import annotations

import math

import numpy as np

SELU_SCALE = 1.0507009873554805
SELU_ALPHA = 1.6732632423543772
GELU_TANH_SCALE = 2 * math.sqrt(2 / math.pi)
GELU_TANH_CUBIC = 0.044715
GATES = {"glu": "sigmoid", "swiglu": "silu", "geglu": "gelu", "reglu": "relu"}


def get(name: str):
    """The textbook function called `name`: a row of the table, `name_derivative`, or softmax and its kin.

    Raises
    ------
    LookupError
        If the row has no twin here yet.
    """
    function = globals().get(name)
    if not callable(function):
        raise LookupError(f"fastact.reference has no {name!r}: add it to reference/activations.py")
    return function


def backward(name: str, dy, x, **parameters):
    """dy times the derivative of the activation called `name` at x."""
    return dy * get(f"{name}_derivative")(x, **parameters)


def erfc(x):
    """Complementary error function, which NumPy lacks; in double precision, whatever the dtype of x."""
    double = np.asarray(x, dtype=np.float64)
    y = np.asarray(np.frompyfunc(math.erfc, 1, 1)(double)).astype(x.dtype)
    lost = np.asarray(x - double, dtype=x.dtype)  # what a longdouble has beyond a double
    return np.where(lost == 0, y, np.where(y == 0, 0, y - 2 / math.sqrt(math.pi) * np.exp(-x * x) * lost))


def normal_distribution(x):
    """Probability that a standard normal variable is less than x."""
    return erfc(-x / np.sqrt(x.dtype.type(2))) / 2


def normal_density(x):
    return np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def linear(x):
    return x


def linear_derivative(x):
    return np.ones_like(x)


def relu(x):
    return np.maximum(x, 0)


def relu_derivative(x):
    return np.heaviside(x, 0)


def leaky_relu(x, negative_slope=0.01):
    return np.where(x > 0, x, negative_slope * x)


def leaky_relu_derivative(x, negative_slope=0.01):
    return np.where(x > 0, np.ones_like(x), negative_slope)


def prelu(x, weight):
    return np.where(x > 0, x, weight * x)


def prelu_derivative(x, weight):
    return np.where(x > 0, np.ones_like(x), weight)


def relu6(x):
    return np.clip(x, 0, 6)


def relu6_derivative(x):
    return ((x > 0) & (x < 6)).astype(x.dtype)


def hard_tanh(x, min_value=-1.0, max_value=1.0):
    return np.clip(x, min_value, max_value)


def hard_tanh_derivative(x, min_value=-1.0, max_value=1.0):
    return ((x > min_value) & (x < max_value)).astype(x.dtype)


def hard_shrink(x, threshold=0.5):
    return np.where(np.abs(x) > threshold, x, 0)


def hard_shrink_derivative(x, threshold=0.5):
    return (np.abs(x) > threshold).astype(x.dtype)


def soft_shrink(x, threshold=0.5):
    return np.sign(x) * np.maximum(np.abs(x) - threshold, 0)


def soft_shrink_derivative(x, threshold=0.5):
    return hard_shrink_derivative(x, threshold)


def threshold(x, threshold, value):
    return np.where(x > threshold, x, value)


def threshold_derivative(x, threshold, value):
    return (x > threshold).astype(x.dtype)


def hard_sigmoid(x):
    return np.clip(x + 3, 0, 6) / 6


def hard_sigmoid_derivative(x):
    return ((x > -3) & (x < 3)) / x.dtype.type(6)


def hard_silu(x):
    return x * hard_sigmoid(x)


def hard_silu_derivative(x):
    return np.where(x <= -3, 0, np.where(x >= 3, 1, (2 * x + 3) / 6))


def sparse_plus(x):
    return np.where(x <= -1, 0, np.where(x >= 1, x, (x + 1) ** 2 / 4))


def sparse_plus_derivative(x):
    return sparse_sigmoid(x)


def sparse_sigmoid(x):
    return np.clip((x + 1) / 2, 0, 1)


def sparse_sigmoid_derivative(x):
    return ((x > -1) & (x < 1)) / x.dtype.type(2)


def softsign(x):
    return x / (1 + np.abs(x))


def softsign_derivative(x):
    return 1 / (1 + np.abs(x)) ** 2


def squareplus(x, b=4.0):
    # for x < 0 the same times (sqrt - x) / (sqrt - x), where x + sqrt would cancel
    root = np.sqrt(x * x + b)
    return np.where(x < 0, b / (2 * (root - np.minimum(x, 0))), (x + root) / 2)


def squareplus_derivative(x, b=4.0):
    root = np.sqrt(x * x + b)
    return np.where(x < 0, b / root / (2 * (root - np.minimum(x, 0))), (1 + x / root) / 2)


def dish(x):
    # 1 + x / root = 1 / (root (root - x))
    root = np.sqrt(1 + x * x)
    return np.where(x < 0, x / 2 / root / (root - np.minimum(x, 0)), x / 2 * (1 + x / root))


def dish_derivative(x):
    root = np.sqrt(1 + x * x)
    u = x / root
    return np.where(x < 0, 1 / root / (root - np.minimum(x, 0)), 1 + u) * (1 + u - u**2) / 2


def elu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def elu_derivative(x, alpha=1.0):
    return np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0)))


def selu(x):
    return SELU_SCALE * elu(x, SELU_ALPHA)


def selu_derivative(x):
    return SELU_SCALE * elu_derivative(x, SELU_ALPHA)


def celu(x, alpha=1.0):
    return np.maximum(x, 0) + np.minimum(alpha * np.expm1(np.minimum(x, 0) / alpha), 0)


def celu_derivative(x, alpha=1.0):
    return np.exp(np.minimum(x, 0) / alpha)


def mish(x):
    # tanh(log(1 + n)) = n (n + 2) / (n (n + 2) + 2), n = e^x; for x > 0 in e^-x
    z = np.exp(-np.abs(x))
    return x * np.where(x < 0, z * (z + 2) / (z * (z + 2) + 2), (1 + 2 * z) / (1 + 2 * z + 2 * z * z))


def mish_derivative(x):
    # t + x (1 - t^2) sigmoid(x), 1 - t^2 = 4 (n + 1)^2 / (n (n + 2) + 2)^2
    z = np.exp(-np.abs(x))
    below = 4 * ((1 + z) / (z * (z + 2) + 2)) ** 2
    above = 4 * (z * (1 + z) / (1 + 2 * z + 2 * z * z)) ** 2
    t = np.where(x < 0, z * (z + 2) / (z * (z + 2) + 2), (1 + 2 * z) / (1 + 2 * z + 2 * z * z))
    return t + x * np.where(x < 0, below, above) * sigmoid(x)


def log_sigmoid(x):
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


def log_sigmoid_derivative(x):
    return sigmoid(-x)


def tanh_shrink(x):
    # x - tanh x cancels for small x: its series there
    square = np.minimum(x * x, 1)
    series = x * square * (1 / 3 - square * (2 / 15 - square * (17 / 315 - square * 62 / 2835)))
    return np.where(np.abs(x) < 0.02, series, x - np.tanh(x))


def tanh_shrink_derivative(x):
    return np.tanh(x) ** 2


def sin(x):
    return np.sin(x)


def sin_derivative(x):
    return np.cos(x)


def cos(x):
    return np.cos(x)


def cos_derivative(x):
    return -np.sin(x)


def gelu(x):
    return x * normal_distribution(x)


def gelu_derivative(x):
    return normal_distribution(x) + x * normal_density(x)


def gelu_tanh(x):
    return x * sigmoid(GELU_TANH_SCALE * (x + GELU_TANH_CUBIC * x**3))


def gelu_tanh_derivative(x):
    v = GELU_TANH_SCALE * (x + GELU_TANH_CUBIC * x**3)
    slope = GELU_TANH_SCALE * (1 + 3 * GELU_TANH_CUBIC * x**2)
    return sigmoid(v) + x * slope * sigmoid_derivative(v)


def silu(x):
    return x * sigmoid(x)


def silu_derivative(x):
    return sigmoid(x) + x * sigmoid_derivative(x)


def sigmoid(x):
    z = np.exp(-np.abs(x))
    return np.where(x < 0, z, 1) / (1 + z)


def sigmoid_derivative(x):
    z = np.exp(-np.abs(x))
    return z / (1 + z) ** 2


def tanh(x):
    t = np.expm1(-2 * np.abs(x))
    return np.copysign(t / (t + 2), x)


def tanh_derivative(x):
    return 4 * sigmoid_derivative(2 * x)


def softplus(x, beta=1.0):
    return (np.maximum(beta * x, 0) + np.log1p(np.exp(-np.abs(beta * x)))) / beta


def softplus_derivative(x, beta=1.0):
    return sigmoid(beta * x)


def exponential(x):
    return np.exp(x)


def exponential_derivative(x):
    return np.exp(x)


def gated(name: str, x, axis=-1):
    """glu, swiglu, geglu or reglu: half of x times an activation of the other half."""
    a, b = np.split(x, 2, axis)
    return a * get(GATES[name])(b)


def gated_backward(name: str, dy, x, axis=-1):
    a, b = np.split(x, 2, axis)
    return np.concatenate([dy * get(GATES[name])(b), dy * a * get(f"{GATES[name]}_derivative")(b)], axis)


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def softmax_backward(dy, x, axis=-1):
    y = softmax(x, axis)
    return y * (dy - (dy * y).sum(axis=axis, keepdims=True))


def log_softmax(x, axis=-1):
    shifted = x - x.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def log_softmax_backward(dy, x, axis=-1):
    return dy - softmax(x, axis) * dy.sum(axis=axis, keepdims=True)


def softmin(x, axis=-1):
    return softmax(-x, axis)


def softmin_backward(dy, x, axis=-1):
    return -softmax_backward(dy, -x, axis)


def logsumexp(x, axis=-1):
    largest = x.max(axis=axis, keepdims=True)
    return np.squeeze(largest, axis) + np.log(np.exp(x - largest).sum(axis=axis))


def logsumexp_backward(dy, x, axis=-1):
    return np.expand_dims(dy, axis) * softmax(x, axis)


def sparsemax(x, axis=-1):
    d = np.moveaxis(x - x.max(axis=axis, keepdims=True), axis, -1)
    falling = -np.sort(-d, axis=-1)
    sums = np.cumsum(falling, axis=-1)
    counts = np.arange(1, d.shape[-1] + 1)
    support = (1 + counts * falling > sums).sum(axis=-1, keepdims=True)
    threshold = (np.take_along_axis(sums, support - 1, axis=-1) - 1) / support
    return np.moveaxis(np.maximum(d - threshold, 0), -1, axis).astype(x.dtype)


def sparsemax_backward(dy, x, axis=-1):
    support = sparsemax(x, axis) > 0
    mean = (dy * support).sum(axis=axis, keepdims=True) / support.sum(axis=axis, keepdims=True)
    return (support * (dy - mean)).astype(x.dtype)


def probabilities(logits, target, axis, label_smoothing):
    """A target of labels or probabilities as probabilities, smoothed."""
    classes = logits.shape[axis]
    if target.shape != logits.shape:
        target = np.moveaxis(np.eye(classes, dtype=logits.dtype)[target], -1, axis)
    return (1 - label_smoothing) * target + label_smoothing / classes


def softmax_cross_entropy(logits, target, axis=-1, label_smoothing=0.0):
    t = probabilities(logits, target, axis, label_smoothing)
    return -(t * log_softmax(logits, axis)).sum(axis=axis)


def softmax_cross_entropy_backward(dloss, logits, target, axis=-1, label_smoothing=0.0):
    t = probabilities(logits, target, axis, label_smoothing)
    return np.expand_dims(dloss, axis) * (softmax(logits, axis) * t.sum(axis=axis, keepdims=True) - t)


def sigmoid_cross_entropy(logits, target):
    return np.maximum(logits, 0) - logits * target + np.log1p(np.exp(-np.abs(logits)))


def sigmoid_cross_entropy_backward(dloss, logits, target):
    return dloss * (sigmoid(logits) - target)
