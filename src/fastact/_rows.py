"""Apply a generalized ufunc over rows along one axis, or along several taken together as one row."""

from __future__ import annotations

import sys

import numpy as np

from ._axes import axes_of, without
from ._build import as_narrow_as, dtype_of
from ._containers import is_dask, only
from ._kernels.ufuncs import public_name, through_numpy

#: types of a gradient beside an array of NumPy that is not one of Dask's, those met most often
QUICK = frozenset((np.ndarray, float, np.float16, np.float32, np.float64))
#: no number below it overflows, not even as a float16
SMALL = 65504


def checked_temperature(name: str, temperature):
    """The temperature as a double, or an array of them, or a ValueError."""
    if type(temperature) is float and 0 < temperature < np.inf:
        return np.float64(temperature)
    values = np.asarray(temperature)
    kind = values.dtype.kind
    if kind in "iuf" or (kind == "V" and not isinstance(values.dtype, np.dtypes.VoidDType)):  # bfloat16, too
        values = values.astype(np.float64)
        if np.all((values > 0) & (values < np.inf)):
            return values[()]
    raise ValueError(f"{name}: temperature must be a positive number, got {temperature!r}")


def number_beside(x, number):
    """A Python number as an operand that does not widen x."""
    dtype = dtype_of(x)
    if dtype.kind in "fV" and abs(number) < SMALL:  # as_narrow_as takes 2 us
        return dtype.type(number)
    return as_narrow_as(x, number)


def shape_of(x) -> tuple[int, ...]:
    return x.shape if type(x) is np.ndarray else np.shape(x)


def check_shape(name: str, argument: str, operand, rows: tuple[int, ...], of: str = "the result") -> None:
    """Raise a ValueError if an operand with a value for each row does not broadcast to their shape, that of `of`."""
    shape = shape_of(operand)
    if shape == rows:
        return
    try:
        fits = np.broadcast_shapes(shape, rows) == rows
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{name}: {argument} must have the shape of {of}, {rows}, got {shape}")


def temperatures_of_rows(name: str, temperatures: np.ndarray, x, axis) -> np.ndarray:
    """Temperatures without the axes that make up a row, which may have been kept, with a length of 1."""
    shape = shape_of(x)
    axes = axes_of(name, axis, len(shape))
    if temperatures.ndim == len(shape) and all(temperatures.shape[a] == 1 for a in axes):
        temperatures = temperatures.squeeze(axes)
    check_shape(name, "temperature", temperatures, without(axes, shape), "x without axis")
    return temperatures


def checked_out(name: str, out):
    """The array for the result, or an error if it can be none."""
    out = only(name, out)
    if is_dask(out):
        raise TypeError(f"{name}: out must not be an array of Dask")
    return out


def along_axes(ufunc: np.ufunc, kinds: str, operands: list, axis, out, keepdims: bool = False):
    """Call a ufunc over rows: `kinds` says of each operand whether it has rows (r, a mask m) or not."""
    out = None if out is None else checked_out(public_name(ufunc), out)
    keywords = {} if out is None else {"out": out}
    if kinds.count("r") == 1 and "m" not in kinds and type(axis) is int and not keepdims:  # most often
        x = operands[kinds.index("r")]
        if type(x) is np.ndarray and -x.ndim <= axis < x.ndim and type(operands[0]) in QUICK:
            if axis != -1:
                keywords["axis"] = axis
            return through_numpy(ufunc, tuple(operands), keywords)
    name = public_name(ufunc)
    with_rows = [k for k, kind in enumerate(kinds) if kind in "rm"]
    if len(with_rows) > 1:
        arrays = [operands[k] for k in with_rows]
        shapes = [np.shape(array) for array in arrays]
        if len(set(shapes)) > 1:
            try:
                arrays = np.broadcast_arrays(*arrays)
            except ValueError:
                told = " and ".join(map(str, shapes))
                raise ValueError(f"{name}: operands must broadcast together, got shapes {told}") from None
            for k, array in zip(with_rows, arrays, strict=True):
                operands[k] = array
    ndim = np.ndim(operands[with_rows[0]])
    axes = axes_of(name, axis, ndim)
    if any(map(is_dask, operands)):
        if out is not None:
            raise TypeError(f"{name}: out must be None where an operand is an array of Dask")
        operands = in_the_same_blocks(name, kinds, operands, axes)
    if len(axes) == 1:
        if keepdims:
            keywords["keepdims"] = True
        return through_numpy(ufunc, tuple(operands), keywords | {"axis": axes[0] - ndim})
    last = tuple(range(ndim - len(axes), ndim))
    outer = ndim - len(axes)
    for k in with_rows:
        array = operands[k] if hasattr(operands[k], "reshape") else np.asarray(operands[k])
        moved = np.moveaxis(array, axes, last)
        shape = moved.shape
        operands[k] = moved.reshape((*shape[:outer], int(np.prod(shape[outer:]))))
    result = through_numpy(ufunc, tuple(operands), {})
    if np.ndim(result) > outer:
        result = np.moveaxis(result.reshape(shape), last, axes)
    elif keepdims:
        result = np.expand_dims(result, axes)
    if out is None:
        return result if np.ndim(result) else result[()]
    if np.shape(out) != np.shape(result):
        raise ValueError(
            f"{name}: out must have the shape of the result, {np.shape(result)}, got {np.shape(out)}"
        )
    np.copyto(out, result)
    return out


def in_the_same_blocks(name: str, kinds: str, operands: list, axes: tuple[int, ...]) -> list:
    """Operands with the same blocks of rows, as Dask demands, which are those of its first array."""

    def across(k):  # the axes that do not lie in a row, from the last on
        ndim = np.ndim(operands[k])
        return without(axes if kinds[k] in "rm" else (), tuple(range(ndim)))[::-1]

    blocks = {}
    for k, operand in enumerate(operands):
        if is_dask(operand):
            if isinstance(operand._meta, np.ma.MaskedArray):
                raise TypeError(
                    f"{name}: takes no array of Dask whose blocks are masked; map_blocks calls it for each block"
                )
            apart = [a for a in axes if kinds[k] in "rm" and len(operand.chunks[a]) > 1]
            if apart:
                raise ValueError(
                    f"{name}: each row of a Dask array must lie in one block: "
                    f"rechunk({dict.fromkeys(apart, -1)}), got chunks {operand.chunks}"
                )
            for place, a in enumerate(across(k)):
                if operand.shape[a] != 1:
                    blocks.setdefault(place, operand.chunks[a])
    same = []
    for k, operand in enumerate(operands):
        if not is_dask(operand):
            operand = np.asarray(operand)
        chunks = {
            a: blocks[place] for place, a in enumerate(across(k)) if operand.shape[a] != 1 and place in blocks
        }
        if chunks and not is_dask(operand):
            operand = sys.modules["dask.array"].from_array(operand, chunks=-1)
        same.append(operand.rechunk(chunks) if chunks else operand)
    return same
