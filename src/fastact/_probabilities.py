"""Cross-entropies of outputs that are probabilities, not logits: what a loss does that cannot be fused."""

from __future__ import annotations

import numpy as np

#: a probability is kept this far from 0 and 1 before its logarithm is taken, as in Keras
EPSILON = 1e-7


class OfProbabilities:
    """A loss with its gradient; the interface is that of `fastact._kernels.training.FusedLoss`."""

    def __init__(self, output, target, gradient, weights=None, scale=1.0):
        self.output, self.target, self.gradient = output, target, gradient
        self.weights, self.scale = weights, scale

    @np.errstate(all="ignore")
    def __call__(self) -> float:
        self.losses, self.gradient[...], self.correct = self.values()
        if self.weights is not None:
            self.losses *= self.weights.reshape(-1, *[1] * (self.losses.ndim - 1))
            self.gradient *= self.weights[:, None]
        self.gradient *= self.scale
        return self.scale * float(self.losses.mean(dtype=float))

    def values(self):
        """The losses, the gradient of their mean, and how many predictions are correct."""
        raise NotImplementedError


class CategoricalOfProbabilities(OfProbabilities):
    """Of rows that are probabilities up to a factor; a correct one has its largest output in the right place."""

    def values(self):
        target = self.target
        if target.ndim == 1:
            target = np.eye(self.output.shape[1], dtype=self.output.dtype)[target]
        total = self.output.sum(axis=1, keepdims=True)
        p = self.output / total
        inside = (p >= EPSILON) & (p <= 1 - EPSILON)
        p_safe = np.clip(p, EPSILON, 1 - EPSILON)
        slope = np.where(inside, -target / p_safe, 0)
        slope -= (slope * p).sum(axis=1, keepdims=True)
        correct = np.count_nonzero(self.output.argmax(axis=1) == target.argmax(axis=1))
        return -(target * np.log(p_safe)).sum(axis=1), slope / (total * len(p)), correct


class BinaryOfProbabilities(OfProbabilities):
    """Of probabilities each by itself; correct ones are on the right side of 1/2."""

    def values(self):
        p, t = self.output, self.target
        inside = (p >= EPSILON) & (p <= 1 - EPSILON)
        safe = np.clip(p, EPSILON, 1 - EPSILON)
        slope = np.where(inside, (safe - t) / (safe * (1 - safe)), 0) / p.size
        losses = -(t * np.log(safe) + (1 - t) * np.log1p(-safe))
        return losses, slope, np.count_nonzero((p >= 0.5) == t)
