"""The examples in docstrings give what they say, module by module; those of activations have a test of their own."""

from __future__ import annotations

import doctest
import pkgutil
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec

import pytest

import fastact

MODULES = [
    module.name
    for module in pkgutil.walk_packages(fastact.__path__, "fastact.")
    if not module.name.startswith(("fastact._kernels", "fastact.__main__", "fastact.bench.rivals"))
]


@pytest.mark.parametrize("name", [*fastact.LAZY, "sklearn"])
def test_public_modules_say_what_is_public(name):
    module = pytest.importorskip(f"fastact.{name}")
    assert sorted(module.__all__) == sorted(set(module.__all__))
    documented = {
        key
        for key, value in vars(module).items()
        if "Examples\n" in (getattr(value, "__doc__", None) or "")
        and getattr(value, "__module__", "").startswith(module.__name__)
    }
    assert documented <= set(module.__all__) <= set(vars(module))


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    try:
        module = import_module(name)
    except ImportError as error:
        if (error.name or "").startswith("fastact"):
            raise
        pytest.skip(f"needs what is not installed: {error}")
    assert doctest.testmod(module).failed == 0


def test_modules_do_without_docstrings():
    modules = [*fastact.LAZY, *(["sklearn"] if find_spec("sklearn") else [])]
    code = f"import {', '.join(f'fastact.{name}' for name in modules)}"
    done = subprocess.run([sys.executable, "-OO", "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
