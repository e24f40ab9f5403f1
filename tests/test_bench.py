"""`fastact bench`: what it measures, refuses, marks, and writes. No time is asserted."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from functools import partial
from importlib.util import find_spec

import numpy as np
import pytest

import fastact as fa
from fastact import _cli, bench
from fastact._table import ACTIVATIONS, SOFTMAX_FAMILY
from fastact.bench import measure, report, rivals
from fastact.bench.measure import Cell
from fastact.bench.pairs import NAMES, PAIRS, ROW_NAMES, operands, result_like, row_pairs

RELU = next(pair for pair in PAIRS if pair.label == "relu")
QUICK = ["--seconds", "1e-3", "--rivals", "numpy"]
OVER_ROWS = [pair for axis in (-1, 0, 1) for pair in row_pairs(axis)]
every_pair = pytest.mark.parametrize(
    "pair", [*PAIRS, *OVER_ROWS], ids=lambda pair: f"{pair.label} {pair.axis}"
)
every_dtype = pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])


def cell(**changes) -> Cell:
    facts = {"name": "silu", "kind": "function", "dtype": "float32", "size": 2000, "elements": 2000}
    facts |= {"seconds": {"copyto": 1e-6, "fastact": 2e-6, "torch": 3e-6, "jax": 4e-6}}
    return Cell(**facts | {"errors": {"fastact": 0.7, "torch": 1.0, "jax": 1e6}} | changes)


@pytest.fixture
def results(tmp_path, capsys):
    """Run the command; what it wrote and said."""

    def run(*arguments):
        folder = tmp_path / "results"
        assert _cli.main(["bench", *arguments, *QUICK, "--output", str(folder)]) == 0
        return json.loads((folder / "results.json").read_text()), folder, capsys.readouterr().out

    return run


def test_measures_what_it_is_asked_to(results):
    written, folder, said = results("--functions", "Swish", "glu", "softmax", "--sizes", "1", "2e3")
    assert [(c["function"], c["kind"], c["size"]) for c in written["cells"]] == [
        *[(name, kind, 1) for name in ("silu", "softmax") for kind in ("function", "backward")],
        *[(name, kind, 2000) for name in ("silu", "glu", "softmax") for kind in ("function", "backward")],
    ]
    assert [*written["rivals"]] == ["numpy"]
    assert written["absent"] == {}
    for c in written["cells"]:
        assert c["dtype"] == "float32"
        assert c["elements"] == c["size"]
        raced = {"copyto", "fastact"} | ({c["best"]} if c["best"] else set())
        assert c["nanoseconds"].keys() == raced
        assert all(ns > 0 for ns in c["nanoseconds"].values())
        assert c["ulp"]["fastact"] <= measure.INEXACT
        if c["best"]:
            assert c["ratio"] == pytest.approx(c["nanoseconds"]["numpy"] / c["nanoseconds"]["fastact"])
    assert " 10/10 softmax" in said
    assert "geometric mean" in said
    assert (folder / "table.md").read_text().count("| silu |") == 2


@pytest.mark.parametrize("row", [*ACTIVATIONS, *SOFTMAX_FAMILY], ids=lambda row: row.name)
def test_every_member_of_the_table_is_measured(row):
    kinds = {"function", "backward"} | ({"backward_from_output"} if row.from_output else set())
    assert {pair.kind for pair in PAIRS if pair.name == row.name} - {"derivative"} == kinds


@pytest.mark.parametrize(
    ("arguments", "cells"),
    [
        (["logsumexp"], ["logsumexp", "logsumexp.backward"]),
        (["softmax_cross_entropy"], ["softmax_cross_entropy", "softmax_cross_entropy.backward"]),
        (["sigmoid_cross_entropy"], ["sigmoid_cross_entropy", "sigmoid_cross_entropy.backward"]),
        (["softmax", "--kinds", "backward_from_output"], ["softmax.backward_from_output"]),
        (
            ["gelu", "tanh", "--kinds", "function", "backward_from_output"],
            ["gelu", "tanh", "tanh.backward_from_output"],
        ),
    ],
)
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_measures_losses_and_gradients_from_the_output(arguments, cells, dtype, results):
    written, _, said = results("--sizes", "1", "1000", "--dtypes", dtype, "--functions", *arguments)
    labels = [
        c["function"] if c["kind"] == "function" else f"{c['function']}.{c['kind']}" for c in written["cells"]
    ]
    assert labels == 2 * cells
    assert {c["dtype"] for c in written["cells"]} == {dtype}
    assert said.count("from y ") == 2 * sum("from_output" in label for label in cells)


def test_measures_once_what_is_asked_for_twice(results):
    twice = ["--functions", "relu", "ReLU", "--sizes", "10", "1e1", "--dtypes", "float16", "float16"]
    written = results(*twice, "--kinds", "function", "function", "--rivals", "numpy", "numpy")[0]
    assert len(written["cells"]) == 1


def test_measures_rows_along_their_axes(monkeypatch, results):
    monkeypatch.setattr(bench, "ROW_SHAPES", [(2, 3), (2, 3, 4)])
    written, folder, said = results("--rows", "--functions", "logsumexp", "softmax_cross_entropy")
    assert [(c["function"], c["kind"], c["rows"], c["size"]) for c in written["cells"]] == [
        (name, kind, rows, size)
        for rows, size in (("2x3:-1", 6), ("2x3:0", 6), ("2x3x4:-1", 24), ("2x3x4:1", 24))
        for name in ("logsumexp", "softmax_cross_entropy")
        for kind in ("function", "backward")
    ]
    assert "16/16 softmax_cross_entropy" in said
    assert (folder / "table.md").read_text().count("| logsumexp |") == 4
    if find_spec("matplotlib"):
        drawn = {f"float32-{rows}.png" for rows in ("2x3-axis-1", "2x3-axis0", "2x3x4-axis-1", "2x3x4-axis1")}
        assert {path.name for path in folder.glob("*.png")} == drawn


def test_threads_are_asked_for_and_given_back(monkeypatch, results):
    used, measured = [], measure.Bench.cell

    def note(self, *job):
        used.append(fa.get_num_threads())
        return measured(self, *job)

    monkeypatch.setattr(measure.Bench, "cell", note)
    before = fa.get_num_threads()
    written, _, said = results(
        "--functions", "relu", "--kinds", "function", "--sizes", "10", "--threads", "1"
    )
    assert used == [1]
    assert written["threads"] == 1
    assert "one thread" in said
    assert fa.get_num_threads() == before


def test_draws_a_picture(results):
    pytest.importorskip("matplotlib")
    folder = results("--functions", "relu", "tanh", "--sizes", "10", "--dtypes", "float32", "float64")[1]
    for dtype in ("float32", "float64"):
        assert (folder / f"{dtype}-10.png").read_bytes().startswith(b"\x89PNG")


def test_a_picture_says_what_it_shows():
    pytest.importorskip("matplotlib")
    cells = [measure.Bench([], 1e-3).cell(PAIRS[0], 10, np.float32)]
    figure = report.picture(report.Machine.here([], {}), "float32", "10", cells)
    assert figure.get_suptitle() == "10 float32, one thread"


def test_a_picture_shows_every_bar_and_names_what_any_panel_has():
    pytest.importorskip("matplotlib")
    cells = [
        cell(seconds={"copyto": 4e-6, "fastact": 1e-6, "numpy": 2e-6, "torch": 3e-6}),
        cell(kind="backward", seconds={"copyto": 4e-6, "fastact": 9e-6, "numpy": 1e-6}),
    ]
    figure = report.picture(report.Machine.here([], {}), "float32", "2,000", cells)
    for axes in figure.axes:
        assert 0 < axes.get_ylim()[0] < min(bar.get_height() for bar in axes.patches)
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert sorted(labels) == ["best rival", "fastact", "np.copyto", "other rivals"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--functions", "sillu"], "unknown function 'sillu'; the closest is 'silu'"),
        (["--functions", "sillu", "--rows"], "unknown function 'sillu'; the closest is 'silu'"),
        (["--functions", ""], "unknown function ''; there are: "),
        (["--rivals", "numpi"], "unknown rival 'numpi'; the closest is 'numpy', and there are: numpy, "),
        (["--rivals", "foo"], "unknown rival 'foo'; there are: numpy, "),
        (["--functions", "softmax", "relu", "--rows"], "--rows does not measure relu; it measures softmax, "),
        (
            ["--functions", "relu", "gelu", "--kinds", "backward_from_output"],
            "'gelu' has no backward_from_output, only function and backward (--kinds)",
        ),
        (
            ["--functions", "logsumexp", "--rows", "--kinds", "backward_from_output"],
            "'logsumexp' has no backward_from_output, only function and backward (--kinds)",
        ),
        (["--rows", "--sizes", "10"], "--rows has shapes of its own: leave --sizes out"),
        (
            ["--functions", "glu", "--sizes", "1"],
            "'glu' takes halves of x, and needs two elements at least (--sizes)",
        ),
        (
            ["--functions", "relu", "--sizes", "10", "1e30"],
            "--sizes: arrays of 1e+30 elements do not fit into memory",
        ),
        (
            ["--functions", "relu", "--sizes", "1e15"],
            "--sizes: arrays of 1e+15 elements do not fit into memory",
        ),
    ],
)
def test_what_cannot_be_measured_is_refused_first(arguments, says, tmp_path, capsys):
    assert _cli.main(["bench", "--output", str(tmp_path / "results"), *arguments]) == 1
    said = capsys.readouterr()
    assert says in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--sizes", "0", "must be an integer greater than 0, got '0'"),
        ("--sizes", "1.5", "must be an integer greater than 0, got '1.5'"),
        ("--sizes", "many", "must be an integer greater than 0, got 'many'"),
        ("--seconds", "nan", "must be a number greater than 0, got 'nan'"),
        ("--kinds", "f", "invalid choice: 'f'"),
        ("--threads", "0", "must be an integer greater than 0, got '0'"),
    ],
)
def test_wrong_options_are_refused(option, value, says, capsys):
    with pytest.raises(SystemExit, match="2"):
        _cli.main(["bench", option, value])
    assert f"argument {option}: {says}" in capsys.readouterr().err


def test_every_option_is_explained():
    subparsers = next(a for a in _cli.parser()._actions if a.dest == "command")
    for command in subparsers.choices.values():
        assert all(action.help for action in command._actions)


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGPIPE")
@pytest.mark.parametrize("command", [["info"], ["bench", "--sizes", "10", "--functions", "relu", *QUICK]])
def test_a_reader_that_has_enough_ends_it_without_a_traceback(command, tmp_path):
    program = [sys.executable, "-m", "fastact", *command]
    with subprocess.Popen(
        program, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


def test_a_rival_that_is_asked_for_must_be_there(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(rivals.LIBRARIES, "nothing", "nothing")
    assert _cli.main(["bench", "--rivals", "nothing", "--output", str(tmp_path)]) == 1
    assert "with_nothing" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_refused(tmp_path, capsys):
    file = tmp_path / "file"
    file.touch()
    for folder, reason in ((file, "there is a file of that name"), (file / "results", "")):
        assert _cli.main(["bench", "--output", str(folder), *QUICK]) == 1
        assert f"cannot write into the folder {str(folder)!r}: {reason}" in capsys.readouterr().err


def test_what_is_measured_is_written_when_it_is_stopped(monkeypatch, tmp_path, capsys):
    measured, cells = measure.Bench.cell, []

    def stop_at_the_second(self, *job):
        if cells:
            raise KeyboardInterrupt
        cells.append(measured(self, *job))
        return cells[0]

    monkeypatch.setattr(measure.Bench, "cell", stop_at_the_second)
    assert _cli.main(["bench", "--output", str(tmp_path), *QUICK]) == 130
    assert len(json.loads((tmp_path / "results.json").read_text())["cells"]) == 1
    assert "stopped" in capsys.readouterr().err


@every_dtype
@every_pair
def test_fastact_is_right_on_the_probe(pair, dtype):
    ulp, relative = measure.error_of(pair, partial(measure.fastact_ready, pair), dtype)
    assert ulp <= measure.INEXACT
    assert relative <= measure.most(dtype)


#: in float16, where the steps of a formula round to a kink, or overflow
REFUSED = {("jax", "sparse_sigmoid.backward"), ("thinc", "mish.backward")}
#: of these libraries some or all functions have no kernel for a dtype
WITHOUT = {"onnxruntime": {np.float16, np.float64}, "numexpr": {np.float16}, "numba": {np.float16}}


@every_dtype
@pytest.mark.parametrize("library", rivals.LIBRARIES)
def test_every_spelling_computes_its_function(library, dtype):
    try:
        rival = rivals.load(library)
    except ImportError as error:
        pytest.skip(str(error))
    with rival.context():
        for pair in [*PAIRS, *OVER_ROWS]:
            if rival.spells(pair.name, pair.kind):
                ready = partial(rival.ready, pair.name, pair.kind, axis=pair.axis)
                found = measure.error_of(pair, ready, dtype)
                if dtype == np.float16 and (library, pair.label) in REFUSED:
                    continue
                if found is None:
                    assert dtype in WITHOUT.get(library, ()), pair.label
                else:
                    assert found[1] <= measure.most(dtype), (pair.label, pair.axis, found)
    pairs = {(pair.name, pair.kind) for pair in PAIRS}
    for spellings, names in ((rival.module.SPELLINGS, NAMES), (getattr(rival.module, "ROWS", {}), ROW_NAMES)):
        spelt = {(name, kind) for kind in spellings for name in spellings[kind]}
        assert spelt <= pairs
        assert {name for name, _ in spelt} <= {*names}


class Liar:
    """A rival whose relu is off by `error`, or that has none for the dtype."""

    def __init__(self, error):
        self.name, self.error = "liar", error

    def spells(self, name, kind):
        return (name, kind) == ("relu", "function")

    def ready(self, name, kind, arrays, out, axis):
        return (
            None
            if self.error is None
            else lambda: np.add(np.maximum(arrays[0], 0, out=out), self.error, out=out)
        )

    context = rivals.Rival.context
    module = None


@pytest.mark.parametrize(
    ("error", "refused", "mark"),
    [
        (0, None, ""),
        (1e-3, None, "~"),
        (0.1, "wrong by 0.1", None),
        (math.nan, "wrong by nan", None),
        (None, "no kernel for float32", None),
    ],
)
def test_what_is_wrong_is_not_timed_and_what_is_inexact_is_marked(error, refused, mark):
    found = measure.Bench([Liar(error)], seconds=1e-3).cell(RELU, 10, np.float32)
    assert found.refused == ({} if refused is None else {"liar": refused})
    assert found.best == (None if refused else "liar")
    if mark is not None:
        assert (f"{found.nanoseconds('liar'):.3f}~" in report.line(found)) == bool(mark)


def test_a_cell_knows_the_best_rival():
    found = cell()
    assert (found.best, found.ratio, found.copies) == ("torch", 1.5, 2.0)
    assert found.nanoseconds("fastact") == 1.0
    assert "<" not in report.line(found)
    slower = cell(seconds={"copyto": 1e-6, "fastact": 4e-6, "torch": 3e-6, "jax": 2e-6})
    assert (slower.best, slower.ratio) == ("jax", 0.5)
    assert report.line(slower).rstrip().endswith("0.50 <")
    assert "jax 1.000~" in report.line(slower)
    said = report.summary([found, slower])
    assert f"{math.sqrt(0.75):.2f} times as fast" in said
    assert "slower in 1" in said


def test_markdown_has_a_row_for_each_function():
    cells = [
        cell(),
        cell(kind="backward", seconds={"copyto": 1e-6, "fastact": 4e-6, "jax": 2e-6}),
        cell(name="dish", seconds={"copyto": 1, "fastact": 1}),
    ]
    machine = report.Machine.here([], {})
    rows = [row for row in report.as_markdown(machine, cells).splitlines() if row.startswith("| ")]
    assert rows[1:] == [
        "| silu | 1.00 | 1.50 torch | 1.50 | 2.00 | 1.00~ jax | **0.50** |",
        "| dish | 500000.00 | none |  |  |  |  |",
    ]


def test_errors_count_in_the_last_place():
    exact, eps = np.array([1.0, -3.0, 0.0, 1e-3]), 2.0**-23
    got = np.array([1 + eps, -3 - 4 * eps, 1e-45, 1e-3], np.float32)
    assert measure.largest_errors(got[:2], exact[:2], np.dtype(np.float32), 0.0)[0] == 2
    assert measure.largest_errors(got[2:3], exact[2:3], np.dtype(np.float32), 0.0)[0] == 1
    ulp, relative = measure.largest_errors(got + np.float32(1e-3), exact, np.dtype(np.float32), 1.0)
    assert relative == pytest.approx(1e-3, rel=1e-3)
    assert ulp == pytest.approx(1e-3 / eps, rel=1e-3)


def test_what_overflows_as_it_should_is_no_error():
    exact = np.array([1e6, -1e6, 65504.0, 1.0], np.float32)
    got = np.array([np.inf, -np.inf, 65504.0, 1.0], np.float16)
    assert measure.largest_errors(got, exact, got.dtype, 0.0) == (0, 0)
    assert measure.largest_errors(-got, exact, got.dtype, 0.0) == (np.inf, np.inf)
    assert measure.largest_errors(got[2:], exact[:2], got.dtype, 0.0)[1] > 0.9


def test_either_choice_at_a_kink_is_right():
    pair = next(pair for pair in PAIRS if pair.label == "hard_tanh.backward")
    assert np.isin(operands(pair, measure.PROBE, np.float16)[1], pair.kinks).any()

    def other_choice(arrays, out):
        dy, x = arrays
        return lambda: dy * (np.abs(x) <= 1)

    assert measure.error_of(pair, other_choice, np.float16)[1] <= measure.most(np.float16)


def test_the_fastest_of_calls_that_take_turns():
    order = []
    calls = {name: partial(order.append, name) for name in "ab"}
    shortest = measure.fastest(calls, 1e-3)
    assert shortest.keys() == {"a", "b"}
    turns = [name for k, name in enumerate(order) if k == 0 or order[k - 1] != name]
    assert len(turns) >= 8


@pytest.mark.parametrize("size", [1, 7, 1000, 2500])
@every_pair
def test_operands_fit(pair, size):
    arrays = operands(pair, size, np.float32)
    expected = len(arrays) * [np.float32]
    if pair.target == "labels":
        expected[-1] = np.int64
    assert [array.dtype for array in arrays] == expected
    assert result_like(pair, arrays).shape == pair.fast(*arrays).shape
