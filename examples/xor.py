"""XOR, the smallest problem that no straight line solves: without an activation and with one.

Without one, a network of any depth draws a single line, and none has (0, 1) and (1, 0) on one side and the other two
points on the other: the loss is least where the network gives each of the four a probability of one half.
"""

import numpy as np

from fastact.layers import Dense
from fastact.models import Sequential

x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([0, 1, 1, 0])


def trained(activation):
    """A network with eight hidden units."""
    model = Sequential([Dense(8, activation=activation), Dense(1, activation="sigmoid")], seed=0)
    model.compile(optimizer="adam", loss="binary_crossentropy")
    model.fit(x, y, epochs=2000, verbose=0)
    return model


losses, decided = {}, {}
for activation in ("linear", "tanh"):
    model = trained(activation)
    losses[activation] = model.evaluate(x, y, verbose=0, return_dict=True)["loss"]
    probabilities = model.predict(x, verbose=0)[:, 0]
    decided[activation] = np.abs(probabilities - 0.5) > 0.01
    print(f"{activation:>6}: loss {losses[activation]:.4f}, where tossing a coin has {np.log(2):.4f}")
    for inputs, probability, sure in zip(x, probabilities, decided[activation], strict=True):
        answer = f"{probability:.0f}" if sure else "undecided"
        print(f"        {inputs[0]} xor {inputs[1]} is 1 with probability {probability:.2f}: {answer}")
