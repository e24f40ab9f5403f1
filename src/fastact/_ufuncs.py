"""Make ufuncs of the kernels in use, under public names, and teach them bfloat16 when it is there."""

from __future__ import annotations

import sys
from functools import cache
from inspect import Parameter, Signature

import numpy as np

from ._dispatch import f32, f64
from ._kernels import ufuncs

#: what adds the loop for bfloat16 to each ufunc, given the number of that dtype
_bfloat16_loops: list = []
#: dtypes of 16 bits that have loops of their own
NARROW = {np.dtype(np.float16)}


def publish(function, qualified_name: str):
    """Let pickles, help() and Dask tokens find a function under its public name."""
    function.__module__ = "fastact"
    function.__qualname__ = qualified_name
    return function


@cache
def signature(inputs: tuple[str, ...]) -> Signature:
    """That of a ufunc with the names of its operands: NumPy would call them x1 and x2."""
    keywords = {
        "where": True,
        "casting": "same_kind",
        "order": "K",
        "dtype": None,
        "subok": True,
        "signature": None,
    }
    return Signature(
        [
            *(Parameter(name, Parameter.POSITIONAL_ONLY) for name in inputs),
            Parameter("out", Parameter.POSITIONAL_OR_KEYWORD, default=None),
            *(Parameter(name, Parameter.KEYWORD_ONLY, default=value) for name, value in keywords.items()),
        ]
    )


def elementwise(
    name: str, doc: str, inputs: tuple[str, ...], loop: str, of_numbers: bool = False
) -> np.ufunc:
    """The ufunc of the elementwise kernel called `loop`; `of_numbers`: for parameters that are Python's numbers."""
    ufunc = ufuncs.elementwise_ufunc(name, doc, len(inputs), f32, f64, loop, of_numbers)
    ufunc.__signature__ = signature(inputs)
    _bfloat16_loops.append(lambda number: ufuncs.add_bfloat16(ufunc, number, f32, loop, of_numbers))
    return publish(ufunc, name)


def halves_function(loop: str, gradient: bool) -> ufuncs.GateFunction:
    """The shortcut of a gated linear unit, or of its gradient, by the kernel called `loop`."""
    return ufuncs.GateFunction(f32, f64, loop, gradient)


def over_rows(name, doc, kernel, operands, mask=-1, fills=()) -> ufuncs.RowFunction:
    """The generalized ufunc of a kernel over rows, with its shortcut.

    `operands` has a letter for each, the result last: r a row, s one number a row, t a double, l an int64.
    There may be a mask besides: `mask` says in which place; `fills` then has what stands in each operand
    where it is False.
    """
    places = len(operands)
    function = ufuncs.RowFunction(name, doc, f32, f64, kernel, operands, mask, fills or (0.0,) * places)
    _bfloat16_loops.append(lambda number: function.add_bfloat16(number, f32))
    publish(function.ufunc, name)
    return function


def enable_bfloat16() -> None:
    """Keep bfloat16 of the package ml_dtypes: what takes it gives it, computed in float32.

    It is done by itself if ml_dtypes was imported before fastact. Otherwise call this before bfloat16
    is first used, as NumPy remembers that it made float32 of it. Calling it again does nothing.

    Raises
    ------
    ImportError
        If ml_dtypes is not installed.

    Examples
    --------
    >>> import fastact as fa
    >>> fa.enable_bfloat16()  # doctest: +SKIP
    """
    try:
        from ml_dtypes import bfloat16
    except ImportError as error:
        raise ImportError("bfloat16 needs the package ml_dtypes: pip install 'fastact[bfloat16]'") from error
    dtype = np.dtype(bfloat16)
    if dtype in NARROW:
        return
    NARROW.add(dtype)
    for add in _bfloat16_loops:
        add(dtype.num)


def follow_imports() -> None:
    """Enable bfloat16 if whoever imports fastact has ml_dtypes already."""
    if "ml_dtypes" in sys.modules:
        enable_bfloat16()
