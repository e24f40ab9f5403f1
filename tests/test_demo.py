"""The command line, the demo and the pictures."""

from __future__ import annotations

import subprocess
import sys

import pytest

import fastact as fa
from fastact import _cli, _dispatch
from fastact.demo import pictures

pytest.importorskip("matplotlib")


def test_info_says_what_is_in_use(capsys):
    assert _cli.main(["info"]) == 0
    said = dict(
        line.split(maxsplit=1) for line in capsys.readouterr().out.replace(" set", "_set").splitlines()
    )
    assert said["fastact"] == fa.__version__
    assert said["instruction_set"] == _dispatch.INSTRUCTION_SET
    assert {"float16", "float32", "float64"} <= set(said["dtypes"].split(", "))
    assert "features" in said["CPU"]


def test_version(capsys):
    with pytest.raises(SystemExit, match="0"):
        _cli.main(["--version"])
    assert capsys.readouterr().out == f"fastact {fa.__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["no-such-command"], ["demo", "--no-such-option"]])
def test_wrong_command_lines_are_refused(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        _cli.main(arguments)
    assert "usage: fastact" in capsys.readouterr().err


def test_demo_refuses_a_folder_that_it_cannot_write(tmp_path, capsys):
    pytest.importorskip("sklearn")
    file = tmp_path / "file"
    file.touch()
    assert _cli.main(["demo", "--output", str(file / "pictures")]) == 1
    said = capsys.readouterr()
    assert "cannot write" in said.err
    assert str(file) in said.err
    assert said.out == ""


@pytest.mark.parametrize("missing", ["sklearn", "matplotlib"])
def test_demo_names_the_extra_that_is_missing(missing, monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, missing, None)
    assert _cli.main(["demo", "--output", str(tmp_path / "pictures")]) == 1
    assert "pip install 'fastact[demo]'" in capsys.readouterr().err
    assert not (tmp_path / "pictures").exists()


def test_demo_runs_to_the_end(tmp_path):
    pytest.importorskip("sklearn")
    command = [sys.executable, "-W", "error", "-m", "fastact", "demo", "--quick", "--output", "pictures"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    pictures = sorted((tmp_path / "pictures").iterdir())
    assert [p.name for p in pictures] == ["activations.png", "half_moons.png", "xor.png"]
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in pictures)
    assert "Test accuracy 0.9" in done.stdout


def test_accuracy_is_said_of_a_model_that_decides():
    models = {"line": pictures.network((8,), None), "tanh": pictures.network((8,), "tanh")}
    line, tanh = pictures.compare(models, *pictures.corners(), epochs=500).axes
    assert (line.get_title(), tanh.get_title()) == ("line", "tanh: 100% right")
    assert [len(axes.texts) for axes in (line, tanh)] == [1, 0]
