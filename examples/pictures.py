"""A classifier of pictures of 100 x 100 points in three colours: discs, squares and crosses."""

import numpy as np
from matplotlib.figure import Figure

from fastact.layers import Dense, Flatten
from fastact.models import Sequential

NAMES = ("disc", "square", "cross")
rng = np.random.default_rng(0)


def picture(label):
    """A shape of any size, place and colour, brighter than what is behind it, in grainy light."""
    up, across = np.mgrid[:100, :100] - rng.uniform(42, 58, (2, 1, 1))
    size = rng.uniform(18, 30)
    inside = (
        np.hypot(up, across) < size,
        np.maximum(abs(up), abs(across)) < 0.9 * size,
        (np.minimum(abs(up), abs(across)) < 0.3 * size) & (np.maximum(abs(up), abs(across)) < 1.2 * size),
    )[label]
    behind, before = rng.uniform(0.0, 0.4, 3), rng.uniform(0.5, 0.9, 3)
    return np.where(inside[..., None], before, behind) + rng.normal(scale=0.1, size=(100, 100, 3))


labels = rng.integers(0, 3, 1200)
x = np.array([picture(label) for label in labels], dtype=np.float32) - 0.4
seen, held_out = slice(1000), slice(1000, None)
print("pictures", x.shape)

model = Sequential(
    [Flatten(input_shape=(100, 100, 3)), Dense(64, activation="relu"), Dense(3, activation="softmax")], seed=0
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x[seen], labels[seen], epochs=15, validation_split=0.1, verbose=2)

probabilities = model.predict(x[held_out], verbose=0)
guesses = probabilities.argmax(axis=1)
accuracy = np.mean(guesses == labels[held_out])
print(f"{accuracy:.1%} of the pictures held out are named correctly")

figure = Figure(figsize=(9, 4.8), layout="constrained")
for k, axes in enumerate(figure.subplots(2, 4).ravel()):
    axes.imshow((x[held_out][k] + 0.4).clip(0, 1))
    axes.set_title(f"{NAMES[guesses[k]]} ({probabilities[k].max():.0%})", fontsize=10)
    axes.set_axis_off()
figure.savefig("pictures.png", dpi=100)
history.plot("How the training went").savefig("pictures_training.png", dpi=100)
print("see pictures.png and pictures_training.png")
