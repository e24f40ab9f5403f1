"""Take arrays of xarray, pandas and numpy.ma apart into bare ones, and put what is computed of them together again.

A call is described by a letter for each operand and, last, for the result: x the rows that give the result its
axes and labels, r further rows, p rows of probabilities, m a mask of rows; l labels of classes, and any other
letter for what has one value a row, too.
"""

from __future__ import annotations

import sys

import numpy as np

from ._axes import axes_of, without

ROWS = "xrpm"
#: what stands in place of what is masked, where there is one value a row: l a label, t a temperature
FILLS = {"s": 0, "l": 0, "t": 1}
BARE = frozenset((np.ndarray, bool, int, float, list, tuple))


def is_xarray(operand) -> bool:
    """Whether its axes have names."""
    return hasattr(operand, "isel")


def has_labels(operand) -> bool:
    """Whether it is a Series or DataFrame of pandas."""
    return hasattr(operand, "iloc")


def is_pandas(operand) -> bool:
    """Whether it is a Series or DataFrame, or a nullable array of pandas, which has no labels."""
    return has_labels(operand) or hasattr(getattr(operand, "dtype", None), "numpy_dtype")


def is_masked(operand) -> bool:
    return isinstance(operand, np.ma.MaskedArray)


def is_dask(operand) -> bool:
    return hasattr(operand, "rechunk")


def bare(*operands) -> bool:
    """Whether there is nothing to be taken apart."""
    for operand in operands:
        if type(operand) not in BARE and (is_xarray(operand) or is_pandas(operand) or is_masked(operand)):
            return False
    return True


def leading(kinds: str, operands: list, belongs) -> int | None:
    """The place of the operand of a library that gives the result its labels."""
    places = [k for k, operand in enumerate(operands) if kinds[k] in ROWS and belongs(operand)]
    return min(places, key=lambda k: kinds[k] != "x", default=None)


def call_apart(name: str, kinds: str, operands: list, axis, out, keepdims: bool, compute):
    """The result of compute(operands, kept, axis, out, keepdims), which is called with bare arrays.

    `kept` is an array of bool that says what takes part, or None.
    """
    out = only(name, out)
    steps = []
    kept = None
    for belongs, take_apart in ((is_xarray, xarray_apart), (is_pandas, pandas_apart)):
        if any(map(belongs, operands)):
            operands, axis, together = take_apart(name, kinds, operands, axis, keepdims)
            steps.append(together)
    if any(map(is_masked, operands)):
        operands, kept, together = masked_apart(name, kinds, operands, axis, keepdims)
        steps.append(together)
    result = compute(operands, kept, axis, None, keepdims)
    for together in reversed(steps):
        result = together(result)
    return result if out is None else put_into(name, out, result)


def put_into(name: str, out, result):
    """Write a result where the caller wants it."""
    if is_masked(out):
        out[...] = result
    elif isinstance(out, np.ndarray):
        np.copyto(out, result)
    elif is_xarray(out) or has_labels(out):
        out[:] = result
    else:
        raise TypeError(f"{name}: out must be an array, got {type(out).__name__}")
    return out


def only(name: str, out):
    """The array for the result, which may stand alone in a tuple, as ufuncs take it."""
    if not isinstance(out, tuple):
        return out
    if len(out) != 1:
        raise ValueError(f"{name}: out must be an array or a tuple of one, got a tuple of {len(out)}")
    return out[0]


# -- xarray: by the names of dimensions ---------------------------------------------------------


