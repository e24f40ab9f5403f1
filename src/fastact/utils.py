"""Seeds: where a model's random numbers come from when nobody seeded it."""

from __future__ import annotations

import numbers

import numpy as np

__all__ = ["set_random_seed"]

_process_seeds: np.random.SeedSequence | None = None


def checked_seed(seed, argument: str = "seed"):
    """A seed as it is, or an error that names the argument."""
    if seed is None:
        return None
    if not isinstance(seed, numbers.Integral) or isinstance(seed, bool):
        raise TypeError(f"{argument} must be an integer or None, got {seed!r}")
    if seed < 0:
        raise ValueError(f"{argument} must be at least 0, got {seed!r}")
    return int(seed)


def generator(seed=None) -> np.random.Generator:
    """A generator for `seed`; for None the next one of `set_random_seed`, else one from fresh entropy."""
    if seed is None and _process_seeds is not None:
        return np.random.default_rng(_process_seeds.spawn(1)[0])
    return np.random.default_rng(seed)


def set_random_seed(seed: int | None) -> None:
    """Seed everything in this process that has no seed of its own.

    Models made or trained afterwards draw from independent streams, the same in every run.
    NumPy's global generator is neither used nor touched.

    Parameters
    ----------
    seed : int or None
        At least 0. None goes back to fresh entropy.

    Examples
    --------
    >>> from fastact.utils import set_random_seed
    >>> from fastact.models import Sequential
    >>> from fastact.layers import Dense
    >>> def weights():
    ...     set_random_seed(7)
    ...     return Sequential([Dense(2, input_shape=(3,))]).get_weights()[0]
    >>> bool((weights() == weights()).all())
    True
    """
    global _process_seeds
    seed = checked_seed(seed)
    _process_seeds = None if seed is None else np.random.SeedSequence(seed)
