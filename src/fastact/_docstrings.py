"""Docstrings of the activations, written from their rows in the table."""

from __future__ import annotations

from functools import cache
from textwrap import fill

from ._accuracy import MEASURED
from ._table import ACTIVATIONS, BY_NAME, PROMISED_FAR, Activation, Gate, RowActivation

#: the row that the option of another stands for, by the name of that
VARIANTS = {row.variant_of: row for row in ACTIVATIONS if row.variant_of}

KEYWORDS = """**kwargs
    The keywords of a ufunc: ``out``, ``where``, ``dtype``, ``casting``, ``order``."""

SUMS = "Sums are taken in double precision; long float32 rows of softmax and log_softmax add up pairs of floats first."
DTYPES = (
    "float16, float32 and float64 keep their type; bool and integers of up to 16 bits give float32, "
    "wider integers float64. bfloat16 of ml_dtypes keeps its type once enable_bfloat16 was called, or if ml_dtypes was "
    "imported before fastact, and else gives float32. Anything else is a TypeError."
)
NO_SUCH_AXIS = "numpy.exceptions.AxisError\n    If there is no such axis."
BY_PLACE = "Halves go together by place, whatever the labels of pandas or xarray say."
NUMBERS = (
    "A parameter that is a Python number leaves it at that; an array, or a scalar of NumPy, takes part as another "
    "operand does."
)
APPROXIMATE = """approximate : {False, 'none', True, 'tanh'}, default False
    True or 'tanh' for the form with tanh, False or 'none' for the exact one."""

OPERANDS = {
    "dy": "dy : array_like\n    Gradient with respect to the result.",
    "x": "x : array_like\n    Input.",
    "y": "y : array_like\n    Result of the activation, in place of its input.",
}


def section(title: str, text: str) -> str:
    return f"{title}\n{'-' * len(title)}\n{text}"


@cache
def prose(text: str) -> str:
    return fill(text, 96)


def everything(row: Activation, dtype: str) -> str:
    """Which inputs are all of a dtype."""
    return f"all inputs up to {PROMISED_FAR:,.0f}" if row.far and dtype == "float32" else "all inputs"


def measured(row: Activation, kind: str) -> str:
    """A sentence about the largest errors found."""
    of = "function" if kind == "function" else "derivative"
    figures = MEASURED.get(row.name, {}).get(of, {})
    found = [
        f"{dtype} {worst:.2f} ({f'no worse found in {inputs:,}' if inputs else everything(row, dtype)})"
        for dtype, (worst, _, inputs) in figures.items()
    ]
    if not found:
        return ""
    after = (
        ""
        if kind in ("function", "derivative")
        else " of the derivative, which is rounded once more in the product"
    )
    return f"\n\nLargest error found{after}, in ULP:\n{', '.join(found)}."


def activation_docstring(row: Activation, kind: str) -> str:
    """The docstring of a row's function, derivative, backward or backward_from_output, written once."""
    return _written_docstring(row.name, kind)


