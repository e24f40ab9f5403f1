"""glu, swiglu, geglu and reglu: half of the input times an activation of the other half."""

from __future__ import annotations

import numpy as np

from ._axes import axis_of
from ._build import is_number
from ._containers import has_labels, is_masked, is_xarray, numbers_of, only
from ._docstrings import gate_docstring
from ._kernels.ufuncs import through_numpy
from ._rows import number_beside
from ._table import Gate
from ._ufuncs import elementwise, halves_function, publish


def array_of(name: str, operand):
    """The array in an operand with labels: halves belong together by place, NumPy's operators go by label."""
    if isinstance(operand, np.ndarray):
        return operand
    if is_xarray(operand):
        return operand.data
    if has_labels(operand):
        return numbers_or_nan(name, operand)
    return operand if hasattr(operand, "ndim") else np.asarray(operand)


def numbers_or_nan(name: str, operand) -> np.ndarray:
    """The numbers of a Series or DataFrame, with NaN for what is missing in a nullable dtype."""
    numbers = numbers_of(name, operand)
    if not is_masked(numbers):
        return numbers
    if not np.ma.is_masked(numbers):  # nothing is missing
        return numbers.data
    dtype = numbers.dtype if numbers.dtype.kind == "f" else np.result_type(numbers.dtype, np.float32)
    return numbers.astype(dtype).filled(np.nan)


def labelled(result, axis: int, *operands):
    """The result in a container like the first operand that has labels; along axis these stay if the length does."""
    for operand in operands:
        if isinstance(operand, np.ndarray):
            continue
        if is_xarray(operand):
            whole = result.shape == operand.shape
            return operand.copy(data=result) if whole else without_coordinates(operand, axis, result)
        if has_labels(operand):
            labels = list(operand.axes)
            if result.shape != operand.shape:
                labels[axis] = None
            return type(operand)(result, *labels).__finalize__(operand)
    return result


def without_coordinates(operand, axis: int, result):
    """The result as an array of xarray like the operand, without coordinates along an axis."""
    dim = operand.dims[axis]
    kept = {}
    if hasattr(operand, "coords"):  # a Variable has none
        along = [name for name, coordinate in operand.coords.items() if dim in coordinate.dims]
        kept = {"coords": operand.drop_vars(along).coords, "name": operand.name}
    return type(operand)(data=result, dims=operand.dims, attrs=operand.attrs, **kept)


def halved(name: str, ufunc: np.ufunc, x, axis) -> int:
    """The axis as a number from 0 on, or an error that says what is wrong with it, or with x."""
    if x.ndim == 0:
        through_numpy(ufunc, (x,) * ufunc.nin, {})  # if x is no number at all, the ufunc says so
    place = axis_of(name, axis, x.ndim)
    if x.shape[place] % 2:
        raise ValueError(
            f"{name}: x must have an even length along axis {axis}, got {x.shape[place]} of shape {x.shape}"
        )
    return place


def places(axis: int, half: int) -> tuple:
    """Where the first so many elements along an axis are, and where the others."""
    before = (slice(None),) * axis
    return (*before, slice(half)), (*before, slice(half, None))


