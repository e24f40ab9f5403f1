"""The trainer as a textbook writes it: dense layers, losses, gradients and optimizers in plain NumPy.

Tests take it as an oracle, benchmarks as the baseline. It knows nothing of the kernels: every step is
a formula, every intermediate result a new array.
"""

from __future__ import annotations

import numpy as np

from . import activations

# -- losses: of each row, and their gradient --------------------------------------------------------


def squared_error(output, target):
    """Mean over the elements of a row."""
    error = output - target
    return (error * error).mean(axis=1), 2 * error / error.shape[1]


def absolute_error(output, target):
    """Mean over the elements of a row."""
    error = output - target
    return np.abs(error).mean(axis=1), np.sign(error) / error.shape[1]


def huber(output, target, delta=1.0):
    """Mean over the elements of a row."""
    error = output - target
    size = np.abs(error)
    loss = np.where(size <= delta, error * error / 2, delta * (size - delta / 2))
    return loss.mean(axis=1), np.clip(error, -delta, delta) / error.shape[1]


def sigmoid_cross_entropy(logits, target):
    """Mean over the elements of a row."""
    loss = np.maximum(logits, 0) - logits * target + np.log1p(np.exp(-np.abs(logits)))
    return loss.mean(axis=1), (activations.sigmoid(logits) - target) / logits.shape[1]


def softmax_cross_entropy(logits, target):
    """Targets are probabilities."""
    log_p = activations.log_softmax(logits)
    mass = target.sum(axis=1, keepdims=True)
    return -(target * log_p).sum(axis=1), np.exp(log_p) * mass - target


def sparse_softmax_cross_entropy(logits, labels):
    """Targets are integer labels."""
    rows = np.arange(len(logits))
    log_p = activations.log_softmax(logits)
    gradient = np.exp(log_p)
    gradient[rows, labels] -= 1
    return -log_p[rows, labels], gradient


LOSSES = {
    "mean_squared_error": squared_error,
    "mean_absolute_error": absolute_error,
    "huber": huber,
    "binary_crossentropy": sigmoid_cross_entropy,
    "categorical_crossentropy": softmax_cross_entropy,
    "sparse_categorical_crossentropy": sparse_softmax_cross_entropy,
}


def mean_loss(loss, output, target, weights=None):
    """The mean of the weighted losses of all rows, and its gradient."""
    losses, gradient = LOSSES[loss](output, target)
    if weights is not None:
        losses, gradient = weights * losses, weights[:, None] * gradient
    return losses.mean(), gradient / len(output)


# -- optimizers, as in Keras ----------------------------------------------------------------------------


def with_norm_at_most(limit, gradient, norm):
    return gradient * (limit / norm) if norm > limit else gradient


class Optimizer:
    """Clipping, the learning rate of the step, and weight decay, before the step of each weight."""

    moment_count = 0

    def __init__(self, learning_rate, weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None):
        self.learning_rate, self.weight_decay = learning_rate, weight_decay or 0.0
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.t, self.moments = 0, None

    def clipped(self, gradients):
        if self.clipvalue is not None:
            return [np.clip(g, -self.clipvalue, self.clipvalue) for g in gradients]
        if self.clipnorm is not None:
            return [with_norm_at_most(self.clipnorm, g, np.linalg.norm(g)) for g in gradients]
        if self.global_clipnorm is not None:
            norm = np.sqrt(sum(np.sum(g * g) for g in gradients))
            return [with_norm_at_most(self.global_clipnorm, g, norm) for g in gradients]
        return gradients

    def update(self, weights, gradients):
        """Change the weights in place."""
        if self.moments is None:
            self.moments = [[np.zeros_like(w) for _ in range(self.moment_count)] for w in weights]
        rate = self.learning_rate(self.t) if callable(self.learning_rate) else self.learning_rate
        self.t += 1
        for w, g, moments in zip(weights, self.clipped(gradients), self.moments, strict=True):
            if self.weight_decay:
                w -= rate * self.weight_decay * w
            w += self.step(g, rate, *moments)


class SGD(Optimizer):
    """Gradient descent with momentum."""

    moment_count = 1

    def __init__(self, learning_rate=0.01, momentum=0.0, nesterov=False, **options):
        super().__init__(learning_rate, **options)
        self.momentum, self.nesterov = momentum, nesterov

    def step(self, g, rate, velocity):
        velocity[...] = self.momentum * velocity - rate * g
        return self.momentum * velocity - rate * g if self.nesterov else velocity


