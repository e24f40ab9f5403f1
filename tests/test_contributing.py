"""The example in CONTRIBUTING.md works as it stands: three files, a build, all tests of the activation."""

from __future__ import annotations

import re
import shutil

import pytest
from test_build import ROOT, build, copy_of_the_tree, quick_compiler, run

from fastact import _dispatch

MADE_OF = {
    "src/fastact/_table.py": r"    Activation\(\n.*",
    "src/fastact/_kernels/formulas/activations.pxi": r"from libc\.math cimport.*",
    "src/fastact/reference/activations.py": r"def x_arctan\(.*",
}


@pytest.mark.slow
def test_adding_an_activation_takes_three_files(tmp_path, tmp_path_factory):
    tree = copy_of_the_tree(tmp_path)
    said = (ROOT / "CONTRIBUTING.md").read_text()
    blocks = re.findall(r"```(?:python|cython)\n(.*?)```", said, flags=re.DOTALL)
    for file, opening in MADE_OF.items():
        (block,) = [block for block in blocks if re.match(opening, block)]
        text = (tree / file).read_text()
        assert "x_arctan" not in text, f"{file} has the example already: CONTRIBUTING.md needs another"
        if file.endswith("_table.py"):
            head, end_of_table, rest = text.partition("    ),\n)\n")
            text = head + "    ),\n" + block + ")\n" + rest
            assert end_of_table
        else:
            text += "\n\n" + block
        (tree / file).write_text(text)
    build(tree, _dispatch.INSTRUCTION_SET, **quick_compiler(tmp_path_factory.mktemp("compiler")))
    done = run(
        tree, "import fastact as fa; print(fa.x_arctan(1.0), fa.x_arctan.derivative(1.0), fa.__file__)"
    )
    assert done.stdout.split() == [
        "0.7853981633974483",
        "1.2853981633974483",
        str(tree / "src/fastact/__init__.py"),
    ], done.stderr
    shutil.copytree(ROOT / "tests", tree / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    done = run(
        tree,
        "",
        "-m",
        "pytest",
        "-q",
        "-m",
        "not slow",
        "-k",
        "x_arctan",
        "-p",
        "no:cacheprovider",
        "tests",
    )
    assert done.returncode == 0, done.stdout[-3000:]
