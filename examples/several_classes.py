"""Several classes: a softmax turns one number for each class into probabilities that sum to 1."""

import numpy as np

from fastact.layers import Dense
from fastact.models import Sequential
from fastact.plot import decision_boundary

# three arms of a spiral
rng = np.random.default_rng(0)
labels = np.arange(300) % 3
along = rng.random(300)
angle = 2 * np.pi * labels / 3 + 4 * along + rng.normal(scale=0.12, size=300)
x = along[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])

model = Sequential([Dense(32, "tanh"), Dense(32, "tanh"), Dense(3, "softmax")], seed=0)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, labels, epochs=300, verbose=0)

probabilities = model.predict(x, verbose=0)
accuracy = np.mean(probabilities.argmax(axis=1) == labels)
print(f"accuracy {accuracy:.1%}")
for row in probabilities[:3]:
    print("probabilities", row.round(3), "sum", row.sum().round(6))

axes = decision_boundary(model, x, labels, title=f"three classes: {accuracy:.0%}")
axes.figure.savefig("several_classes.png", dpi=120)
print("see several_classes.png")
