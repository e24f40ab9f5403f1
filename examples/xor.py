"""XOR, the smallest problem that no straight line solves: without an activation and with one."""

import numpy as np

from fastact.layers import Dense
from fastact.models import Sequential

x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([0, 1, 1, 0])


def trained(activation):
    """A network with eight hidden units."""
    model = Sequential([Dense(8, activation=activation), Dense(1, activation="sigmoid")], seed=0)
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=2000, verbose=0)
    return model


accuracies = {}
for activation in ("linear", "tanh"):
    model = trained(activation)
    accuracies[activation] = model.evaluate(x, y, verbose=0, return_dict=True)["accuracy"]
    print(f"{activation:>6}: accuracy {accuracies[activation]:.0%}")
    for inputs, probability in zip(x, model.predict(x, verbose=0)[:, 0], strict=True):
        print(f"        {inputs[0]} xor {inputs[1]} is 1 with probability {probability:.2f}")