@cache
def _written_docstring(row_name: str, kind: str) -> str:
    row = BY_NAME[row_name]
    name = row.variant_of or row.name
    options = ", approximate='tanh'" if row.variant_of else ""
    operands = {"function": "x", "derivative": "x", "backward_from_output": "dy y"}.get(kind, "dy x").split()
    summary, formula = {
        f"backward_{row.trained}": (
            f"Gradient of `{name}` with respect to its {row.trained}, elementwise: sum it over what shares one.",
            f"df/d{row.trained} = min(x, 0)",
        ),
        "function": (row.summary, f"f(x) = {row.formula}"),
        "derivative": (f"Derivative of `{name}` at the input x.", f"f'(x) = {row.derivative}"),
        "backward": (f"Gradient of `{name}`: dy f'(x), in one pass.", f"f'(x) = {row.derivative}"),
        "backward_from_output": (
            f"Gradient of `{name}` from its result: dy f'(x), in y = f(x).",
            f"f'(x) = {row.from_output}",
        ),
    }[kind]
    call = f"fa.{name}" + ("" if kind == "function" else f".{kind}")
    arguments = {"x": "x", "dy x": "dy, x", "dy y": "dy, y"}[" ".join(operands)]
    parameters = [OPERANDS[o] for o in operands]
    row_parameters = () if kind == f"backward_{row.trained}" else row.parameters
    parameters += [
        f"{p.name} : float or array_like{'' if p.default is None else f', default {p.default}'}\n"
        f"    {p.says[0].upper()}{p.says[1:]}; {p.allowed}."
        for p in row_parameters
    ]
    required = "".join(f", {p.name}={p.example}" for p in row_parameters if p.default is None)
    example = [
        ">>> import numpy as np",
        ">>> import fastact as fa",
        ">>> x = np.array([-2.0, 0.0, 3.0], dtype=np.float32)",
    ]
    if "dy" in operands:
        example.append(">>> dy = np.ones_like(x)")
    if "y" in operands:
        example.append(f">>> y = fa.{name}(x)")
    example += [f">>> {call}({arguments}{options}{required}).dtype", "dtype('float32')"]
    see_also = [
        f"{name}" if k == "function" else f"{name}.{k}" for k in ("function", "derivative", "backward")
    ]
    formulas = f"``{formula}``" + (f"; f'(x) = ``{row.derivative}``." if kind == "function" else "")
    notes = prose(f"{DTYPES} {NUMBERS}" if row_parameters else DTYPES)
    notes += "" if kind.startswith("backward_") else measured(row, kind)
    limits = "\n".join(f"    If {p.name} is not {p.allowed}." for p in row_parameters)
    if name == row.name in VARIANTS:
        variant = VARIANTS[name]
        of_variant = variant.formula if kind == "function" else variant.derivative
        formulas += f"\n\nWith approximate='tanh', ``{formula.partition(' = ')[0]} = {of_variant}``" + (
            f"; f'(x) = ``{variant.derivative}``." if kind == "function" else ""
        )
        parameters.append(APPROXIMATE)
        notes += f"\n\nWith approximate='tanh':{measured(variant, kind)}"
        limits = "    If approximate is none of these."
    parts = [
        summary,
        formulas,
        section("Parameters", "\n".join([*parameters, KEYWORDS])),
        section("Returns", "ndarray\n    Of the broadcast shape of the operands."),
        section("See Also", "\n".join(s for s in see_also if s != call.removeprefix("fa."))),
        section("Notes", notes),
        section("References", prose(row.source)),
        section("Examples", "\n".join(example)),
    ]
    if limits:
        parts.insert(4, section("Raises", f"ValueError\n{limits}"))
    return "\n\n".join(parts) + "\n"


def gate_docstring(gate: Gate, kind: str) -> str:
    """The docstring of a gated linear unit or of its backward."""
    call = f"fa.{gate.name}" + ("" if kind == "function" else ".backward")
    operands = ["x"] if kind == "function" else ["dy", "x"]
    summary = {
        "function": f"Gated linear unit: half of the input times `{gate.gate}` of the other half.",
        "backward": f"Gradient of `{gate.name}` with respect to its input.",
    }[kind]
    formula = {
        "function": (
            f"``f(x) = a {gate.gate}(b), x = [a, b] along axis``;\n"
            f"df/da = ``{gate.gate}(b)``, df/db = ``a {gate.gate}'(b)``,"
        ),
        "backward": f"``[dy {gate.gate}(b), dy a {gate.gate}'(b)], x = [a, b] along axis``;",
    }[kind] + f"\n{gate.gate}'(x) = ``{BY_NAME[gate.gate].derivative}``."
    parameters = [OPERANDS[o] for o in operands]
    parameters.append("axis : int, default -1\n    Axis that is halved: a the first half, b the second.")
    parameters.append("out : ndarray, or tuple of one, optional\n    Where to put the result.")
    parameters.append(
        "where, dtype, casting, order, subok : optional\n"
        "    As of a ufunc; `where` broadcasts to the shape of the result."
    )
    example = [
        ">>> import numpy as np",
        ">>> import fastact as fa",
        ">>> x = np.ones((2, 6), dtype=np.float32)",
    ]
    example += [f">>> {call}({'x' if kind == 'function' else 'x[:, :3], x'}).shape"]
    example += ["(2, 3)" if kind == "function" else "(2, 6)"]
    errors = {
        "function": ["ValueError\n    If the length of x along axis is odd."],
        "backward": [
            "ValueError\n    If the length of x along axis is odd, or dy, out or where does not fit."
        ],
    }[kind]
    errors += [
        "TypeError\n    If axis is not an integer.",
        NO_SUCH_AXIS,
    ]
    labels = {
        "function": "The result keeps the labels of the other axes; along this one pandas counts from 0.",
        "backward": "The result has the labels of x, or, if it has none, those of dy along the other axes.",
    }[kind]
    return (
        "\n\n".join(
            [
                summary,
                formula,
                section("Parameters", "\n".join(parameters)),
                section(
                    "Returns",
                    "ndarray\n    Of the shape of x, "
                    + ("halved along axis." if kind == "function" else "whole."),
                ),
                section("Raises", "\n".join(errors)),
                section(
                    "See Also", f"{gate.gate}\n{gate.name}" + (".backward" if kind == "function" else "")
                ),
                section("Notes", prose(f"{DTYPES} {BY_PLACE} {labels}")),
                section("References", prose(gate.source)),
                section("Examples", "\n".join(example)),
            ]
        )
        + "\n"
    )


