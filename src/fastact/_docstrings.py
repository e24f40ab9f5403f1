"""Docstrings of the activations, written from their rows in the table."""

from __future__ import annotations

from functools import cache
from textwrap import fill

from ._accuracy import MEASURED
from ._table import BY_NAME, Activation, Gate

KEYWORDS = """**kwargs
    The keywords of a ufunc: ``out``, ``where``, ``dtype``, ``casting``, ``order``."""

DTYPES = (
    "float16, float32 and float64 keep their type; bool and integers of up to 16 bits give float32, "
    "wider integers float64. Anything else is a TypeError."
)

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


def measured(row: Activation, kind: str) -> str:
    """A sentence about the largest errors found."""
    of = "function" if kind == "function" else "derivative"
    figures = MEASURED.get(row.name, {}).get(of, {})
    found = [
        f"{dtype} {worst:.2f} ({'all' if everything else 'sampled'} inputs)"
        for dtype, (worst, _, everything) in figures.items()
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
    parts = [
        summary,
        f"``{formula}``" + (f"; f'(x) = ``{row.derivative}``." if kind == "function" else ""),
        section("Parameters", "\n".join([*parameters, KEYWORDS])),
        section("Returns", "ndarray\n    Of the broadcast shape of the operands."),
        section("See Also", "\n".join(s for s in see_also if s != call.removeprefix("fa."))),
        section("Notes", prose(DTYPES) + ("" if kind.startswith("backward_") else measured(row, kind))),
        section("References", prose(row.source)),
        section("Examples", "\n".join(example)),
    ]
    if row_parameters:
        limits = "\n".join(f"    If {p.name} is not {p.allowed}." for p in row_parameters)
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
        "function": f"f(x) = a {gate.gate}(b), x = [a, b] along axis",
        "backward": f"[dy {gate.gate}(b), dy a {gate.gate}'(b)], x = [a, b] along axis",
    }[kind]
    parameters = [OPERANDS[o] for o in operands]
    parameters.append("axis : int, default -1\n    Axis that is halved: a the first half, b the second.")
    parameters.append("out : ndarray, optional\n    Where to put the result.")
    example = [
        ">>> import numpy as np",
        ">>> import fastact as fa",
        ">>> x = np.ones((2, 6), dtype=np.float32)",
    ]
    example += [f">>> {call}({'x' if kind == 'function' else 'x[:, :3], x'}).shape"]
    example += ["(2, 3)" if kind == "function" else "(2, 6)"]
    return (
        "\n\n".join(
            [
                summary,
                f"``{formula}``",
                section("Parameters", "\n".join(parameters)),
                section(
                    "Returns",
                    "ndarray\n    Of the shape of x, "
                    + ("halved along axis." if kind == "function" else "whole."),
                ),
                section(
                    "Raises", "ValueError\n    If the length of x along axis is odd, or dy does not fit."
                ),
                section(
                    "See Also", f"{gate.gate}\n{gate.name}" + (".backward" if kind == "function" else "")
                ),
                section("Notes", prose(DTYPES)),
                section("References", prose(gate.source)),
                section("Examples", "\n".join(example)),
            ]
        )
        + "\n"
    )


#: function, backward from the input, backward from the output
SOFTMAX_FORMULAS = {
    "softmax": {
        "": "y_i = e^(x_i - m) / sum_j e^(x_j - m), m = max(x)",
        "backward": "y (dy - sum(dy y)), y = softmax(x)",
        "backward_from_output": "y (dy - sum(dy y))",
    },
    "log_softmax": {
        "": "y_i = (x_i - m) - log(sum_j e^(x_j - m)), m = max(x)",
        "backward": "dy - e^y sum(dy), y = log_softmax(x)",
        "backward_from_output": "dy - e^y sum(dy)",
    },
}


def softmax_docstring(kind: str, member: str) -> str:
    """The docstring of softmax, log_softmax or one of their gradients; `member` is "" for the function itself."""
    of = {"": "x", "backward": "dy, x", "backward_from_output": "dy, y"}[member]
    title = {
        "softmax": "Softmax: positive numbers along an axis that sum to 1.",
        "log_softmax": "Logarithm of softmax, accurate where one element dominates.",
    }[kind]
    if member:
        title = f"Gradient of `{kind}` from its {'result' if member.endswith('output') else 'input'}."
    call = f"fa.{kind}" + (f".{member}" if member else "")
    arrays = {"x": "x", "dy, x": "x, x", "dy, y": f"x, fa.{kind}(x)"}[of]
    keywords = (
        "axis : int, tuple of int or None, default -1\n    Axes that make up a row together; None: all.\n"
        "out : ndarray, optional\n    Where to put the result."
    )
    return (
        "\n\n".join(
            [
                title,
                f"``{SOFTMAX_FORMULAS[kind][member]}``",
                section("Parameters", "\n".join([*(OPERANDS[o] for o in of.split(", ")), keywords])),
                section(
                    "Returns",
                    "ndarray\n    Of the shape of the operands; an axis of length 0 gives an empty result.",
                ),
                section("Raises", "numpy.exceptions.AxisError\n    If there is no such axis."),
                section(
                    "Notes",
                    prose(
                        DTYPES
                        + " Sums are taken in double precision. A row with NaN or +inf, or with nothing "
                        "but -inf, is NaN throughout; -inf beside finite elements gives exactly "
                        + ("0." if kind == "softmax" else "-inf.")
                    ),
                ),
                section(
                    "References",
                    "J. S. Bridle, Probabilistic interpretation of feedforward classification\n"
                    "network outputs, Neurocomputing, 1990.",
                ),
                section(
                    "Examples",
                    ">>> import numpy as np\n>>> import fastact as fa\n"
                    f">>> x = np.array([[1.0, 2.0, 3.0]], dtype=np.float32)\n>>> {call}({arrays}).shape\n(1, 3)",
                ),
            ]
        )
        + "\n"
    )
