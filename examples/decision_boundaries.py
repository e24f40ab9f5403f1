"""What a network without and with hidden layers makes of points that a line separates, or does not."""

import numpy as np
from matplotlib.figure import Figure

from fastact.layers import Dense
from fastact.models import Sequential
from fastact.plot import decision_boundary

rng = np.random.default_rng(0)


def clouds(n=200):
    """Two clouds side by side."""
    labels = rng.integers(0, 2, n)
    return rng.normal(scale=0.5, size=(n, 2)) + np.where(labels[:, None], [0.8, 0.5], [-0.8, -0.5]), labels


def rings(n=200):
    """A ring around a ring."""
    labels = rng.integers(0, 2, n)
    angle, radius = rng.uniform(0, 2 * np.pi, n), 0.5 + labels + rng.normal(scale=0.12, size=n)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]), labels


figure = Figure(figsize=(9, 8.8), layout="constrained")
panels = iter(figure.subplots(2, 2).ravel())
accuracies = {}
for points in (clouds, rings):
    x, y = points()
    for hidden in (0, 2):
        layers = [Dense(16, activation="tanh") for _ in range(hidden)]
        model = Sequential([*layers, Dense(1, activation="sigmoid")], seed=0)
        model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
        model.fit(x, y, epochs=400, verbose=0)
        accuracy = model.evaluate(x, y, verbose=0, return_dict=True)["accuracy"]
        accuracies[points.__name__, hidden] = accuracy
        title = f"{points.__name__}, {hidden or 'no'} hidden layers: {accuracy:.0%}"
        axes = decision_boundary(model, x, y, axes=next(panels), title=title)
        print(title)
figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
figure.savefig("decision_boundaries.png", dpi=120)
print("see decision_boundaries.png")
