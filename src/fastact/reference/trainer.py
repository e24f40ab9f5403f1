"""The trainer as a textbook writes it: dense layers, their gradients, SGD and Adam, in plain NumPy.

Tests take it as an oracle, benchmarks as the baseline. It knows nothing of the kernels: every step is
a formula, every intermediate result a new array.
"""

from __future__ import annotations

import numpy as np

from . import activations


def sparse_softmax_cross_entropy(logits, labels):
    """Mean over the rows, each with an integer label, and its gradient."""
    rows = np.arange(len(logits))
    log_p = activations.log_softmax(logits)
    gradient = np.exp(log_p)
    gradient[rows, labels] -= 1
    return -log_p[rows, labels].mean(), gradient / len(logits)


def softmax_cross_entropy(logits, target):
    """Mean over the rows, each with a row of probabilities, and its gradient."""
    log_p = activations.log_softmax(logits)
    mass = target.sum(axis=1, keepdims=True)
    return -(target * log_p).sum(axis=1).mean(), (np.exp(log_p) * mass - target) / len(logits)


def sigmoid_cross_entropy(logits, target):
    """Mean over all elements, and its gradient."""
    loss = np.maximum(logits, 0) - logits * target + np.log1p(np.exp(-np.abs(logits)))
    return loss.mean(), (activations.sigmoid(logits) - target) / logits.size


def squared_error(output, target):
    """Mean over all elements, and its gradient."""
    error = output - target
    return (error * error).mean(), 2 * error / error.size


LOSSES = {
    "mean_squared_error": squared_error,
    "binary_crossentropy": sigmoid_cross_entropy,
    "categorical_crossentropy": softmax_cross_entropy,
    "sparse_categorical_crossentropy": sparse_softmax_cross_entropy,
}


class SGD:
    """Gradient descent with momentum, as in Keras."""

    def __init__(self, learning_rate=0.01, momentum=0.0, nesterov=False):
        self.learning_rate, self.momentum, self.nesterov = learning_rate, momentum, nesterov
        self.velocities = None

    def update(self, weights, gradients):
        if self.velocities is None:
            self.velocities = [np.zeros_like(w) for w in weights]
        for w, g, velocity in zip(weights, gradients, self.velocities, strict=True):
            velocity[...] = self.momentum * velocity - self.learning_rate * g
            w += self.momentum * velocity - self.learning_rate * g if self.nesterov else velocity


class Adam:
    """Adam, as in Keras."""

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.learning_rate, self.beta_1, self.beta_2, self.epsilon = learning_rate, beta_1, beta_2, epsilon
        self.t, self.moments = 0, None

    def update(self, weights, gradients):
        if self.moments is None:
            self.moments = [(np.zeros_like(w), np.zeros_like(w)) for w in weights]
        self.t += 1
        rate = self.learning_rate * np.sqrt(1 - self.beta_2**self.t) / (1 - self.beta_1**self.t)
        for w, g, (m, v) in zip(weights, gradients, self.moments, strict=True):
            m += (1 - self.beta_1) * (g - m)
            v += (1 - self.beta_2) * (g * g - v)
            w -= float(rate) * m / (np.sqrt(v) + self.epsilon)


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
    optimizer : SGD or Adam

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

    def __init__(self, weights, hidden, loss, optimizer):
        self.weights = [np.array(w) for w in weights]
        self.loss = LOSSES[loss]
        self.optimizer = optimizer
        self.activation = activations.get(hidden)
        self.hidden = hidden

    def forward(self, x):
        """The inputs of all layers, and what they make of them before their activation."""
        inputs, sums = [], []
        for kernel, bias in zip(self.weights[::2], self.weights[1::2], strict=True):
            inputs.append(self.activation(sums[-1]) if sums else x)
            sums.append(inputs[-1] @ kernel + bias)
        return inputs, sums

    def gradients(self, x, target):
        """The loss, and its gradient with respect to each weight."""
        inputs, sums = self.forward(x)
        loss, dz = self.loss(sums[-1], target)
        gradients = []
        for k in reversed(range(len(sums))):
            gradients[:0] = [inputs[k].T @ dz, dz.sum(axis=0)]
            if k:
                dz = activations.backward(self.hidden, dz @ self.weights[2 * k].T, sums[k - 1])
        return loss, gradients

    def train(self, x, target):
        """One step; the loss before it."""
        loss, gradients = self.gradients(x, target)
        self.optimizer.update(self.weights, gradients)
        return loss

    def predict(self, x):
        """What the last layer gives: logits, under a cross-entropy."""
        return self.forward(x)[1][-1]