def xarray_apart(name: str, kinds: str, operands: list, axis, keepdims: bool):
    """Operands with the dimensions and coordinates of the leading one, in its order; the axes; and the way back."""
    xarray = sys.modules["xarray"]
    if any(isinstance(operand, xarray.Dataset) for operand in operands):
        raise TypeError(
            f"{name}: takes a DataArray of xarray, not a Dataset; Dataset.map calls it for each variable"
        )
    operands = [xarray.DataArray(o) if isinstance(o, xarray.Variable) else o for o in operands]
    first = leading(kinds, operands, is_xarray)
    if first is None:  # no rows with names: by position, as xarray does beside an array without
        return [o.data if is_xarray(o) else o for o in operands], axis, lambda result: result
    places = [first, *(k for k, operand in enumerate(operands) if is_xarray(operand) and k != first)]
    dims = operands[first].dims
    axes = axes_of(name, axis, len(dims))
    row = [dims[a] for a in axes]
    of_target = {"p": set(dims), "l": set(dims) - set(row)}
    for k in places:
        given = set(operands[k].dims)
        if given != of_target.get(kinds[k], given):
            raise ValueError(
                f"{name}: target must have the dimensions of logits, {dims}, labels without that of the classes, "
                f"got {operands[k].dims}"
            )
        if kinds[k] not in ROWS and not given.isdisjoint(row):
            raise ValueError(
                f"{name}: an operand with one value for each row must not have the dimensions of the rows, "
                f"{tuple(row)}, got {operands[k].dims}"
            )
    aligned = xarray.align(*(operands[k] for k in places), copy=False)
    for k, array in zip(places, aligned, strict=True):
        if array.sizes != operands[k].sizes:
            raise ValueError(
                f"{name}: operands of xarray must have the same coordinates along a dimension, "
                f"got {dict(operands[k].sizes)} of which {dict(array.sizes)} are common to all"
            )
    alike = dict(zip(places, xarray.broadcast(*aligned, exclude=row), strict=True))
    of_rows = [k for k in places if kinds[k] in ROWS]
    alike.update(zip(of_rows, xarray.broadcast(*(alike[k] for k in of_rows)), strict=True))
    added = [dim for dim in alike[first].dims if dim not in dims]
    order = (*added, *dims)
    template = alike[first].transpose(*order)
    outer = tuple(dim for dim in order if dim not in row)
    for k in places:
        operands[k] = alike[k].transpose(*(order if kinds[k] in ROWS else outer)).data
    moved = tuple(a + len(added) for a in axes)

    def together(result):
        if kinds[-1] in ROWS:
            return template.copy(data=result)
        of_row = [key for key, coord in template.coords.items() if not set(row).isdisjoint(coord.dims)]
        coords = template.drop_vars(of_row).coords
        left = order if keepdims else outer
        return xarray.DataArray(result, coords, left, name=template.name, attrs=template.attrs)

    return operands, moved[0] if len(moved) == 1 else moved, together


# -- pandas: by the labels of axes --------------------------------------------------------------


def pandas_apart(name: str, kinds: str, operands: list, axis, keepdims: bool):
    """Operands in the order of the labels of the leading one, nullable ones masked; the axes; and the way back."""
    pandas = sys.modules["pandas"]
    of_rows = leading(kinds, operands, is_pandas) is not None
    first = leading(kinds, operands, has_labels)
    labels = outer = None
    if first is not None:
        labels = tuple(operands[first].axes)
        outer = without(axes_of(name, axis, len(labels)), labels)
    arrays = list(operands)
    for k, operand in enumerate(operands):
        if has_labels(operand):
            arrays[k] = numbers_of(name, in_order(name, operand, labels if kinds[k] in ROWS else outer))
        elif is_pandas(operand):
            arrays[k] = numbers_of(name, pandas.Series(operand))

    def nullable(array):
        if not is_masked(array):
            return array
        return pandas.arrays.FloatingArray(array.data, np.ma.getmaskarray(array))

    def together(result):
        if of_rows and np.ndim(result) == 0:
            return np.ma.getdata(result)[()]
        if first is None:
            return nullable(result) if of_rows and np.ndim(result) == 1 else result
        left = labels if kinds[-1] in ROWS else outer
        if (keepdims and left is not labels) or np.ndim(result) != len(left):
            return result
        template = operands[first]
        if np.ndim(result) == 1:
            of_name = template.name if template.ndim == 1 else None
            return pandas.Series(nullable(result), *left, name=of_name, copy=False).__finalize__(template)
        if is_masked(result):
            columns = {c: nullable(result[:, c]) for c in range(result.shape[1])}
            frame = pandas.DataFrame(columns, index=left[0], copy=False).set_axis(left[1], axis=1)
        else:
            frame = pandas.DataFrame(result, *left, copy=False)
        return frame.__finalize__(template)

    return arrays, axis, together


