"""The effect of the activation on training: the same network and data, once with each activation."""

import numpy as np
from matplotlib.figure import Figure

from fastact.layers import Dense
from fastact.models import Sequential
from fastact.plot import ELEMENTWISE

# on which of two spirals, one within the other, does a point lie?
rng = np.random.default_rng(0)
labels = np.arange(600) % 2
along = np.sqrt(rng.random(600))
angle = 7 * along + np.pi * labels + rng.normal(scale=0.1, size=600)
x = 2 * along[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])

losses, accuracies = {}, {}
for name in ELEMENTWISE:
    if name in ("prelu", "threshold"):  # these need a parameter
        continue
    hidden = [Dense(24, activation=name) for _ in range(3)]
    model = Sequential([*hidden, Dense(1, activation="sigmoid")], seed=0)
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    history = model.fit(x, labels, epochs=100, verbose=0).history
    losses[name], accuracies[name] = history["loss"], history["accuracy"][-1]
    print(f"{name:>14} loss {losses[name][-1]:.4f} accuracy {accuracies[name]:.1%}")

columns = 6
rows = -(-len(losses) // columns)
figure = Figure(figsize=(12, 2 * rows), layout="constrained")
panels = figure.subplots(rows, columns, sharex=True, sharey=True).ravel()
for panel in panels[len(losses) :]:
    panel.remove()
for panel in panels[len(losses) - columns : len(losses)]:
    panel.tick_params(labelbottom=True)
for panel, name in zip(panels, sorted(losses, key=lambda name: losses[name][-1]), strict=False):
    for other in losses.values():
        panel.semilogy(other, color="#dddddd", linewidth=0.7)
    panel.semilogy(losses[name], color="#1f5fa8", linewidth=2)
    panel.set_title(f"{name}: {accuracies[name]:.1%}", fontsize=10)
figure.suptitle("Loss of the training over 100 epochs, and accuracy at the end; the best first")
figure.supxlabel("epoch")
figure.supylabel("loss")
figure.savefig("activations_and_training.png", dpi=100)
print("see activations_and_training.png")
