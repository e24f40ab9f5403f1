"""Make the public functions of an activation from its row in the table."""

from __future__ import annotations

import sys
from functools import cache, partial
from inspect import Parameter as Argument
from inspect import Signature
from itertools import islice

import numpy as np

from ._containers import is_dask
from ._docstrings import VARIANTS, activation_docstring
from ._kernels import ufuncs
from ._kernels.ufuncs import through_numpy
from ._table import OPERANDS, Activation, Parameter
from ._ufuncs import NARROW, elementwise, publish


def inputs_and_loop(row: Activation, kind: str) -> tuple[tuple[str, ...], str]:
    """The names of a ufunc's inputs, and of the loop that computes a row's function, derivative or gradient."""
    inputs = (*OPERANDS[kind], *(p.name for p in row.parameters))
    return inputs, row.name if kind == "function" else f"{row.name}_{kind}"


def ufunc_of(row: Activation, kind: str, qualified_name: str, of_numbers: bool = False) -> np.ufunc:
    """The ufunc of a row's loop: its function, derivative, backward or backward_from_output."""
    inputs, loop = inputs_and_loop(row, kind)
    return elementwise(qualified_name, activation_docstring(row, kind), inputs, loop, of_numbers)


def everywhere(test) -> bool:
    """Whether the answer, or each in an array of them, is yes: np.all, which takes 2 us, where it must be."""
    if type(test) is np.ndarray:
        return np.count_nonzero(test) == test.size
    return test is True or bool(np.all(test))


def real(function: str, parameter: Parameter, value) -> np.ndarray:
    """A parameter that is no Python number as an array."""
    array = np.asanyarray(value)
    if array.dtype.char not in "fd" and not np.can_cast(array.dtype, np.float64):  # to ask NumPy takes 1 us
        raise TypeError(f"{function}: {parameter.name} must be of a type that float64 holds, got {value!r}")
    return array


def consistent(row: Activation, values: list) -> bool:
    """Whether the parameters go together; of float32 and a number that is too large for it NumPy would warn."""
    if len(values) < 2:
        return True
    values = [np.asarray(value) if isinstance(value, (list, tuple)) else value for value in values]
    with np.errstate(all="ignore"):
        return everywhere(row.consistent(*values))


def check(function: str, row: Activation, parameters: tuple[Parameter, ...], values: list) -> None:
    """Raise an error that names the parameter that is missing, or not allowed."""
    for parameter, value in zip(parameters, values, strict=True):
        if value is None and parameter.default is None:
            raise TypeError(f"{function}: missing a required argument: {parameter.name!r}")
        if type(value) is int and abs(value) > sys.float_info.max:
            raise ValueError(
                f"{function}: {parameter.name} must be a number that float64 holds, got a larger one"
            )
        tested = value if is_number(value) else real(function, parameter, value)
        if not everywhere(parameter.accepts(tested)):
            raise ValueError(f"{function}: {parameter.name} must be {parameter.allowed}, got {value!r}")
    if not consistent(row, values):
        given = ", ".join(f"{p.name}={value!r}" for p, value in zip(parameters, values, strict=True))
        raise ValueError(f"{function}: {parameters[0].name} must be {parameters[0].allowed}, got {given}")


def is_number(value) -> bool:
    """Whether it is one of Python's, which does not decide the dtype of a result; np.float64 does, and is a float."""
    return type(value) in (bool, int, float)


def dtype_of(x) -> np.dtype:
    """That of an array of whatever library, or of what NumPy makes of x, in native byte order; a dtype is its own."""
    dtype = getattr(x, "dtype", x)
    dtype = dtype if isinstance(dtype, np.dtype) else np.asarray(x).dtype
    return dtype if dtype.isnative else dtype.newbyteorder("=")


def as_narrow_as(x, value) -> np.ndarray:
    """A Python number in a type that does not widen what x, a small integer perhaps, gives alone."""
    dtype = dtype_of(x)
    if dtype not in NARROW:
        dtype = np.float32 if np.can_cast(dtype, np.float32) else np.float64
    with np.errstate(all="ignore"):
        return np.array(value, dtype)


def typed(operands) -> list:
    """Operands with Python's numbers among them in the type that NumPy gives these beside the others, or alone."""
    numbers = [type(x) in (int, float) for x in operands]  # NumPy's bool is a dtype as others are
    if not any(numbers):
        return operands
    if all(numbers):
        return [*map(np.asarray, operands)]
    arrays = [x for x, number in zip(operands, numbers, strict=True) if not number]
    try:
        common = np.result_type(*map(dtype_of, arrays))
        return [
            as_narrow_as(common if common in NARROW else np.result_type(x, common), x) if number else x
            for x, number in zip(operands, numbers, strict=True)
        ]
    except np.exceptions.DTypePromotionError:
        return operands  # the ufunc says what is wrong, and its name


def narrow_dtype(operands) -> np.dtype | None:
    """The dtype of 16 bits that operands of several types have in common; among loops NumPy would not find it."""
    dtypes = {*map(dtype_of, operands)}
    if len(dtypes) < 2 or NARROW.isdisjoint(dtypes):
        return None
    try:
        common = np.result_type(*dtypes)
    except np.exceptions.DTypePromotionError:
        return None  # the ufunc says what is wrong, and its name
    return common if common in NARROW else None


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


