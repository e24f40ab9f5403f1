"""Apply a generalized ufunc over rows along one axis, or along several taken together as one row."""

from __future__ import annotations

import numpy as np


def checked_temperature(name: str, temperature):
    """The temperature as a double, or an array of them, or a ValueError."""
    if type(temperature) is float and 0 < temperature < np.inf:
        return np.float64(temperature)
    values = np.asarray(temperature)
    if values.dtype.kind not in "iuf" or not np.all((values > 0) & (values < np.inf)):
        raise ValueError(f"{name}: temperature must be a positive number, got {temperature!r}")
    return values.astype(np.float64)[()]


def axes_of(axis, ndim: int) -> tuple[int, ...]:
    """The axes that make up a row, as a tuple of numbers from 0 on."""
    if axis is None:
        return tuple(range(ndim))
    if ndim == 0 and axis in (-1, 0):  # a number is a row of one element
        return ()
    return np.lib.array_utils.normalize_axis_tuple(axis, ndim)


def along_axes(ufunc: np.ufunc, kinds: str, operands: list, axis, out, keepdims: bool = False):
    """Call a ufunc over rows: `kinds` says of each operand whether it has rows (r, a mask m) or not."""
    keywords = {} if out is None else {"out": out}
    if kinds.count("r") == 1 and "m" not in kinds and type(axis) is int and not keepdims:  # most often
        x = operands[kinds.index("r")]
        if type(x) is np.ndarray and x.ndim:
            return ufunc(*operands, **keywords) if axis == -1 else ufunc(*operands, axis=axis, **keywords)
    with_rows = [k for k, kind in enumerate(kinds) if kind in "rm"]
    if len(with_rows) > 1:
        arrays = [operands[k] for k in with_rows]
        if len({np.shape(array) for array in arrays}) > 1:
            for k, array in zip(with_rows, np.broadcast_arrays(*arrays), strict=True):
                operands[k] = array
    x = operands[with_rows[0]]
    if hasattr(x, "isel"):  # xarray, which leaves generalized ufuncs alone
        bare = [operand.data if hasattr(operand, "isel") else operand for operand in operands]
        result = along_axes(ufunc, kinds, bare, axis, out, keepdims)
        if np.shape(result) == x.shape:
            return x.copy(data=result)
        dropped = axes_of(axis if axis is None or isinstance(axis, tuple) else (axis,), x.ndim)
        return x.isel({x.dims[a]: 0 for a in dropped}, drop=True).copy(data=result)
    ndim = np.ndim(x)
    if axis is not None and not isinstance(axis, tuple) and ndim:
        if keepdims:
            keywords["keepdims"] = True
        return ufunc(*operands, axis=axis, **keywords)
    axes = axes_of(axis, ndim)
    last = tuple(range(ndim - len(axes), ndim))
    outer = ndim - len(axes)
    for k in with_rows:
        array = operands[k] if hasattr(operands[k], "reshape") else np.asarray(operands[k])
        moved = np.moveaxis(array, axes, last)
        shape = moved.shape
        operands[k] = moved.reshape((*shape[:outer], int(np.prod(shape[outer:]))))
    result = ufunc(*operands)
    if np.ndim(result) > outer:
        result = np.moveaxis(result.reshape(shape), last, axes)
    elif keepdims:
        result = np.expand_dims(result, axes)
    if out is None:
        return result if np.ndim(result) else result[()]
    np.copyto(out, result)
    return out
