"""Write table.pxi: a loop for every function in the table of activations. setup.py calls it.

For each row: the function, its derivative and dy times that derivative, at x and, where the table
has one, from the output. A loop takes its operands as contiguous arrays of one dtype.
"""

from __future__ import annotations

import re
from pathlib import Path

OPERAND = re.compile(r"(\w+)\[i\]")

HEADER = "# A loop for each function in the table of activations. Made by render.py from _table.py: edit those.\n"

LOOP = """
cdef void loop_{name}({inputs}, real_out out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = {value}
"""


def loops_of(row) -> dict[str, str]:
    """Name of each loop of a row, with the value that it computes from its operands."""
    parameters = "".join(f", {p.name}[i]" for p in row.parameters)
    loops = {
        row.name: f"<real>{row.name}(x[i]{parameters})",
        f"{row.name}_derivative": f"<real>{row.name}_derivative(x[i]{parameters})",
        f"{row.name}_backward": f"dy[i] * <real>{row.name}_derivative(x[i]{parameters})",
    }
    if row.from_output is not None:
        derivative = f"{row.name}_derivative_from_output(y[i]{parameters})"
        loops[f"{row.name}_backward_from_output"] = f"dy[i] * <real>{derivative}"
    return loops


def render(rows) -> str:
    """The text of table.pxi."""
    text = HEADER
    names = []
    for row in rows:
        for name, value in loops_of(row).items():
            inputs = ", ".join(f"real_in {operand}" for operand in dict.fromkeys(OPERAND.findall(value)))
            text += LOOP.format(name=name, inputs=inputs, value=value)
            names.append(name)
    text += "\n\n#: address of each loop, by name\nLOOPS = {\n"
    text += "".join(f'    "{name}": <size_t>&loop_{name},\n' for name in names)
    return text + "}\n"


def write(rows) -> None:
    """Write table.pxi beside this file, unless it already says the same."""
    path = Path(__file__).with_name("table.pxi")
    text = render(rows)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
