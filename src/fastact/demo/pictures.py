"""Draw the activations, and what networks with and without them can tell apart."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from .. import plot
from ..layers import Dense
from ..models import Sequential
from ..optimizers import Adam


def save(figure, path: Path) -> None:
    """Write a picture, whole or not at all."""
    unfinished = path.with_suffix(".part")
    try:
        figure.savefig(unfinished, format="png", dpi=150)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    print(f"  wrote {path}", flush=True)


def half_moons(points: int, noise: float = 0.12) -> tuple[np.ndarray, np.ndarray]:
    """Points on two interleaving half-circles, and which of the two each is on."""
    rng = np.random.default_rng(0)
    angle = np.pi * rng.random(points)
    label = np.arange(points) % 2
    x = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    x[label == 1] = [1.0, 0.5] - x[label == 1]
    return (x + noise * rng.standard_normal(x.shape)).astype(np.float32), label


def corners() -> tuple[np.ndarray, np.ndarray]:
    """The four points of exclusive or."""
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
    return x, np.array([0, 1, 1, 0])


def network(hidden: tuple[int, ...], activation: str | None) -> Sequential:
    """A network from the plane to a probability, with hidden layers of the given sizes."""
    model = Sequential([Dense(units, activation=activation) for units in hidden], seed=1)
    model.add(Dense(1, activation="sigmoid"))
    model.compile(optimizer=Adam(learning_rate=0.02), loss="binary_crossentropy", metrics=["accuracy"])
    return model


def compare(models: dict[str, Sequential], x: np.ndarray, labels: np.ndarray, epochs: int):
    """Train models on the same points; a figure with what each decides, its accuracy in the title if it does."""
    figure = plot.new_figure(5.0 * len(models), 4.4)
    for axes, (name, model) in zip(figure.subplots(1, len(models)), models.items(), strict=True):
        model.fit(x, labels, batch_size=32, epochs=epochs, verbose=0)
        title = name
        if not plot.undecided(plot.class_probabilities(model, x)):  # or its accuracy is a matter of rounding
            title += f": {model.evaluate(x, labels, verbose=0)[1]:.0%} right"
        plot.decision_boundary(model, x, labels, axes, title)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    return figure


def show(output: Path, quick: bool = False) -> None:
    """Draw three pictures into a folder."""
    print("\nPictures", flush=True)
    save(plot.activation_curves(), output / "activations.png")
    models = {"linear model": network((), None), "network, 16 + 16 silu": network((16, 16), "silu")}
    save(compare(models, *half_moons(400), epochs=5 if quick else 100), output / "half_moons.png")
    models = {"XOR without an activation": network((8,), None), "XOR with tanh": network((8,), "tanh")}
    save(compare(models, *corners(), epochs=20 if quick else 500), output / "xor.png")
