"""What is said and done about an OpenBLAS that takes an AVX-512 CPU for an older one; no such CPU is needed."""

from __future__ import annotations

import os
import sys

import pytest

import fastact as fa
from fastact import _blas, _cli
from fastact._kernels import cpu

AVX2, AVX512 = ["baseline", "avx2"], ["baseline", "avx2", "avx512"]


def library(architecture: str) -> dict:
    return {"internal_api": "openblas", "version": "0.3.31", "architecture": architecture}


@pytest.mark.parametrize(
    ("architecture", "instruction_sets", "expected"),
    [
        ("Haswell", AVX512, True),
        ("Zen", AVX512, True),
        ("SkylakeX", AVX512, False),
        ("skylakex", AVX512, False),
        ("SapphireRapids", AVX512, False),
        ("Haswell", AVX2, False),
        ("neoversen1", ["baseline"], False),
    ],
)
def test_kernels_that_fall_short_are_noticed(architecture, instruction_sets, expected):
    assert _blas.falls_short(architecture, instruction_sets) == expected
    text = _blas.described([library(architecture)], instruction_sets)
    assert text.startswith(f"OpenBLAS 0.3.31 with kernels for {architecture}")
    assert ("OPENBLAS_CORETYPE=SkylakeX set before NumPy is imported" in text) == expected


@pytest.mark.parametrize(
    ("instruction_sets", "environment", "expected"),
    [
        (AVX512, {}, "SkylakeX"),
        (AVX512, {"OPENBLAS_CORETYPE": "Haswell"}, None),
        (AVX2, {}, None),
        (["baseline"], {}, None),
    ],
)
def test_the_variable_is_set_where_it_helps_and_the_user_has_not(instruction_sets, environment, expected):
    assert _blas.core_type(instruction_sets, environment) == expected


def test_two_libraries_alike_are_told_of_once():
    assert _blas.described(2 * [library("Zen")], AVX2) == "OpenBLAS 0.3.31 with kernels for Zen"


def test_what_is_not_known_is_not_claimed(monkeypatch):
    assert _blas.described([], AVX512) == "not OpenBLAS"
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    assert _blas.libraries() is None
    assert "install threadpoolctl" in _blas.config()


def test_show_config_tells_of_it(monkeypatch, capsys):
    pytest.importorskip("threadpoolctl", reason="says which kernels OpenBLAS uses")
    fa.show_config()
    assert (
        f"BLAS             {_blas.described(_blas.libraries(), cpu.instruction_sets())}\n"
        in capsys.readouterr().out
    )
    monkeypatch.setattr(_blas, "libraries", lambda: [library("Haswell")])
    monkeypatch.setattr(cpu, "instruction_sets", lambda: AVX512)
    assert "OPENBLAS_CORETYPE=SkylakeX" in _blas.config()


class Replaced(Exception):
    """Stands for the process that takes the place of this one."""


@pytest.mark.parametrize("command", ["info", "demo", "bench"])
@pytest.mark.parametrize("instruction_sets", [AVX2, AVX512], ids=["avx2", "avx512"])
@pytest.mark.parametrize("given", [None, "Haswell"])
def test_commands_that_train_start_again_with_it(command, instruction_sets, given, monkeypatch, capsys):
    def execve(path, arguments, environment):
        assert path == sys.executable
        assert arguments == [sys.executable, "-m", "fastact", command]
        assert environment == os.environ | {"OPENBLAS_CORETYPE": "SkylakeX"}
        raise Replaced

    def run(wanted):
        assert wanted.command == command

    monkeypatch.setattr(cpu, "instruction_sets", lambda: instruction_sets)
    monkeypatch.setattr(sys, "argv", ["fastact", command])
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "fastact", command])
    monkeypatch.setattr(os, "execve", execve)
    monkeypatch.setattr(_cli, "run", run)
    monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)
    if given is not None:
        monkeypatch.setenv("OPENBLAS_CORETYPE", given)
    assert (
        _cli.main([command]) == 0
    )  # by a caller of its own: whatever else the process does is not its business
    if command == "info" or instruction_sets == AVX2 or given is not None:
        assert _cli.main() == 0
    else:
        with pytest.raises(Replaced):
            _cli.main()
