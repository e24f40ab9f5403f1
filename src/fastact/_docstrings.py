"""Docstrings of the activations, written from their rows in the table."""

from __future__ import annotations

from functools import cache
from textwrap import fill

from ._accuracy import MEASURED
from ._table import (
    ACTIVATIONS,
    BY_NAME,
    GATE_BOUNDS,
    OPERANDS,
    PROMISED_FAR,
    ROW_BOUNDS,
    Activation,
    Gate,
    RowActivation,
)

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

OPERAND_TEXTS = {
    "dy": "dy : array_like\n    Gradient with respect to the result.",
    "x": "x : array_like\n    Input.",
    "y": "y : array_like\n    Result of the activation, in place of its input.",
}


@cache
def prose(text: str) -> str:
    return fill(text, 96)


def numpydoc(
    summary: str,
    formula: str,
    *,
    parameters: list[str],
    returns: str,
    raises: list[str],
    see_also: list[str],
    notes: str,
    source: str,
    example: list[str],
) -> str:
    """A docstring in the form of numpydoc; a section of nothing is left out."""
    sections = {
        "Parameters": parameters,
        "Returns": [f"ndarray\n    {returns}"],
        "Raises": raises,
        "See Also": see_also,
        "Notes": [notes],
        "References": [prose(source)],
        "Examples": [">>> import numpy as np", ">>> import fastact as fa", *example],
    }
    written = ["\n".join([title, "-" * len(title), *texts]) for title, texts in sections.items() if texts]
    return "\n\n".join([summary, formula, *written]) + "\n"


def called(name: str, kind: str) -> str:
    """What the function of a kind is called within fastact."""
    return name if kind == "function" else f"{name}.{kind}"


def everything(row: Activation, dtype: str) -> str:
    """Which inputs are all of a dtype."""
    return f"all inputs up to {PROMISED_FAR:,.0f}" if row.far and dtype == "float32" else "all inputs"


def measured(row: Activation, kind: str) -> str:
    """A sentence about the largest errors found, or nothing."""
    of = "function" if kind == "function" else "derivative"
    figures = {} if kind.startswith("backward_") else MEASURED.get(row.name, {}).get(of, {})
    found = [
        f"{dtype} {worst:.2f} ({f'no worse found in {inputs:,}' if inputs else everything(row, dtype)})"
        for dtype, (worst, _, inputs, _) in figures.items()
    ]
    if not found:
        return ""
    after = " of the derivative, which is rounded once more in the product" if kind == "backward" else ""
    return f"\n\nLargest error found{after}, in ULP:\n{', '.join(found)}."


def summary_and_formula(row: Activation, kind: str, name: str) -> tuple[str, str]:
    """The first lines of a docstring; a kind that is none of `OPERANDS` is the gradient of a trained parameter."""
    if kind == "function":
        return row.summary, f"f(x) = {row.formula}"
    if kind == "derivative":
        return f"Derivative of `{name}` at the input x.", f"f'(x) = {row.derivative}"
    if kind == "backward":
        return f"Gradient of `{name}`: dy f'(x), in one pass.", f"f'(x) = {row.derivative}"
    if kind == "backward_from_output":
        return f"Gradient of `{name}` from its result: dy f'(x), in y = f(x).", f"f'(x) = {row.from_output}"
    return (
        f"Gradient of `{name}` with respect to its {row.trained}, elementwise: sum it over what shares one.",
        f"df/d{row.trained} = min(x, 0)",
    )


def allowed_error(bounds: dict[str, float], of: str = "") -> str:
    """What is said of functions that `_accuracy` has no figures of."""
    figures = ", ".join(f"{dtype} {bound:g}" for dtype, bound in bounds.items())
    return f"Largest error that the tests allow, in ULP{of}: {figures}"


def activation_docstring(row: Activation, kind: str) -> str:
    """The docstring of a row's function, derivative, backward or backward_from_output, written once."""
    return _written_docstring(row.name, kind)