def halves(x, axis: int) -> tuple:
    """The first and the second half of x along an axis, as views."""
    first, second = places(axis, x.shape[axis] // 2)
    return x[first], x[second]


def joined(of_a, of_b, axis: int):
    """Both halves of a gradient as one array of their class."""
    if type(of_a) is np.ndarray or not isinstance(of_a, np.ndarray):
        return np.concatenate([of_a, of_b], axis)
    shape = [*of_a.shape]  # np.concatenate would lose a mask, and whatever else a subclass adds
    shape[axis] *= 2
    dx = np.empty_like(of_a, shape=shape)
    for place, half in zip(places(axis, of_a.shape[axis]), (of_a, of_b), strict=True):
        dx[place] = half
    return dx


def check_out(name: str, out, shape: tuple[int, ...]) -> None:
    """Raise an error if a whole gradient cannot go to out."""
    if not isinstance(out, np.ndarray):
        raise TypeError(f"{name}: out must be an ndarray, got {type(out).__name__}")
    if out.shape != shape:
        raise ValueError(f"{name}: out must have the shape of x, {shape}, got {out.shape}")


def spread(name: str, argument: str, array, shape: tuple[int, ...], of: str):
    """The array broadcast to a shape, that of `of`, or a ValueError."""
    if array.shape == shape:
        return array
    try:
        return np.broadcast_to(array, shape, subok=True)
    except ValueError:
        raise ValueError(
            f"{name}: {argument} must broadcast to the shape of {of}, {shape}, got {array.shape}"
        ) from None


def apart(operand, out: np.ndarray):
    """The operand, or a copy if it may share memory with out, whose first half is written before the second."""
    return np.array(operand, subok=True) if np.may_share_memory(operand, out) else operand


def given(**keywords) -> dict:
    """The keywords that were given: Dask, for one, does not know them all."""
    return {keyword: value for keyword, value in keywords.items() if value is not None}


def forward_of(gate: Gate):
    """The public function of a gated linear unit."""
    name = gate.name
    doc = gate_docstring(gate, "function")
    ufunc = elementwise(f"{name}.ufunc", doc, ("a", "b"), name)

    quick = halves_function(name, gradient=False).shortcut

    # Names for all keywords, with a place for each: those of **kwargs would slow down every call by a quarter.
    def function(x, axis=-1, out=None, where=None, dtype=None, casting=None, order=None, subok=None):
        if where is dtype is casting is order is subok is None:
            y = quick(axis, out, x)
            if y is not None:
                return y
        out, array = only(name, out), array_of(name, x)
        where = None if where is True else where
        axis = halved(name, ufunc, array, axis)
        if where is not None:
            where = array_of(name, where)
        keywords = given(out=out, where=where, dtype=dtype, casting=casting, order=order, subok=subok)
        y = through_numpy(ufunc, halves(array, axis), keywords)
        return labelled(y, axis, x) if out is None else y

    function.__name__ = name
    function.__doc__ = doc
    function.ufunc = ufunc
    return publish(function, name)


def backward_of(gate: Gate):
    """Its gradient: dy g(b), and dy a g'(b)."""
    name = f"{gate.name}.backward"
    doc = gate_docstring(gate, "backward")
    ufunc_a = elementwise(f"{name}.ufunc_a", doc, ("dy", "b"), f"{gate.name}_backward_a")
    ufunc_b = elementwise(f"{name}.ufunc_b", doc, ("dy", "a", "b"), f"{gate.name}_backward_b")

    quick = halves_function(f"{gate.name}_gradient", gradient=True).shortcut

    def careful(operands, axis, out, where, keywords):
        dy, x = operands
        x = array_of(name, x)
        dy = number_beside(x, dy) if is_number(dy) else array_of(name, dy)
        axis = halved(name, ufunc_a, x, axis)
        a, b = halves(x, axis)
        if dy.shape != a.shape:
            dy = spread(name, "dy", dy, a.shape, "a half of x")
            operands = operands[1:]  # whose labels the result may have
        if out is not None:
            check_out(name, out, x.shape)
            dy, a, b = (apart(operand, out) for operand in (dy, a, b))
        if where is not None:
            where = spread(name, "where", array_of(name, where), x.shape, "x")
        for_a, for_b = keywords, keywords
        for keyword, whole in given(out=out, where=where).items():
            first, second = halves(whole, axis)
            for_a, for_b = for_a | {keyword: first}, for_b | {keyword: second}
        of_a, of_b = through_numpy(ufunc_a, (dy, b), for_a), through_numpy(ufunc_b, (dy, a, b), for_b)
        if out is None:
            return labelled(joined(of_a, of_b, axis), axis, *operands[::-1])
        if isinstance(out, np.ma.MaskedArray):  # its halves have got masks of their own
            out.mask = np.concatenate([np.ma.getmaskarray(of_a), np.ma.getmaskarray(of_b)], axis=axis)
        return out

    def backward(dy, x, axis=-1, out=None, where=None, dtype=None, casting=None, order=None, subok=None):
        if where is dtype is casting is order is subok is None:
            dx = quick(axis, out, x, dy)
            if dx is not None:
                return dx
        keywords = given(dtype=dtype, casting=casting, order=order, subok=subok)
        return careful((dy, x), axis, only(name, out), None if where is True else where, keywords)

    backward.__name__ = "backward"
    backward.__doc__ = doc
    backward.ufunc_a, backward.ufunc_b = ufunc_a, ufunc_b
    return publish(backward, name)


def gated(gate: Gate):
    """A gated linear unit with its backward."""
    function = forward_of(gate)
    function.backward = backward_of(gate)
    return function
