"""The activation functions: one for each row of the table, found by name with `get`."""

from __future__ import annotations

from ._build import activation
from ._gates import gated
from ._lookup import unknown
from ._softmax import FUNCTIONS as SOFTMAX_FAMILY
from ._table import ACTIVATIONS, BY_NAME, GATES

FUNCTIONS = {row.name: activation(row) for row in ACTIVATIONS if not row.variant_of}
FUNCTIONS |= {gate.name: gated(gate) for gate in GATES}
FUNCTIONS |= SOFTMAX_FAMILY
ALIASES = {alias: row.name for row in ACTIVATIONS for alias in row.aliases}
globals().update(FUNCTIONS)

__all__ = ["get", "names", *FUNCTIONS]


def names() -> list[str]:
    """Canonical names of all activations, in alphabetical order.

    Returns
    -------
    list of str

    Examples
    --------
    >>> import fastact as fa
    >>> "silu" in fa.names()
    True
    """
    return sorted(FUNCTIONS)


def get(name):
    """The activation called `name`.

    Parameters
    ----------
    name : str or callable
        A canonical name or an alias, whatever its case. An activation of fastact is handed back.

    Returns
    -------
    callable
        The same object as ``getattr(fastact, canonical_name)``.

    Raises
    ------
    ValueError
        If there is no such activation; the message names the closest match, if one is close.
    TypeError
        If `name` is neither a string nor an activation.

    See Also
    --------
    names : all canonical names.

    Examples
    --------
    >>> import fastact as fa
    >>> fa.get("Swish") is fa.silu
    True
    """
    if not isinstance(name, str):
        if any(name is function for function in FUNCTIONS.values()):
            return name
        raise TypeError(f"an activation is given by its name or as one of fastact's functions, got {name!r}")
    key = name.lower()
    key = ALIASES.get(key, key)
    if key in BY_NAME and BY_NAME[key].variant_of:
        form = f"functools.partial(fastact.{BY_NAME[key].variant_of}, approximate='tanh')"
        raise ValueError(f"unknown activation {name!r}; it is an option of another one: {form}")
    if key not in FUNCTIONS:
        raise ValueError(unknown("activation", name, names(), ALIASES))
    return FUNCTIONS[key]