@cache
def _written_docstring(row_name: str, kind: str) -> str:
    row = BY_NAME[row_name]
    name = row.variant_of or row.name
    call, row_parameters = called(name, kind), row.parameters_of(kind)
    operands = OPERANDS.get(kind, OPERANDS["backward"])  # as that of a trained parameter has them
    summary, formula = summary_and_formula(row, kind, name)
    formulas = f"``{formula}``" + (f"; f'(x) = ``{row.derivative}``." if kind == "function" else "")
    parameters = [OPERAND_TEXTS[o] for o in operands]
    parameters += [
        f"{p.name} : float or array_like{'' if p.default is None else f', default {p.default}'}\n"
        f"    {p.says[0].upper()}{p.says[1:]}; {p.allowed}."
        for p in row_parameters
    ]
    limits = [f"    If {p.name} is not {p.allowed}." for p in row_parameters]
    notes = prose(f"{DTYPES} {NUMBERS}" if row_parameters else DTYPES) + measured(row, kind)
    if name == row.name in VARIANTS:
        variant = VARIANTS[name]
        _, of_variant = summary_and_formula(variant, kind, name)
        formulas += f"\n\nWith approximate='tanh', ``{of_variant}``"
        formulas += f"; f'(x) = ``{variant.derivative}``." if kind == "function" else ""
        parameters.append(APPROXIMATE)
        limits = ["    If approximate is none of these."]
        notes += f"\n\nWith approximate='tanh':{measured(variant, kind)}"
    given = [*operands, *(f"{p.name}={p.example}" for p in row_parameters if p.default is None)]
    given += ["approximate='tanh'"] if row.variant_of else []
    example = [">>> x = np.array([-2.0, 0.0, 3.0], dtype=np.float32)"]
    example += [">>> dy = np.ones_like(x)"] if "dy" in operands else []
    example += [f">>> y = fa.{name}(x)"] if "y" in operands else []
    related = [called(name, k) for k in ("function", "derivative", "backward")]
    return numpydoc(
        summary,
        formulas,
        parameters=[*parameters, KEYWORDS],
        returns="Of the broadcast shape of the operands.",
        raises=["ValueError", *limits] if limits else [],
        see_also=[other for other in related if other != call],
        notes=notes,
        source=row.source,
        example=[*example, f">>> fa.{call}({', '.join(given)}).dtype", "dtype('float32')"],
    )


