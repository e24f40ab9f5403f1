"""Make the public functions of an activation from its row in the table."""

from __future__ import annotations

from functools import cache, partial
from inspect import Parameter as Argument
from inspect import Signature

import numpy as np

from ._docstrings import activation_docstring
from ._kernels import ufuncs
from ._table import ACTIVATIONS, Activation, Parameter
from ._ufuncs import NARROW, elementwise, narrow, publish

OPERANDS = {
    "function": ("x",),
    "derivative": ("x",),
    "backward": ("dy", "x"),
    "backward_from_output": ("dy", "y"),
}
VARIANTS = {row.variant_of: row for row in ACTIVATIONS if row.variant_of}


def ufunc_of(row: Activation, kind: str, qualified_name: str, make=elementwise) -> np.ufunc:
    """The ufunc of a row's loop: its function, derivative, backward or backward_from_output."""
    inputs = len(OPERANDS[kind]) + len(row.parameters)
    loop = row.name if kind == "function" else f"{row.name}_{kind}"
    return make(qualified_name, activation_docstring(row, kind), inputs, loop=loop)


def everywhere(test) -> bool:
    """Whether the answer, or each in an array of them, is yes: np.all, which takes 2 us, where it must be."""
    if type(test) is np.ndarray:
        return np.count_nonzero(test) == test.size
    return test is True or bool(np.all(test))


def check(function: str, row: Activation, parameters: tuple[Parameter, ...], values: list) -> None:
    """Raise an error that names the parameter that is missing, or not allowed."""
    for parameter, value in zip(parameters, values, strict=True):
        if value is None:
            raise TypeError(f"{function}() is missing a required argument: {parameter.name!r}")
        if not everywhere(parameter.accepts(value if isinstance(value, NUMBERS) else np.asanyarray(value))):
            raise ValueError(f"{function}: {parameter.name} must be {parameter.allowed}, got {value!r}")
    if not everywhere(row.consistent(*values)):
        given = ", ".join(f"{p.name}={value!r}" for p, value in zip(parameters, values, strict=True))
        raise ValueError(f"{function}: {parameters[0].name} must be {parameters[0].allowed}, got {given}")


NUMBERS = (bool, int, float)


def dtype_of(x) -> np.dtype | None:
    """The dtype of an array of whatever library, in native byte order, or None."""
    dtype = getattr(x, "dtype", None)
    if not isinstance(dtype, np.dtype):
        return None
    return dtype if dtype.isnative else dtype.newbyteorder("=")


def as_narrow_as(x, value):
    """A Python number as a parameter: it must not widen what x, a small integer perhaps, gives alone."""
    dtype = dtype_of(x)
    if dtype is not None and dtype.kind in "bui" and dtype.itemsize <= 2:
        return np.float32(value)
    return float(value)


@cache
def argument(name: str, default: float | None = None) -> Argument:
    """One in a signature; a default of None means none."""
    return Argument(
        name, Argument.POSITIONAL_OR_KEYWORD, default=Argument.empty if default is None else default
    )


KEYWORDS = Argument("kwargs", Argument.VAR_KEYWORD)


def signature(operands: tuple[str, ...], defaults: dict) -> Signature:
    """That of a forwarding function."""
    arguments = [*map(argument, operands), *(argument(*named) for named in defaults.items())]
    return Signature([*arguments, KEYWORDS])


def dressed(function, name: str, doc: str, ufunc: np.ufunc, called: Signature):
    """Give a forwarding function its name, signature and docstring."""
    function.__signature__ = called
    function.__doc__ = doc
    function.__name__ = name.rpartition(".")[2]
    function.ufunc = ufunc
    return publish(function, name)


def forwarding(kind: str, row: Activation, parameters: tuple[Parameter, ...], name: str):
    """A function with defaults and checks in front of a ufunc that takes its parameters as operands."""
    ufunc = ufunc_of(row, kind, f"{name}.ufunc")
    narrow_ufunc = ufunc_of(row, kind, f"{name}.narrow_ufunc", partial(narrow, parameters=len(parameters)))
    operands = OPERANDS[kind]
    count = len(operands)
    defaults = {p.name: p.default for p in parameters}
    called = signature(operands, defaults)
    required = None in defaults.values()
    checked = partial(check, name, row, parameters)

    def careful(*args, **kwargs):
        if not count <= len(args) <= count + len(parameters):  # operands by name, or a mistake
            bound = called.bind(*args, **kwargs).arguments
            args = [bound.pop(operand) for operand in operands]
            kwargs = bound.pop("kwargs", {}) | bound
        arrays, values = args[:count], args[count:]
        if values or required or not kwargs.keys().isdisjoint(defaults):
            values = [*values, *(kwargs.pop(p.name, p.default) for p in parameters[len(values) :])]
            checked(values)
        else:
            values = defaults.values()
        x = arrays[-1]
        if type(x) is not np.ndarray or x.dtype.char not in "fd":
            numbers = [isinstance(value, NUMBERS) for value in values]
            dtype = dtype_of(x)
            if all(numbers) and dtype in NARROW and all(dtype_of(array) == dtype for array in arrays):
                return narrow_ufunc(*arrays, *values, **kwargs)
            values = [as_narrow_as(x, v) if number else v for v, number in zip(values, numbers, strict=True)]
        return ufunc(*arrays, *values, **kwargs)

    function = ufuncs.forwarding(ufunc, count, tuple(defaults), tuple(defaults.values()), checked, careful)
    function.narrow_ufunc = narrow_ufunc
    return dressed(function, name, activation_docstring(row, kind), ufunc, called)


def choosing(row: Activation, variant: Activation, kind: str, name: str):
    """The two forms of gelu behind one function."""
    operands = OPERANDS[kind]
    exact, tanh = ufunc_of(row, kind, f"{name}.ufunc"), ufunc_of(variant, kind, f"{name}.tanh")
    forms = {False: exact, "none": exact, True: tanh, "tanh": tanh}
    function = ufuncs.choosing(name, forms, len(operands))
    function.tanh = tanh
    called = signature(operands, {"approximate": False})
    return dressed(function, name, activation_docstring(row, kind), exact, called)


def member(row: Activation, kind: str, name: str):
    """One of the public functions of a row: a ufunc itself if there are no parameters."""
    if row.name in VARIANTS:
        return choosing(row, VARIANTS[row.name], kind, name)
    if not row.parameters:
        return ufunc_of(row, kind, name)
    parameters = row.parameters
    if kind == "backward_from_output" and row.from_output_needs:
        parameters = tuple(
            row.from_output_needs if p.name == row.from_output_needs.name else p for p in parameters
        )
    return forwarding(kind, row, parameters, name)


def activation(row: Activation):
    """The public function of a row, with its derivative, backward and backward_from_output."""
    function = member(row, "function", row.name)
    function.derivative = member(row, "derivative", f"{row.name}.derivative")
    function.backward = member(row, "backward", f"{row.name}.backward")
    function.backward_from_output = None
    if row.from_output is not None:
        function.backward_from_output = member(
            row, "backward_from_output", f"{row.name}.backward_from_output"
        )
    if row.trained is not None:
        name = f"backward_{row.trained}"
        setattr(function, name, trained_backward(row, f"{row.name}.{name}"))
    return function


def trained_backward(row: Activation, name: str) -> np.ufunc:
    """The gradient with respect to a parameter that is trained, elementwise."""
    doc = activation_docstring(row, f"backward_{row.trained}")
    return elementwise(name, doc, 2, f"{row.name}_backward_{row.trained}")
