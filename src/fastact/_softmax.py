"""The softmax family: softmax, log_softmax, softmin, sparsemax and logsumexp along any axes."""

from __future__ import annotations

from inspect import Parameter, Signature
from math import inf

import numpy as np

from ._docstrings import row_docstring
from ._rows import along_axes, checked_temperature
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


def forward_of(row: RowActivation):
    """The public function of a row of the table."""
    name = row.name
    doc = row_docstring(row, "")
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

    def function(x, axis=-1, out=None, **options):
        if not options:
            y = shortcut(axis, out, x)
            if y is not None:
                return y
        check_options(name, options, defaults)
        where = options.get("where", True)
        keepdims = options.get("keepdims", False)
        temperature = checked_temperature(name, options.get("temperature", 1.0))
        if isinstance(x, np.ma.MaskedArray):  # as in np.ma, what is masked takes no part
            kept = where & ~np.ma.getmaskarray(x)
            result = function(x.data, axis, out, **(options | {"where": kept}))
            if row.reduces:
                return np.ma.masked_array(result)
            return np.ma.masked_array(result, np.ma.getmaskarray(x))
        if where is not True:
            numbers = [temperature] if row.tempered else []
            return along_axes(masked.ufunc, "rm" + kinds[1:], [x, where, *numbers], axis, out, keepdims)
        if np.ndim(temperature) or temperature != 1:
            return along_axes(tempered.ufunc, "rt", [x, temperature], axis, out, keepdims)
        return along_axes(plain.ufunc, "r", [x], axis, out, keepdims)

    function.masked = masked.ufunc
    if row.tempered:
        function.tempered = tempered.ufunc
    return dressed(function, name, doc, plain.ufunc, ("x",), defaults)


def gradient_of(row: RowActivation, member: str):
    """backward or backward_from_output of a row of the table."""
    name = f"{row.name}.{member}"
    doc = row_docstring(row, member)
    kinds = "sr" if row.reduces else "rr"
    plain = over_rows(f"{name}.ufunc", doc, f"{row.name}_{member}", kinds + "r")
    defaults = {"keepdims": False} if row.reduces else {}

    def gradient(dy, x, axis, out):
        if not row.reduces:
            dx = plain.shortcut(axis, out, dy, x)
            if dx is not None:
                return dx
        return along_axes(plain.ufunc, kinds, [dy, x], axis, out)

    def backward(dy, x, axis=-1, out=None, **options):
        check_options(name, options, defaults)
        if options.get("keepdims", False):
            dy = np.squeeze(dy, axis=axis)
        return gradient(dy, x, axis, out)

    def backward_from_output(dy, y, axis=-1, out=None):
        return gradient(dy, y, axis, out)

    function, last = (backward, "x") if member == "backward" else (backward_from_output, "y")
    return dressed(function, name, doc, plain.ufunc, ("dy", last), defaults)


def family(row: RowActivation):
    """The public function of a row, with its gradients."""
    function = forward_of(row)
    function.backward = gradient_of(row, "backward")
    function.backward_from_output = gradient_of(row, "backward_from_output") if row.from_output else None
    return function


FUNCTIONS = {row.name: family(row) for row in SOFTMAX_FAMILY}
