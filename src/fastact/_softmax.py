"""softmax and log_softmax, with any axes, on generalized ufuncs over rows."""

from __future__ import annotations

import numpy as np

from ._docstrings import softmax_docstring
from ._ufuncs import publish, rows


def over_axes(ufunc: np.ufunc, operands: tuple, axis, out):
    """Apply a ufunc over rows along one axis, or along several (None: all) taken together as one row."""
    keywords = {} if out is None else {"out": out}
    if axis is not None and not isinstance(axis, tuple):
        if np.ndim(operands[-1]) == 0 and axis in (-1, 0):
            axis = ()
        else:
            return ufunc(*operands, **({} if axis == -1 else {"axis": axis}), **keywords)
    arrays = np.broadcast_arrays(*operands) if len(operands) > 1 else [np.asanyarray(operands[0])]
    ndim = arrays[0].ndim
    axes = tuple(range(ndim)) if axis is None else np.lib.array_utils.normalize_axis_tuple(axis, ndim)
    last = range(ndim - len(axes), ndim)
    moved = [np.moveaxis(a, axes, last) for a in arrays]
    shape = moved[0].shape
    flat = [a.reshape(*shape[: ndim - len(axes)], -1) for a in moved]
    result = np.moveaxis(ufunc(*flat).reshape(shape), last, axes)
    if out is None:
        return result if ndim else result[()]
    np.copyto(out, result)
    return out


def row_function(kind: str, member: str, backward: bool = False, from_output: bool = False):
    """A public function of the softmax family: `member` says which, "" the function itself."""
    name = f"{kind}.{member}" if member else kind
    doc = softmax_docstring(kind, member)
    ufunc = rows(f"{name}.ufunc", doc, kind, backward, from_output)
    if not member:

        def function(x, axis=-1, out=None):
            return over_axes(ufunc, (x,), axis, out)

    elif from_output:

        def function(dy, y, axis=-1, out=None):
            return over_axes(ufunc, (dy, y), axis, out)

    else:

        def function(dy, x, axis=-1, out=None):
            return over_axes(ufunc, (dy, x), axis, out)

    function.__name__ = member or kind
    function.__doc__ = doc
    function.ufunc = ufunc
    return publish(function, name)


def family(kind: str):
    """softmax or log_softmax, with backward and backward_from_output."""
    function = row_function(kind, "")
    function.backward = row_function(kind, "backward", backward=True)
    function.backward_from_output = row_function(
        kind, "backward_from_output", backward=True, from_output=True
    )
    return function


softmax = family("softmax")
log_softmax = family("log_softmax")
