"""The softmax family: softmax, log_softmax, softmin, sparsemax and logsumexp along any axes."""

from __future__ import annotations

from inspect import Parameter, Signature
from math import inf

import numpy as np

from ._axes import axes_of, without
from ._build import is_number
from ._containers import bare, call_apart
from ._docstrings import row_docstring
from ._rows import along_axes, check_shape, checked_temperature, number_beside, shape_of, temperatures_of_rows
from ._table import SOFTMAX_FAMILY, RowActivation
from ._ufuncs import over_rows, publish


def dressed(function, name: str, doc: str, ufunc: np.ufunc, operands: tuple[str, ...], options: dict):
    """Give a function its name, signature and docstring; operands and axis and out may be positional."""
    arguments = [Parameter(o, Parameter.POSITIONAL_OR_KEYWORD) for o in operands]
    arguments += [
        Parameter(n, Parameter.POSITIONAL_OR_KEYWORD, default=d) for n, d in {"axis": -1, "out": None}.items()
    ]
    arguments += [Parameter(n, Parameter.KEYWORD_ONLY, default=d) for n, d in options.items()]
    function.__signature__ = Signature(arguments)
    function.__doc__ = doc
    function.__name__ = name.rpartition(".")[2]
    function.ufunc = ufunc
    return publish(function, name)


def check_options(name: str, options: dict, allowed: dict) -> None:
    """Raise a TypeError for a keyword that there is not."""
    for keyword in options:
        if keyword not in allowed:
            raise TypeError(f"{name}() got an unexpected keyword argument {keyword!r}")


def checked_where(name: str, where):
    """The mask as an array of bool, or a TypeError."""
    mask = where if hasattr(where, "dtype") else np.asarray(where)
    if mask.dtype != bool:
        raise TypeError(f"{name}: where must be bool, or an array of bool, got {where!r}")
    return mask


def without_kept_axes(name: str, dy, x, axis):
    """The gradient of a result of keepdims=True as that of keepdims=False; a number stands for all rows."""
    if np.ndim(dy) == 0:
        return dy
    shape = np.shape(x)
    axes = axes_of(name, axis, len(shape))
    kept = tuple(1 if a in axes else length for a, length in enumerate(shape))
    check_shape(name, "dy", dy, kept)
    before = len(shape) - np.ndim(dy)
    places = tuple(a - before for a in axes if a >= before)
    return np.squeeze(dy, axis=places[0] if len(places) == 1 else places)  # a DataFrame takes a number alone


def forward_of(row: RowActivation):
    """The public function of a row of the table."""
    name = row.name
    doc = row_docstring(row, "function")
    result = "s" if row.reduces else "r"
    plain = over_rows(f"{name}.ufunc", doc, name, "r" + result)
    kinds = "rt" if row.tempered else "r"
    tempered = over_rows(f"{name}.tempered", doc, f"{name}_tempered", "rtr") if row.tempered else None
    masked = over_rows(
        f"{name}.masked",
        doc,
        f"{name}_tempered" if row.tempered else name,
        kinds + result,
        mask=1,
        fills=(inf if row.negated else -inf, *([0.0] * row.tempered), -inf if row.reduces else row.masked),
    )
    defaults = {"where": True}
    if row.tempered:
        defaults["temperature"] = 1.0
    if row.reduces:
        defaults["keepdims"] = False
    shortcut = plain.shortcut

    def compute(operands, kept, axis, out, keepdims):
        x, where, temperature = operands
        if where is not True:
            where = checked_where(name, where)
            kept = where if kept is None else where & kept
        temperature = checked_temperature(name, temperature)
        if np.ndim(temperature):
            temperature = temperatures_of_rows(name, temperature, x, axis)
        if kept is not None:
            numbers = [temperature] if row.tempered else []
            return along_axes(masked.ufunc, "rm" + kinds[1:], [x, kept, *numbers], axis, out, keepdims)
        if np.ndim(temperature) or temperature != 1:
            return along_axes(tempered.ufunc, "rt", [x, temperature], axis, out, keepdims)
        return along_axes(plain.ufunc, "r", [x], axis, out, keepdims)

    def function(x, axis=-1, out=None, **options):
        if not options:
            y = shortcut(axis, out, x)
            if y is not None:
                return y
        check_options(name, options, defaults)
        where = options.get("where", True)
        temperature = options.get("temperature", 1.0)
        keepdims = options.get("keepdims", False)
        operands = [x, where, temperature]
        if bare(*operands):
            return compute(operands, None, axis, out, keepdims)
        return call_apart(name, "xmt" + result, operands, axis, out, keepdims, compute)

    function.masked = masked.ufunc
    if row.tempered:
        function.tempered = tempered.ufunc
    return dressed(function, name, doc, plain.ufunc, ("x",), defaults)


def gradient_of(row: RowActivation, member: str):
    """backward or backward_from_output of a row of the table."""
    name = f"{row.name}.{member}"
    doc = row_docstring(row, member)
    kernel = f"{row.name}_{member}"
    kinds = "sr" if row.reduces else "rr"
    plain = over_rows(f"{name}.ufunc", doc, kernel, kinds + "r")
    left_out = row.masked if member == "backward_from_output" else inf if row.negated else -inf
    masked = over_rows(f"{name}.masked", doc, kernel, kinds + "r", mask=2, fills=(0.0, left_out, 0.0))
    defaults = {"keepdims": False} if row.reduces else {}

    def compute(operands, kept, axis, out, keepdims):
        dy, x = operands
        if is_number(dy):
            dy = number_beside(x, dy)
        elif row.reduces:
            shape = shape_of(x)
            check_shape(name, "dy", dy, without(axes_of(name, axis, len(shape)), shape))
        if kept is not None:
            return along_axes(masked.ufunc, kinds + "m", [dy, x, kept], axis, out)
        return along_axes(plain.ufunc, kinds, [dy, x], axis, out)

    def gradient(dy, x, axis, out):
        dx = plain.shortcut(axis, out, dy, x)
        if dx is not None:
            return dx
        if bare(dy, x):
            return compute([dy, x], None, axis, out, False)
        return call_apart(name, kinds[0] + "xr", [dy, x], axis, out, False, compute)

    def backward(dy, x, axis=-1, out=None, **options):
        check_options(name, options, defaults)
        if options.get("keepdims", False):
            dy = without_kept_axes(name, dy, x, axis)
        return gradient(dy, x, axis, out)

    def backward_from_output(dy, y, axis=-1, out=None):
        return gradient(dy, y, axis, out)

    function, last = (backward, "x") if member == "backward" else (backward_from_output, "y")
    function.masked = masked.ufunc
    return dressed(function, name, doc, plain.ufunc, ("dy", last), defaults)


def family(row: RowActivation):
    """The public function of a row, with its gradients."""
    function = forward_of(row)
    function.backward = gradient_of(row, "backward")
    function.backward_from_output = gradient_of(row, "backward_from_output") if row.from_output else None
    return function


FUNCTIONS = {row.name: family(row) for row in SOFTMAX_FAMILY}
