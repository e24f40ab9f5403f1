"""Write table_f32.pxi and table_f64.pxi: a loop for every function in the table of activations. setup.py calls it.

For each row: the function, its derivative and dy times that derivative, at x and, where the table
has one, from the output. A loop takes its operands as contiguous arrays of one dtype. Where
near_f32.pxi, pieces_f32.pxi or near_f64.pxi has a quicker formula, the loop uses it for the arguments within its reach.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

OPERAND = re.compile(r"(\w+)\[[i0]\]")

HEADER = (
    "# A loop for each function in the table of activations. Made by render.py from _table.py: edit those.\n"
)

LOOPS = """

#: of each loop its address, that of its twin for uniform parameters, and how many parameters it takes
LOOPS = {{
{entries}}}
"""

LOOP = """
cdef void loop_{name}({inputs}, real_out out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = {value}
"""

#: Both halves of a gate's gradient: they share the activation's exponential.
GRADIENT = """
cdef void loop_{name}_gradient(real_in dy, real_in a, real_in b, real_out of_a, real_out of_b,
                               Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        of_a[i] = {of_a}
        of_b[i] = {of_b}
"""

#: Elements beyond what the kernel reduces are computed again, one by one, while their block is in cache.
LOOP_WITH_FAR = """
cdef void loop_{name}({inputs}, real_out out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef Py_ssize_t start = 0
    cdef Py_ssize_t stop
    cdef bint any_far
    while start < n:
        stop = min(start + BLOCK, n)
        any_far = False
        for i in range(start, stop):
            out[i] = {value}
            any_far |= absolute(x[i]) >= {far}
        if any_far:
            for i in range(start, stop):
                if absolute(x[i]) >= {far}:
                    out[i] = {value_far}
        start = stop
"""


#: A quicker formula, block by block. Elements beyond its reach are computed again, a few together if one of them is.
LOOP_IN_BLOCKS = """
cdef void loop_{name}({inputs}, real_out out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef Py_ssize_t start = 0
    cdef Py_ssize_t stop
    cdef Py_ssize_t first
    cdef Py_ssize_t end
    cdef bint beyond{variables}
    if not FASTACT_HAS_FMA:
        for i in range(n):
            out[i] = {value}
        return
    while start < n:
        stop = min(start + BLOCK, n){block}
        if {any_beyond}:
            for first in range(start, stop, 16):
                end = min(first + 16, stop)
                beyond = False
                for i in range(first, end):
                    beyond |= not ({within})
                if beyond:
                    for i in range(first, end):
                        out[i] = out[i] if {within} else {value}
        start = stop
"""

NEAR_BLOCK = """
        seen = 0
        for i in range(start, stop):
            out[i] = {near}
            seen = {look}"""

#: Results too small or too large for their low parts are computed again, too.
NEAR_BLOCK_OF_GATE = """
        farthest = largest = 0
        least = size_bits_zero_last(0)
        for i in range(start, stop):
            out[i] = {name}_near(a[i], b[i])
            farthest = max(farthest, size_bits(b[i]))
            least = min(least, size_bits_zero_last(out[i]))
            largest = max(largest, size_bits(out[i]))"""

#: What is left over of a block is computed as if zeros followed.
BLOCK_IN_LANES = """
        farthest = in_all_lanes(0)
        i = start
        while i + LANE_COUNT <= stop:
            farthest = farther(farthest, load_lanes(x + i))
            if all_in_half(load_lanes(x + i), {formula}_in_lanes_half()):
                store_lanes(out + i, {in_half})
            else:
                store_lanes(out + i, {in_lanes})
            i += LANE_COUNT
        if i < stop:
            farthest = farther(farthest, load_some_lanes(x + i, stop - i))
            store_some_lanes(out + i, {in_some_lanes}, stop - i)"""

NEAR_FORMULA = re.compile(r"cdef inline (?:float|double) (\w+)_near\(")
FORMULA_IN_LANES = re.compile(r"cdef inline float (\w+)_in_lanes_reach\(")


def loops_of(row) -> dict[str, str]:
    """Name of each loop of a row, with the value that it computes from its operands."""
    parameters = "".join(f", {p.name}s[i]" for p in row.parameters)
    loops = {
        row.name: f"<real>{row.name}(x[i]{parameters})",
        f"{row.name}_derivative": f"<real>{row.name}_derivative(x[i]{parameters})",
        f"{row.name}_backward": f"dy[i] * <real>{row.name}_derivative(x[i]{parameters})",
    }
    if row.from_output is not None:
        derivative = f"{row.name}_derivative_from_output(y[i]{parameters})"
        loops[f"{row.name}_backward_from_output"] = f"dy[i] * <real>{derivative}"
    if row.trained is not None:
        loops[f"{row.name}_backward_{row.trained}"] = (
            f"dy[i] * <real>{row.name}_derivative_{row.trained}(x[i])"
        )
    return loops


def loops_of_gate(gate) -> dict[str, str]:
    """The same for a gated linear unit of the halves a and b."""
    return {
        gate.name: f"<real>{gate.name}(a[i], b[i])",
        f"{gate.name}_backward_a": f"<real>{gate.name}(dy[i], b[i])",
        f"{gate.name}_backward_b": f"dy[i] * <real>{gate.name}_slope(a[i], b[i])",
    }


def inputs_of(value: str) -> str:
    """The operands of a value as a loop takes them."""
    return ", ".join(f"real_in {operand}" for operand in dict.fromkeys(OPERAND.findall(value)))


def loop(name: str, value: str, far: float | None = None) -> str:
    """The loop called `name`, which computes `value`."""
    inputs = inputs_of(value)
    if far is None:
        return LOOP.format(name=name, inputs=inputs, value=value)
    value_far = value.replace("(x[i])", "_far(x[i])")
    assert value_far != value, f"{name}: there is no far formula with parameters"
    return LOOP_WITH_FAR.format(name=name, inputs=inputs, value=value, value_far=value_far, far=far)


def loop_with_near(name: str, value: str, formula: str) -> str:
    """The loop called `name`, which computes `value` by the function `formula`, or its quicker form."""
    call = re.search(rf"<real>{formula}\(x\[i\](?:, )?(.*?)\)", value)
    near = value.replace(call[0], call[0].removeprefix("<real>").replace(formula, f"{formula}_near", 1))
    reach = f"{formula}_reach({call[1]})"
    variables = "\n    cdef size_as_bits seen"
    if "[i]" in reach:
        look, any_beyond = f"seen | (not absolute(x[i]) < {reach})", "seen"
    else:
        # GCC would leave what is the same for all elements in the loop, and the loop scalar: 10x slower
        variables += f"\n    cdef real reach = {reach}"
        reach = "reach"
        look = "max(seen, size_bits(x[i]))"  # 1.1x as fast as with floats
        any_beyond = "seen >= size_bits(reach)"
    return LOOP_IN_BLOCKS.format(
        name=name,
        inputs=inputs_of(value),
        variables=variables,
        value=value,
        block=NEAR_BLOCK.format(near=near, look=look),
        any_beyond=any_beyond,
        within=f"absolute(x[i]) < {reach}",
    )


def loop_of_gate_with_near(name: str, value: str) -> str:
    """The same for a gate."""
    return LOOP_IN_BLOCKS.format(
        name=name,
        inputs=inputs_of(value),
        variables="".join(f"\n    cdef uint32_t {variable}" for variable in ("farthest", "least", "largest")),
        value=value,
        block=NEAR_BLOCK_OF_GATE.format(name=name),
        any_beyond=f"(farthest >= size_bits({name}_reach()) or largest >= size_bits(INFINITY)"
        " or least < size_bits_zero_last(LEAST_IN_PAIRS))",
        within=f"(absolute(b[i]) < {name}_reach()) & held_by_pairs(out[i])",
    )


def loop_in_lanes(name: str, value: str, formula: str) -> str:
    """The same where the quicker form is one in lanes."""

    def in_lanes(half: bool) -> str:
        call = f"{formula}_in_lanes({half}, load_lanes(x + i))"
        return value.replace(f"<real>{formula}(x[i])", call).replace("dy[i]", "load_lanes(dy + i)")

    reach = f"{formula}_in_lanes_reach()"
    block = BLOCK_IN_LANES.format(
        formula=formula,
        in_half=in_lanes(True),
        in_lanes=in_lanes(False),
        in_some_lanes=re.sub(
            r"load_lanes\((\w+) \+ i\)", r"load_some_lanes(\1 + i, stop - i)", in_lanes(False)
        ),
    )
    return LOOP_IN_BLOCKS.format(
        name=name,
        inputs=inputs_of(value),
        variables="\n    cdef lanes farthest",
        value=value,
        block=block,
        any_beyond=f"any_at_least(farthest, {reach})",
        within=f"absolute(x[i]) < {reach}",
    )


def uniform(value: str, parameters: list[str]) -> str:
    """The value where a parameter is the same for all elements, given once: 1.2x faster where memory is the limit."""
    for parameter in parameters:
        value = value.replace(parameter, parameter.replace("[i]", "[0]"))
    return value


def entry(name: str, parameters: int = 0) -> str:
    """What LOOPS says of a loop."""
    uniform = f"<size_t>&loop_{name}_uniform" if parameters else "0"
    return f'    "{name}": (<size_t>&loop_{name}, {uniform}, {parameters}),\n'


def render(rows, gates, quicker: dict[str, Callable[[str, str, str], str]]) -> str:
    """The text of a table; `quicker` are the functions that have a quicker formula, with what writes its loop."""
    loops, entries = [], []
    for row in rows:
        for name, value in loops_of(row).items():
            parameters = [f"{p.name}s[i]" for p in row.parameters if f"{p.name}s[i]" in value]
            quick = next((formula for formula in quicker if f"<real>{formula}(x[i]" in value), None)
            variants = {name: value}
            if parameters:
                variants[f"{name}_uniform"] = uniform(value, parameters)
            for variant, written in variants.items():
                loops.append(
                    quicker[quick](variant, written, quick) if quick else loop(variant, written, row.far)
                )
            entries.append(entry(name, len(parameters)))
    for gate in gates:
        for name, value in loops_of_gate(gate).items():
            loops.append(loop_of_gate_with_near(name, value) if name in quicker else loop(name, value))
            entries.append(entry(name))
        _, of_a, of_b = loops_of_gate(gate).values()
        loops.append(GRADIENT.format(name=gate.name, of_a=of_a, of_b=of_b))
        entries.append(entry(f"{gate.name}_gradient"))
    return f"{HEADER}{''.join(loops)}{LOOPS.format(entries=''.join(entries))}"


def write(rows, gates) -> None:
    """Write the tables beside the formulas, unless they already say the same."""
    folder = Path(__file__).parent / "formulas"

    def formulas(pattern: re.Pattern, file: str, loop: Callable) -> dict:
        return dict.fromkeys(pattern.findall((folder / file).read_text()), loop)

    near_f32 = formulas(NEAR_FORMULA, "near_f32.pxi", loop_with_near)
    near_f64 = formulas(NEAR_FORMULA, "near_f64.pxi", loop_with_near)
    in_lanes = formulas(FORMULA_IN_LANES, "pieces_f32.pxi", loop_in_lanes)
    for path, text in {
        folder / "table_f32.pxi": render(rows, gates, near_f32 | in_lanes),
        folder / "table_f64.pxi": render(rows, gates, near_f64),
    }.items():
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
