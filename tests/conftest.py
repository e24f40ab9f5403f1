"""What every test gets: the instruction set in the header, the table, a check of the floating-point state."""

from __future__ import annotations

import numpy as np
import pytest

import fastact as fa
from fastact import _dispatch
from fastact._table import ACTIVATIONS, OPERANDS, Activation, Parameter
from fastact.bench.pairs import published

KINDS = tuple(OPERANDS)
FLOATS = (np.float16, np.float32, np.float64)


def pytest_report_header(config) -> str:
    return f"fastact {fa.__version__}, instruction set {_dispatch.INSTRUCTION_SET} of {_dispatch.available()}"


def floating_point_state() -> tuple[bool, ...]:
    """Whether subnormals live, in and out, in both types, and numbers are rounded to nearest even."""
    tiny32, tiny64 = np.array([1e-45], np.float32), np.array([5e-324])
    one32, one64 = np.ones(1, np.float32), np.ones(1)
    return (
        bool(tiny32 * one32 != 0),
        bool(np.array([2e-38], np.float32) / 2 / 2 != 0),
        bool(tiny64 * one64 != 0),
        bool(np.array([4e-308]) / 2 / 2 != 0),
        bool(one64 + 2.0**-53 == 1),
        bool(-one64 - 2.0**-53 == -1),
        bool(one32 + np.float32(2.0**-23 * 1.5) == 1 + 2.0**-22),
    )


@pytest.fixture(autouse=True)
def floating_point_state_is_left_alone():
    """No test may leave flush-to-zero or another rounding mode behind."""
    yield
    assert all(floating_point_state()), floating_point_state()


def public(row: Activation, kind: str = "function"):
    """What `published` gives, to be called with its operands alone: what it demands besides the table says."""
    function = published(row, kind)
    if function is None or not row.required:
        return function
    count = len(OPERANDS[kind])

    def call(*args, **keywords):
        return function(*args, **(row.required if len(args) == count else {}) | keywords)

    return call


def ufunc(row: Activation, kind: str = "function") -> np.ufunc | None:
    """The ufunc behind it."""
    function = published(row, kind)
    return getattr(function, "ufunc", function)


def defaults(row: Activation, dtype=np.float64) -> tuple[float, ...]:
    """The row's typical parameters as a dtype is computed with: float16 in float32."""
    rounded = np.float64 if dtype == np.float64 else np.float32
    return tuple(float(rounded(p.typical)) for p in row.parameters)


def setting(row: Activation, parameter: Parameter, value) -> dict:
    """A value for one parameter, and for the others, too, if it does not fit their typical values."""
    together = {p.name: p.typical for p in row.parameters} | {parameter.name: value}
    fits = np.all(row.consistent(*together.values()))
    return {parameter.name: value} if fits else dict.fromkeys(together, value)


MEMBERS = [
    pytest.param(row, kind, id=f"{row.name}-{kind}")
    for row in ACTIVATIONS
    for kind in KINDS
    if kind != "backward_from_output" or row.from_output is not None
]
PARAMETERS = [pytest.param(row, p, id=f"{row.name}-{p.name}") for row in ACTIVATIONS for p in row.parameters]


def every_row_that(holds=lambda row: True):
    """Parametrise a test over the rows of which something holds."""
    return pytest.mark.parametrize("row", [*filter(holds, ACTIVATIONS)], ids=lambda row: row.name)


every_row = every_row_that()
every_row_with_parameters = every_row_that(lambda row: row.parameters)
every_parameter = pytest.mark.parametrize(("row", "parameter"), PARAMETERS)
every_member = pytest.mark.parametrize(("row", "kind"), MEMBERS)
every_float = pytest.mark.parametrize("dtype", FLOATS, ids=lambda dtype: dtype.__name__)
