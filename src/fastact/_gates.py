"""glu, swiglu, geglu and reglu: half of the input times an activation of the other half."""

from __future__ import annotations

import numpy as np

from ._docstrings import gate_docstring
from ._table import Gate
from ._ufuncs import elementwise, halves_function, publish


def halves(name: str, x, axis: int) -> tuple:
    """The first and the second half of x along an axis, as views."""
    if not hasattr(x, "ndim"):
        x = np.asarray(x)
    if not -x.ndim <= axis < x.ndim:
        raise np.exceptions.AxisError(axis, x.ndim)
    length = x.shape[axis]
    if length % 2:
        raise ValueError(
            f"{name}: x must have an even length along axis {axis}, got {length} of shape {x.shape}"
        )
    before = (slice(None),) * (axis % x.ndim)
    return x[(*before, slice(None, length // 2))], x[(*before, slice(length // 2, None))]


def joined(of_a, of_b, x, axis: int):
    """Both halves of a gradient as one array of the class of x."""
    if not isinstance(x, np.ndarray):
        return np.concatenate([of_a, of_b], axis=axis)
    dx = np.empty_like(x, dtype=of_a.dtype)
    for place, half in zip(halves("", dx, axis), (of_a, of_b), strict=True):
        place[...] = half
    return dx


def forward_of(gate: Gate):
    """The public function of a gated linear unit."""
    doc = gate_docstring(gate, "function")
    ufunc = elementwise(f"{gate.name}.ufunc", doc, 2, gate.name)

    quick = halves_function(gate.name, gradient=False).shortcut

    def function(x, axis=-1, out=None):
        y = quick(axis, out, x)
        if y is not None:
            return y
        a, b = halves(gate.name, x, axis)
        return ufunc(a, b) if out is None else ufunc(a, b, out=out)

    function.__name__ = gate.name
    function.__doc__ = doc
    function.ufunc = ufunc
    return publish(function, gate.name)


def backward_of(gate: Gate):
    """Its gradient: dy g(b), and dy a g'(b)."""
    name = f"{gate.name}.backward"
    doc = gate_docstring(gate, "backward")
    ufunc_a = elementwise(f"{name}.ufunc_a", doc, 2, f"{gate.name}_backward_a")
    ufunc_b = elementwise(f"{name}.ufunc_b", doc, 3, f"{gate.name}_backward_b")

    quick = halves_function(f"{gate.name}_gradient", gradient=True).shortcut

    def backward(dy, x, axis=-1, out=None):
        dx = quick(axis, out, x, dy)
        if dx is not None:
            return dx
        a, b = halves(name, x, axis)
        if np.shape(dy) != a.shape:
            raise ValueError(f"{name}: dy must have the shape of a half of x, {a.shape}, got {np.shape(dy)}")
        if type(out) is np.ndarray and not (np.may_share_memory(out, x) or np.may_share_memory(out, dy)):
            if out.shape != np.shape(x):
                raise ValueError(f"{name}: out must have the shape of x, {np.shape(x)}, got {out.shape}")
            of_a, of_b = halves(name, out, axis)
            ufunc_a(dy, b, out=of_a)
            ufunc_b(dy, a, b, out=of_b)
            return out
        dx = joined(ufunc_a(dy, b), ufunc_b(dy, a, b), x, axis)
        if out is None:
            return dx
        np.copyto(out, dx)
        return out

    backward.__name__ = "backward"
    backward.__doc__ = doc
    backward.ufunc_a, backward.ufunc_b = ufunc_a, ufunc_b
    return publish(backward, name)


def gated(gate: Gate):
    """A gated linear unit with its backward."""
    function = forward_of(gate)
    function.backward = backward_of(gate)
    return function