OPTIONS = {
    "where": """where : array_like of bool, default True
    What to leave out is False: there the result is {masked}, and a row of nothing
    else gives {masked} throughout.""",
    "temperature": """temperature : float or array_like, default 1.0
    Positive. x is divided by it; an array has one for each row, and broadcasts to the shape of x
    without axis, or with an axis of length 1 in its place.""",
    "keepdims": """keepdims : bool, default False
    Whether the axes summed over stay, with length 1.""",
    "kept dy": """keepdims : bool, default False
    Whether dy has the axes summed over, with length 1.""",
}


def row_docstring(row: RowActivation, member: str) -> str:
    """The docstring of a function of the softmax family; `member` is "", backward or backward_from_output."""
    operands = {"": ["x"], "backward": ["dy", "x"], "backward_from_output": ["dy", "y"]}[member]
    title = row.summary
    if member:
        title = f"Gradient of `{row.name}` from its {'result' if 'y' in operands else 'input'}."
    masked = "-inf" if row.masked or row.reduces else "0"
    names = [] if member else ["where"]
    names += ["temperature"] if row.tempered and not member else []
    names += ["keepdims"] if row.reduces else []
    parameters = [OPERANDS[o] for o in operands]
    if row.reduces and member:
        parameters[0] = (
            "dy : array_like\n    Gradient with respect to the result, a value for each row; a number stands for all."
        )
    parameters.append(
        "axis : int, tuple of int or None, default -1\n    Axes that make up a row together; None: all."
    )
    parameters.append("out : ndarray, optional\n    Where to put the result.")
    parameters += [
        OPTIONS["kept dy" if n == "keepdims" and member else n].format(masked=masked) for n in names
    ]
    formula = row.backward + (", y = f(x)" if member == "backward" and " y " in f" {row.backward} " else "")
    empty = "gives -inf" if row.reduces and not member else "gives an empty result"
    shape = "Of the shape of the operands"
    if row.reduces:
        shape = "Of the shape of x" if member else "Of the shape of x without those axes"
    infinite = "A row with NaN or {}inf, or with nothing but {}inf, is NaN throughout.".format(
        *("-+" if row.negated else "+-")
    )
    if row.reduces and not member:
        infinite = (
            "Next to 0, where the largest element and the logarithm cancel, the error is up to 4 ULP of these. "
            "A row with NaN is NaN, one with +inf is +inf, one of nothing but -inf is -inf."
        )
    elif member:
        infinite = f"Where terms of the formula cancel, the error is that of the larger one. {infinite}"
    errors = [NO_SUCH_AXIS, "ValueError\n    If an axis is given twice."]
    errors += (
        ["ValueError\n    If the temperature is not positive, or does not fit."]
        if "temperature" in names
        else []
    )
    errors += (
        ["ValueError\n    If dy does not have the shape of the result."] if row.reduces and member else []
    )
    errors += [
        "TypeError\n    If axis is no integer, tuple of integers or None"
        + (", or where is not bool." if "where" in names else ".")
    ]
    call = f"fa.{row.name}" + (f".{member}" if member else "")
    dy = "np.ones(1, dtype=np.float32)" if row.reduces else "x"
    arrays = {"": "x", "backward": f"{dy}, x", "backward_from_output": f"x, fa.{row.name}(x)"}[member]
    result_shape = "(1,)" if row.reduces and not member else "(1, 3)"
    see_also = [
        row.name,
        *(f"{row.name}.{m}" for m in ("backward", "backward_from_output")[: 1 + row.from_output]),
    ]
    return (
        "\n\n".join(
            [
                title,
                f"``{formula if member else row.formula}``",
                section("Parameters", "\n".join(parameters)),
                section("Returns", f"ndarray\n    {shape}; an axis of length 0\n    {empty}."),
                section("Raises", "\n".join(errors)),
                section("See Also", "\n".join(name for name in see_also if f"fa.{name}" != call)),
                section("Notes", prose(f"{DTYPES} {SUMS} {infinite}")),
                section("References", prose(row.source)),
                section(
                    "Examples",
                    ">>> import numpy as np\n>>> import fastact as fa\n"
                    ">>> x = np.array([[1.0, 2.0, 3.0]], dtype=np.float32)\n"
                    f">>> {call}({arrays}).shape\n{result_shape}",
                ),
            ]
        )
        + "\n"
    )