def in_order(name: str, operand, labels: tuple | None):
    """An operand of pandas in the order of labels, or a ValueError if it does not have the same."""
    if labels is None:
        return operand
    if operand.ndim > len(labels):
        raise ValueError(f"{name}: a {type(operand).__name__} has too many axes beside the other operands")
    for a, wanted in enumerate(labels[len(labels) - operand.ndim :]):
        given = operand.axes[a]
        if given.equals(wanted):
            continue
        same = len(given) == len(wanted) and given.is_unique and wanted.is_unique
        places = given.get_indexer(wanted) if same else np.array([-1])
        if (places < 0).any():
            raise ValueError(
                f"{name}: operands of pandas must have the same labels along an axis, got {wanted} and {given}"
            )
        operand = operand.take(places, axis=a)
    return operand


def numbers_of(name: str, operand) -> np.ndarray:
    """The numbers of a Series or DataFrame; a masked array if its dtype, or that of a column, is nullable."""
    pandas = sys.modules["pandas"]
    dtypes = [operand.dtype] if operand.ndim == 1 else list(operand.dtypes)
    for dtype in dtypes:
        if not pandas.api.types.is_numeric_dtype(dtype):
            raise TypeError(f"{name}: operands of pandas must be numbers, got dtype {dtype}")
    if all(isinstance(dtype, np.dtype) for dtype in dtypes):
        return operand.to_numpy(np.result_type(*dtypes) if dtypes else None)
    if not any(hasattr(dtype, "numpy_dtype") for dtype in dtypes):
        return operand.to_numpy()
    if operand.ndim == 2:
        columns = [numbers_of(name, operand.iloc[:, c]) for c in range(operand.shape[1])]
        return np.ma.stack(columns, axis=1)
    missing = operand.isna().to_numpy()
    return np.ma.masked_array(operand.to_numpy(dtypes[0].numpy_dtype, na_value=0), missing)


# -- numpy.ma: what is masked takes no part -----------------------------------------------------


def masked_apart(name: str, kinds: str, operands: list, axis, keepdims: bool):
    """The data; what takes part; and the way back, which masks what is masked in an operand."""
    ndim = max(np.ndim(operand) for kind, operand in zip(kinds, operands, strict=False) if kind in ROWS)
    axes = axes_of(name, axis, ndim)
    missing = np.False_  # elements of rows, which take no part
    hidden = np.False_  # those whose gradient is unknown: it counts as 0
    absent = np.False_  # whole rows
    data = list(operands)
    for k, operand in enumerate(operands):
        if is_masked(operand):
            mask = np.ma.getmaskarray(operand)
            data[k] = operand.data
            if kinds[k] == "r":
                data[k] = np.where(mask, operand.dtype.type(0), data[k])
                hidden = hidden | mask
            elif kinds[k] in ROWS:
                missing = missing | mask
            else:
                data[k] = np.where(mask, operand.dtype.type(FILLS[kinds[k]]), data[k])
                absent = absent | mask

    def together(result):
        gone = absent
        if np.any(gone):
            if kinds[-1] in ROWS or keepdims:
                gone = np.expand_dims(gone[(None,) * (ndim - len(axes) - gone.ndim)], axes)
            result = np.where(gone, result.dtype.type(0), result)
        mask = missing | hidden | gone if kinds[-1] in ROWS else gone
        return np.ma.masked_array(result, np.array(np.broadcast_to(mask, np.shape(result))))

    return data, ~missing if np.any(missing) else None, together