class RMSprop(Optimizer):
    """The gradient over the root of its mean square."""

    moment_count = 3

    def __init__(self, learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False, **options):
        super().__init__(learning_rate, **options)
        self.rho, self.momentum, self.epsilon, self.centered = rho, momentum, epsilon, centered

    def step(self, g, rate, square, mean, velocity):
        square += (1 - self.rho) * (g * g - square)
        mean += (1 - self.rho) * (g - mean)
        variance = square - mean * mean if self.centered else square
        velocity[...] = self.momentum * velocity - rate * g / np.sqrt(variance + self.epsilon)
        return velocity


class Adam(Optimizer):
    """Adam."""

    moment_count = 2

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, **options):
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def step(self, g, rate, m, v):
        m += (1 - self.beta_1) * (g - m)
        v += (1 - self.beta_2) * (g * g - v)
        rate = rate * np.sqrt(1 - self.beta_2**self.t) / (1 - self.beta_1**self.t)
        return -float(rate) * m / (np.sqrt(v) + self.epsilon)


class AdamW(Adam):
    """Adam with weight decay."""

    def __init__(self, learning_rate=0.001, weight_decay=0.004, **options):
        super().__init__(learning_rate, weight_decay=weight_decay, **options)


# -- the network ------------------------------------------------------------------------------------------


class Network:
    """Dense layers, the last of them linear: the loss takes logits where it is a cross-entropy.

    Parameters
    ----------
    weights : list of ndarray
        kernel, bias, kernel, bias, ...; they are copied.
    hidden : str
        Activation of all layers but the last.
    loss : str
        A key of `LOSSES`.
    optimizer : Optimizer
    l1, l2 : float
        What the absolute values and the squares of all kernels cost.
    dropout : float
        Share of the inputs of the last layer that is 0 while training, by the random numbers of `rng`.

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.reference.trainer import SGD, Network
    >>> net = Network([np.eye(2), np.zeros(2)], "relu", "mean_squared_error", SGD(0.5))
    >>> float(net.train(np.ones((4, 2)), np.zeros((4, 2))))
    1.0
    >>> float(net.train(np.ones((4, 2)), np.zeros((4, 2))))
    0.25
    """

    def __init__(self, weights, hidden, loss, optimizer, l1=0.0, l2=0.0, dropout=0.0, rng=None):
        self.weights = [np.array(w) for w in weights]
        self.loss, self.optimizer = loss, optimizer
        self.activation = activations.get(hidden)
        self.hidden, self.l1, self.l2 = hidden, l1, l2
        self.dropout, self.rng = dropout, rng

    def mask(self, x):
        """What dropout multiplies x with."""
        kept = self.rng.random(x.shape, x.dtype) >= self.dropout
        return kept / (1 - self.dropout)

    def forward(self, x, training=False):
        """The inputs of all layers, what they make of them before their activation, and the last mask."""
        inputs, sums, mask = [], [], None
        for kernel, bias in zip(self.weights[::2], self.weights[1::2], strict=True):
            inputs.append(self.activation(sums[-1]) if sums else x)
            if training and self.dropout and len(inputs) == len(self.weights) // 2:
                mask = self.mask(inputs[-1])
                inputs[-1] = inputs[-1] * mask
            sums.append(inputs[-1] @ kernel + bias)
        return inputs, sums, mask

    def gradients(self, x, target, weights=None):
        """The loss, and its gradient with respect to each weight."""
        inputs, sums, mask = self.forward(x, training=True)
        loss, dz = mean_loss(self.loss, sums[-1], target, weights)
        gradients = []
        for k in reversed(range(len(sums))):
            gradients[:0] = [inputs[k].T @ dz, dz.sum(axis=0)]
            if k:
                dy = dz @ self.weights[2 * k].T
                if k == len(sums) - 1 and self.dropout:
                    dy = dy * mask
                dz = activations.backward(self.hidden, dy, sums[k - 1])
        if self.l1 or self.l2:
            for kernel, gradient in zip(self.weights[::2], gradients[::2], strict=True):
                loss += self.l1 * np.abs(kernel).sum() + self.l2 * (kernel * kernel).sum()
                gradient += self.l1 * np.sign(kernel) + 2 * self.l2 * kernel
        return loss, gradients

    def train(self, x, target, weights=None):
        """One step; the loss before it. `weights` are those of the rows."""
        loss, gradients = self.gradients(x, target, weights)
        self.optimizer.update(self.weights, gradients)
        return loss

    def predict(self, x):
        """What the last layer gives: logits, under a cross-entropy."""
        return self.forward(x)[1][-1]