def gate_docstring(gate: Gate, kind: str) -> str:
    """The docstring of a gated linear unit or of its backward."""
    name, slope = gate.name, f"{gate.gate}'(x) = ``{BY_NAME[gate.gate].derivative}``."
    odd = "If the length of x along axis is odd"
    if kind == "function":
        summary = f"Gated linear unit: half of the input times `{gate.gate}` of the other half."
        formula = (
            f"``f(x) = a {gate.gate}(b), x = [a, b] along axis``;\n"
            f"df/da = ``{gate.gate}(b)``, df/db = ``a {gate.gate}'(b)``,\n{slope}"
        )
        returns, other, error = "Of the shape of x, halved along axis.", f"{name}.backward", f"{odd}."
        labels = "The result keeps the labels of the other axes; along this one pandas counts from 0. "
        labels += f"{allowed_error(GATE_BOUNDS)}."
        example = [f">>> fa.{name}(x).shape", "(2, 3)"]
    else:
        summary = f"Gradient of `{name}` with respect to its input."
        formula = f"``[dy {gate.gate}(b), dy a {gate.gate}'(b)], x = [a, b] along axis``;\n{slope}"
        returns, other = "Of the shape of x, whole.", name
        error = f"{odd}, or dy, out or where does not fit."
        labels = "The result has the labels of x, or, if it has none, those of dy along the other axes."
        example = [f">>> fa.{name}.backward(x[:, :3], x).shape", "(2, 6)"]
    return numpydoc(
        summary,
        formula,
        parameters=[
            *(OPERAND_TEXTS[o] for o in OPERANDS[kind]),
            "axis : int, default -1\n    Axis that is halved: a the first half, b the second.",
            "out : ndarray, or tuple of one, optional\n    Where to put the result.",
            "where, dtype, casting, order, subok : optional\n"
            "    As of a ufunc; `where` broadcasts to the shape of the result.",
        ],
        returns=returns,
        raises=[f"ValueError\n    {error}", "TypeError\n    If axis is not an integer.", NO_SUCH_AXIS],
        see_also=[gate.gate, other],
        notes=prose(f"{DTYPES} {BY_PLACE} {labels}"),
        source=gate.source,
        example=[">>> x = np.ones((2, 6), dtype=np.float32)", *example],
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


def row_returns(row: RowActivation, forward: bool) -> str:
    if not row.reduces:
        return "Of the shape of the operands; an axis of length 0\n    gives an empty result."
    if forward:
        return "Of the shape of x without those axes; an axis of length 0\n    gives -inf."
    return "Of the shape of x; an axis of length 0\n    gives an empty result."


def row_accuracy(row: RowActivation, forward: bool) -> str:
    """Sentences on errors, and on rows that are not finite."""
    worst, best = "-+" if row.negated else "+-"
    infinite = f"A row with NaN or {worst}inf, or with nothing but {best}inf, is NaN throughout."
    if not forward:
        return f"Where terms of the formula cancel, the error is that of the larger one. {infinite}"
    if row.reduces:
        infinite = "A row with NaN is NaN, one with +inf is +inf, one of nothing but -inf is -inf."
        larger = " of the result or of m, whichever is larger"
        return (
            f"{allowed_error(ROW_BOUNDS, larger)}; next to 0, where m and the logarithm cancel, the result may "
            f"have no correct digit. {infinite}"
        )
    near_0 = f", or an absolute error of {row.near_0:.1e} next to 0" if row.near_0 else ""
    return f"{allowed_error(ROW_BOUNDS)}{near_0}. {infinite}"


def row_docstring(row: RowActivation, kind: str) -> str:
    """The docstring of a function of the softmax family, its backward or backward_from_output."""
    forward, name, call = kind == "function", row.name, called(row.name, kind)
    operands = OPERANDS[kind]
    options = ["where"] if forward else []
    options += ["temperature"] if row.tempered and forward else []
    options += [("keepdims" if forward else "kept dy")] if row.reduces else []
    parameters = [OPERAND_TEXTS[o] for o in operands]
    wrong_axis = "If axis is no integer, tuple of integers or None"
    raises = [NO_SUCH_AXIS, "ValueError\n    If an axis is given twice."]
    if "temperature" in options:
        raises.append("ValueError\n    If the temperature is not positive, or does not fit.")
    if forward:
        summary, formula = row.summary, row.formula
        wrong_axis += ", or where is not bool"
    else:
        summary = f"Gradient of `{name}` from its {'result' if 'y' in operands else 'input'}."
        formula = row.backward
        formula += ", y = f(x)" if kind == "backward" and " y " in f" {formula} " else ""
    if row.reduces and not forward:
        parameters[0] = f"{OPERAND_TEXTS['dy'][:-1]}, a value for each row; a number stands for all."
        raises.append("ValueError\n    If dy does not have the shape of the result.")
    raises.append(f"TypeError\n    {wrong_axis}.")
    masked = "-inf" if row.masked or row.reduces else "0"
    dy = "np.ones(1, dtype=np.float32)" if row.reduces else "x"
    given = {"function": "x", "backward": f"{dy}, x", "backward_from_output": f"x, fa.{name}(x)"}[kind]
    related = [
        called(name, k) for k in ("function", "backward", "backward_from_output")[: 2 + row.from_output]
    ]
    return numpydoc(
        summary,
        f"``{formula}``",
        parameters=[
            *parameters,
            "axis : int, tuple of int or None, default -1\n    Axes that make up a row together; None: all.",
            "out : ndarray, optional\n    Where to put the result.",
            *(OPTIONS[option].format(masked=masked) for option in options),
        ],
        returns=row_returns(row, forward),
        raises=raises,
        see_also=[other for other in related if other != call],
        notes=prose(f"{DTYPES} {SUMS} {row_accuracy(row, forward)}"),
        source=row.source,
        example=[
            ">>> x = np.array([[1.0, 2.0, 3.0]], dtype=np.float32)",
            f">>> fa.{call}({given}).shape",
            "(1,)" if row.reduces and forward else "(1, 3)",
        ],
    )
