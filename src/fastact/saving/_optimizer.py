"""The state of an optimizer as the list of arrays that Keras's optimizer of the same kind keeps, and back."""

from __future__ import annotations

import numpy as np

from .. import _data
from ..optimizers import Adam


def split(flat: np.ndarray, like: list[np.ndarray]) -> list[np.ndarray]:
    """Views of a flat array, in the shapes of the weights."""
    ends = np.cumsum([weight.size for weight in like])
    return [flat[end - w.size : end].reshape(w.shape) for end, w in zip(ends, like, strict=True)]


def scheduled(optimizer) -> bool:
    """Whether the learning rate follows a schedule; Keras keeps it as a variable if not."""
    return isinstance(optimizer.get_config()["learning_rate"], dict)


def optimizer_state(model) -> list[np.ndarray]:
    """What Keras's optimizer of the same kind keeps, in its order.

    Steps, learning rate unless it is scheduled, then the moments: Adam's weight by weight, others' one
    after the other.
    """
    optimizer, weights = model.optimizer, model._weights
    state = [np.array(optimizer.iterations, np.int64)]
    if not scheduled(optimizer):
        state.append(np.array(optimizer.learning_rate))
    moments = [split(moment, weights) for moment in optimizer.moments]
    groups = zip(*moments, strict=True) if isinstance(optimizer, Adam) else moments
    return state + [array for group in groups for array in group]


def set_optimizer_state(model, arrays: dict[str, np.ndarray]) -> None:
    """Take over what `optimizer_state` gave; an optimizer that has not started has no moments yet."""
    optimizer, weights = model.optimizer, model._weights
    names = [name for name in arrays if name.startswith("optimizer/vars/")]
    state = [arrays[f"optimizer/vars/{k}"] for k in range(len(names))]
    if not state:
        return
    steps, *state = state
    state = state if scheduled(optimizer) else state[1:]
    optimizer.iterations = _data.whole_number("iterations", steps.item(), 0)
    if not state:
        return
    count = optimizer.moment_count
    if len(state) != count * len(weights):
        raise ValueError(f"{optimizer!r} keeps {count * len(weights)} arrays, the file has {len(state)}")
    by_moment = [state[k::count] for k in range(count)]
    if not isinstance(optimizer, Adam):
        by_moment = [state[k * len(weights) : (k + 1) * len(weights)] for k in range(count)]
    optimizer.moments = [joined(moment, weights) for moment in by_moment]


def joined(arrays, like: list[np.ndarray]) -> np.ndarray:
    """One flat array of arrays that have the shapes of the weights."""
    for array, weight in zip(arrays, like, strict=True):
        if array.shape != weight.shape:
            raise ValueError(f"a moment of shape {array.shape} does not fit a weight of {weight.shape}")
    return np.concatenate([_data.finite("a moment", array.ravel(), like[0].dtype) for array in arrays])
