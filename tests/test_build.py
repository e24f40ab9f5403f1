"""What else may build the sources: clang, a compiler without OpenMP, flags for fast arithmetic, which are refused."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MADE = shutil.ignore_patterns("*.so", "*.pyd", "*.c", "table_f*.pxi", "__pycache__")

SUBNORMALS_LIVE = """
import threading
import numpy as np
import fastact as fa

def check():
    assert np.float32(1e-45) * np.ones(1, np.float32) != 0
    assert np.ones(1) * 5e-324 != 0
    assert fa.linear(np.float32(1e-45)) != 0
    assert fa.exponential(-740.0) != 0
    assert np.isnan(fa.relu(np.float32(np.nan)))
    assert abs(fa.log_softmax(np.array([0.0, -30.0]))[0] + 9.3576229688e-14) < 1e-22

check()
checks = [threading.Thread(target=check) for _ in range(2)]
for thread in checks: thread.start()
for thread in checks: thread.join()
print(fa.__file__, fa.__version__)
"""

WITHOUT_OPENMP = """
import warnings, numpy as np, fastact as fa
from fastact._config import config
fa.set_num_threads(1)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    fa.set_num_threads(2)
print(caught[0].category.__name__, caught[0].filename == "<string>", caught[0].message)
print(fa.get_num_threads(), config()["threads"])
x = np.linspace(-3, 3, 100_001)
assert np.array_equal(fa.silu(x)[::100], fa.silu(x[::100]))
assert "gomp" not in open("/proc/self/maps").read()
"""


def copy_of_the_tree(folder: Path) -> Path:
    """The sources, without what a build made of them."""
    if not (ROOT / "setup.py").exists():
        pytest.skip("not in a source tree")
    pytest.importorskip("Cython")
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "src", folder / "src", ignore=MADE)
    return folder


def quick_compiler(folder: Path, refused: str = "nothing") -> dict[str, str]:
    """The environment for a compiler that hardly optimises, which takes a third of the time, and refuses a flag."""
    if sys.platform != "linux":
        return {}
    compiler = folder / "cc"
    compiler.write_text(f'#!/bin/sh\ncase " $* " in *" {refused} "*) exit 1;; esac\nexec cc "$@" -O1\n')
    compiler.chmod(0o755)
    return {"CC": str(compiler)}


def setup(tree: Path, instruction_set: str, **environment: str) -> subprocess.CompletedProcess:
    """Build in place, for one instruction set: all take three times as long."""
    command = [sys.executable, "setup.py", "build_ext", "--inplace"]
    environment = os.environ | {"FASTACT_BUILD_ISA": instruction_set} | environment
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True)


def build(tree: Path, instruction_set: str = "baseline", **environment: str) -> str:
    """Build in place, and give what was said."""
    done = setup(tree, instruction_set, **environment)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


def run(tree: Path, code: str, *arguments: str) -> subprocess.CompletedProcess:
    """Run code with the package of a tree, and what instruction set was built there."""
    environment = os.environ | {"PYTHONPATH": str(tree / "src"), "FASTACT_ISA": ""}
    command = [sys.executable, *(arguments or ("-c", code))]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def odd_build(tmp_path_factory):
    """A tree that was built against all odds, once, for that takes long; and what was said."""
    compiler = quick_compiler(tmp_path_factory.mktemp("compiler"), refused="-fopenmp")
    tree = copy_of_the_tree(tmp_path_factory.mktemp("tree"))
    return tree, build(tree, CFLAGS="-O1 -ffast-math", LDFLAGS="-Ofast", **compiler)


@pytest.mark.slow
def test_fast_math_is_refused(odd_build):
    tree, said = odd_build
    assert "CFLAGS: ignoring -ffast-math" in said
    assert "LDFLAGS: ignoring -Ofast" in said
    done = run(tree, SUBNORMALS_LIVE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(tree))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="puts a compiler without OpenMP in the place of cc")
def test_a_build_without_openmp_uses_one_thread(odd_build):
    tree, _ = odd_build
    done = run(tree, WITHOUT_OPENMP)
    assert done.returncode == 0, done.stderr
    warning, threads = done.stdout.splitlines()
    assert warning == (
        "RuntimeWarning True set_num_threads: n is 2, but fastact was built without OpenMP and uses one thread"
    )
    assert threads == "1 1 (built without OpenMP)"


def test_only_instruction_sets_of_the_machine_are_built(tmp_path):
    done = setup(copy_of_the_tree(tmp_path), "baseline avx3")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        "FASTACT_BUILD_ISA: no instruction set avx3; here there are: baseline"
    )


@pytest.mark.parametrize("flag", ["-march=x86-64", "-march=x86-64-v3", "-march=x86-64-v4"])
def test_clang_understands_the_vectors(flag, tmp_path):
    kernels = ROOT / "src/fastact/_kernels"
    clang = shutil.which("clang")
    if clang is None or platform.machine() not in ("x86_64", "AMD64") or not kernels.exists():
        pytest.skip("needs clang, an x86-64 CPU and the sources")
    source = tmp_path / "uses_lanes.c"
    source.write_text(
        '#include "formulas/lanes.h"\n'
        "lanes first_half(const float *t, lanes_of_int i) { return look_up_half(t, i, 12); }\n"
    )
    command = [clang, flag, "-I", kernels, "-fsyntax-only", "-Wall", "-Werror", source]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