def placed(name: str, called: Signature, operands: tuple[str, ...], args: tuple, kwargs: dict) -> tuple:
    """The arguments of a call with its operands by position, however they were given; a mistake is a TypeError."""
    right_number = len(operands) <= len(args) < len(called.parameters)  # the last of which is **kwargs
    if right_number and kwargs.keys().isdisjoint(islice(called.parameters, len(args))):
        return args, kwargs
    try:
        bound = called.bind(*args, **kwargs).arguments
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from None
    return [bound.pop(operand) for operand in operands], bound.pop("kwargs", {}) | bound


def dressed(function, name: str, doc: str, ufunc: np.ufunc, called: Signature):
    """Give a forwarding function its name, signature and docstring."""
    function.__signature__ = called
    function.__doc__ = doc
    function.__name__ = name  # as of a ufunc, whose name is what pickles find it by
    function.ufunc = ufunc
    return publish(function, name)


def forwarding(kind: str, row: Activation, parameters: tuple[Parameter, ...], name: str):
    """A function with defaults and checks in front of a ufunc that takes its parameters as operands."""
    ufunc = ufunc_of(row, kind, f"{name}.ufunc")
    number_ufunc = ufunc_of(row, kind, f"{name}.number_ufunc", of_numbers=True)
    operands = OPERANDS[kind]
    count = len(operands)
    defaults = {p.name: p.default for p in parameters}
    called = signature(operands, defaults)
    required = None in defaults.values()
    checked = partial(check, name, row, parameters)

    def careful(*args, **kwargs):
        args, kwargs = placed(name, called, operands, args, kwargs)
        arrays, values = args[:count], args[count:]
        if values or required or not kwargs.keys().isdisjoint(defaults):
            values = [*values, *(kwargs.pop(p.name, p.default) for p in parameters[len(values) :])]
            checked(values)
        else:
            values = defaults.values()
        arrays = typed(arrays)
        numbers = [*map(is_number, values)]
        if kwargs.keys() & {"signature", "sig"}:  # which speak of the parameters, too
            return through_numpy(ufunc, (*arrays, *values), kwargs)
        given = [*arrays, *(v for v in values if not is_number(v))]
        if "dtype" not in kwargs and (narrow := narrow_dtype(given)) is not None:
            kwargs["dtype"] = narrow
        if all(numbers):
            if (dtype := kwargs.pop("dtype", None)) is not None:
                if any(map(is_dask, arrays)):  # Dask hands no signature on
                    arrays = [
                        x.astype(dtype, casting="same_kind") if is_dask(x) else np.asarray(x, dtype)
                        for x in arrays
                    ]
                else:
                    kwargs["signature"] = (dtype,) * count + (np.float64,) * len(values) + (dtype,)
            return through_numpy(number_ufunc, (*arrays, *map(np.float64, values)), kwargs)
        if any(numbers):
            common = kwargs.get("dtype") or np.result_type(*map(dtype_of, given))
            values = [as_narrow_as(np.dtype(common), v) if is_number(v) else v for v in values]
        return through_numpy(ufunc, (*arrays, *values), kwargs)

    names, usual = tuple(defaults), tuple(defaults.values())
    function = ufuncs.forwarding(ufunc, number_ufunc, count, names, usual, checked, careful)
    function.number_ufunc = number_ufunc
    return dressed(function, name, activation_docstring(row, kind), ufunc, called)


def choosing(row: Activation, variant: Activation, kind: str, name: str):
    """The two forms of gelu behind one function."""
    operands = OPERANDS[kind]
    exact, tanh = ufunc_of(row, kind, f"{name}.ufunc"), ufunc_of(variant, kind, f"{name}.tanh")
    forms = {False: exact, "none": exact, True: tanh, "tanh": tanh}
    called = signature(operands, {"approximate": False})

    def careful(*args, **kwargs):
        args, kwargs = placed(name, called, operands, args, kwargs)
        arrays, given = args[: len(operands)], args[len(operands) :]
        approximate = given[0] if given else kwargs.pop("approximate", False)
        if not isinstance(approximate, (bool, np.bool_, str)) or approximate not in forms:
            raise ValueError(
                f"{name}: approximate must be False, 'none', True or 'tanh', got {approximate!r}"
            )
        return through_numpy(forms[approximate], tuple(arrays), kwargs)

    function = ufuncs.choosing(forms, len(operands), careful)
    function.tanh = tanh
    return dressed(function, name, activation_docstring(row, kind), exact, called)


def member(row: Activation, kind: str, name: str):
    """One of the public functions of a row: a ufunc itself if there are no parameters."""
    if row.name in VARIANTS:
        return choosing(row, VARIANTS[row.name], kind, name)
    if not row.parameters:
        return ufunc_of(row, kind, name)
    return forwarding(kind, row, row.parameters_of(kind), name)


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
    return elementwise(name, doc, OPERANDS["backward"], f"{row.name}_backward_{row.trained}")
