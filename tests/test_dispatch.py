"""Instruction sets: each can be forced, wrong ones are refused, and bits agree where that is promised."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import oracle
import pytest
from conftest import KINDS, public
from test_softmax import SAME_SHAPE

import fastact as fa
from fastact import _dispatch
from fastact._table import ACTIVATIONS, GATES

FUSED = [name for name in _dispatch.available() if name != "baseline"]


def run(code: str, instruction_set: str | None = None, **environment: str) -> subprocess.CompletedProcess:
    """Run code in a new interpreter under an instruction set."""
    variables = {k: v for k, v in os.environ.items() if k != "FASTACT_ISA"} | environment
    if instruction_set is not None:
        variables["FASTACT_ISA"] = instruction_set
    return subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize("instruction_set", _dispatch.available())
def test_each_instruction_set_can_be_forced(instruction_set):
    code = (
        "import numpy as np, fastact as fa; from fastact import _dispatch\n"
        "x = np.linspace(-3, 3, 1000, dtype=np.float32)\n"
        "assert np.allclose(fa.silu(x), x / (1 + np.exp(-x)))\n"
        "print(_dispatch.INSTRUCTION_SET, _dispatch.f32.__name__, _dispatch.f64.__name__)"
    )
    done = run(code, instruction_set)
    assert done.stderr == ""
    kernels = f"fastact._kernels.{instruction_set}"
    assert done.stdout.split() == [instruction_set, f"{kernels}_f32", f"{kernels}_f64"]


@pytest.mark.parametrize("forced", [None, ""])
def test_the_best_is_the_default(forced):
    done = run("from fastact import _dispatch; print(_dispatch.INSTRUCTION_SET)", forced)
    assert done.stdout.strip() == _dispatch.available()[-1]


@pytest.mark.parametrize("wrong", ["sse9", "AVX2", "avx2 ", "baseline,avx2"])
def test_an_unknown_instruction_set_is_an_import_error(wrong):
    done = run("import fastact", wrong)
    assert done.returncode == 1
    assert f"ImportError: FASTACT_ISA={wrong!r} is not an instruction set that fastact knows" in done.stderr
    assert ", ".join(_dispatch.available()) in done.stderr


def test_one_that_the_cpu_lacks_is_an_import_error(monkeypatch):
    monkeypatch.setattr(_dispatch.cpu, "instruction_sets", lambda: ["baseline"])
    monkeypatch.setattr(_dispatch, "BUILT", ["baseline", "avx2"])
    assert _dispatch.available() == ["baseline"]
    assert _dispatch.choose(None) == "baseline"
    with pytest.raises(ImportError, match=r"'avx2' is not supported by this CPU.*baseline"):
        _dispatch.choose("avx2")
    with pytest.raises(ImportError, match=r"'avx512' was not built into this installation.*baseline"):
        _dispatch.choose("avx512")


def test_a_build_without_kernels_for_this_cpu_says_so(monkeypatch):
    monkeypatch.setattr(_dispatch.cpu, "instruction_sets", lambda: ["baseline", "avx2"])
    monkeypatch.setattr(_dispatch, "BUILT", ["avx512"])
    with pytest.raises(ImportError, match="built for avx512 alone, which this CPU does not support"):
        _dispatch.choose(None)
    monkeypatch.setattr(_dispatch, "BUILT", ["avx2"])
    with pytest.raises(ImportError, match=r"'baseline' was not built into this installation.*avx2"):
        _dispatch.choose("baseline")


def test_compare_bits_calls_the_kernels_it_is_told(monkeypatch):
    """Of kernels that differ in silu, it finds just that."""
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "tools")
    compare_bits = import_module("compare_bits")
    f32, f64 = _dispatch.f32, _dispatch.f64
    swapped = SimpleNamespace(
        LOOPS=f32.LOOPS | {"silu": f32.LOOPS["mish"]}, CONVERSIONS=f32.CONVERSIONS, COPY=f32.COPY
    )
    kernels = {"avx2": (f32, f64), "avx512": (swapped, f64)}
    monkeypatch.setattr(compare_bits, "kernels", kernels.get)
    monkeypatch.setattr(compare_bits, "CHUNK", compare_bits.BLOCK)
    monkeypatch.setattr(compare_bits, "ufunc", compare_bits.ufunc.__wrapped__)
    one = int(np.float32(1).view(np.uint32))
    assert [*compare_bits.compare("silu", 1, one)] == ["function by avx2, function by avx512"]
    assert compare_bits.compare("leaky_relu", 1, one) == {}


def test_kernels_of_one_instruction_set_alone_are_loaded():
    code = (
        "import sys, fastact\n"
        "names = [m for m in sys.modules if m.startswith('fastact._kernels.')]\n"
        "print(*(m for m in names if m.endswith(('_f32', '_f64'))))"
    )
    for instruction_set in _dispatch.available():
        loaded = run(code, instruction_set).stdout.split()
        assert sorted(loaded) == [f"fastact._kernels.{instruction_set}_{size}" for size in ("f32", "f64")]


def test_import_brings_numpy_and_nothing_else():
    code = (
        "import sys, numpy; before = set(sys.modules); import fastact\n"
        "print(*{m.partition('.')[0] for m in set(sys.modules) - before})"
    )
    new = {m for m in run(code).stdout.split() if "cython" not in m}  # Cython's bookkeeping, which is no file
    assert new - set(sys.stdlib_module_names) == {"fastact"}
    done = run("import sys, fastact; print('fastact.reference' in sys.modules)")
    assert done.stdout.strip() == "False"


def digests() -> dict[str, str]:
    """A digest of the results of every function in every dtype, on inputs by bit pattern."""
    found = {}
    for row in ACTIVATIONS:
        for kind in KINDS:
            function = public(row, kind)
            for dtype in (np.float16, np.float32, np.float64) if function else ():
                x = oracle.inputs(row, dtype, 16)
                dy = np.random.default_rng(1).standard_normal(len(x)).astype(dtype)
                y = function(x) if kind in ("function", "derivative") else function(dy, x)
                y[np.isnan(y)] = np.nan
                found[f"{row.name} {kind} {dtype.__name__}"] = hashlib.sha256(y.tobytes()).hexdigest()
    rng = np.random.default_rng(2)
    for gate in GATES:
        function = fa.get(gate.name)
        for dtype in (np.float16, np.float32, np.float64):
            x = (9 * rng.standard_normal((3, 2000))).astype(dtype)
            results = function(x), function.backward(x[:, 500:1500], x)
            found[f"{gate.name} {dtype.__name__}"] = hashlib.sha256(b"".join(map(bytes, results))).hexdigest()
    for name in SAME_SHAPE:
        for dtype in (np.float16, np.float32, np.float64):
            x = [(9 * rng.standard_normal((3, n))).astype(dtype) for n in (1, 5, 16, 67, 1000, 5000)]
            y = [fa.get(name)(a) for a in x] + [fa.get(name).backward(a[::-1], a) for a in x]
            found[f"{name} {dtype.__name__}"] = hashlib.sha256(b"".join(a.tobytes() for a in y)).hexdigest()
    return found


@pytest.mark.skipif(len(FUSED) < 2, reason="fewer than two instruction sets with FMA on this machine")
def test_bits_do_not_depend_on_the_instruction_set():
    """AVX2 and AVX-512 agree to the last bit; the baseline, which has no FMA, may differ in it."""
    code = (
        f"import json, sys; sys.path.insert(0, {os.path.dirname(__file__)!r})\n"
        "import test_dispatch; print(json.dumps(test_dispatch.digests()))"
    )
    first, *others = [run(code, instruction_set) for instruction_set in FUSED]
    for other in others:
        assert first.returncode == other.returncode == 0
        assert json.loads(first.stdout) == json.loads(other.stdout)
