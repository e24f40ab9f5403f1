"""The same networks in other libraries: an epoch of shuffled batches, one row predicted, XOR learnt.

Each function makes a network of relu layers with a softmax, for sparse cross-entropy and Adam in float32,
and returns what trains an epoch and what predicts the first row. A library that is missing is an
ImportError. Keras takes the backend that KERAS_BACKEND names.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np


def network_of_torch(sizes, activation="ReLU"):
    import torch

    layers = []
    for inputs, outputs in pairwise(sizes):
        layers += [torch.nn.Linear(inputs, outputs), getattr(torch.nn, activation)()]
    return torch.nn.Sequential(*layers[:-1])


def with_torch(sizes, rows, x, y, fused=False):
    import torch

    torch.set_num_threads(1)
    network = network_of_torch(sizes)
    optimizer = torch.optim.Adam(network.parameters(), fused=fused)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    probabilities = torch.nn.Sequential(network, torch.nn.Softmax(-1))
    one = x[:1].clone()

    def epoch():
        order = torch.randperm(len(x))
        for start in range(0, len(x), rows):
            batch = order[start : start + rows]
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(x[batch]), y[batch]).backward()
            optimizer.step()

    @torch.inference_mode()
    def predict():
        return probabilities(one)

    return epoch, predict


def with_fused_torch(sizes, rows, x, y):
    return with_torch(sizes, rows, x, y, fused=True)


def with_sklearn(sizes, rows, x, y):
    from sklearn.neural_network import MLPClassifier

    network = MLPClassifier(sizes[1:-1], batch_size=rows)
    classes, one = np.arange(sizes[-1]), x[:1].copy()
    network.partial_fit(x, y, classes=classes)
    return lambda: network.partial_fit(x, y, classes=classes), lambda: network.predict_proba(one)


def with_keras(sizes, rows, x, y):
    import keras

    hidden = [keras.layers.Dense(units, "relu") for units in sizes[1:-1]]
    network = keras.Sequential([keras.Input(sizes[:1]), *hidden, keras.layers.Dense(sizes[-1], "softmax")])
    network.compile("adam", "sparse_categorical_crossentropy")
    one = x[:1].copy()
    return lambda: network.fit(x, y, batch_size=rows, verbose=0), lambda: network.predict(one, verbose=0)


RIVALS = {
    "torch": with_torch,
    "torch, fused Adam": with_fused_torch,
    "scikit-learn": with_sklearn,
    "keras": with_keras,
}

# -- XOR: a network is built and trained until all four are right ---------------------------------------

POINTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
XOR = np.array([0, 1, 1, 0])
MOST_EPOCHS = 1000


def xor_with_torch():
    import torch

    torch.set_num_threads(1)
    network = network_of_torch((2, 8, 2), "Tanh")
    optimizer = torch.optim.Adam(network.parameters(), lr=0.05, fused=True)
    x, y = torch.from_numpy(POINTS), torch.from_numpy(XOR)
    for _ in range(MOST_EPOCHS):
        optimizer.zero_grad()
        output = network(x)
        if (output.argmax(1) == y).all():
            return
        torch.nn.functional.cross_entropy(output, y).backward()
        optimizer.step()


def xor_with_sklearn():
    from sklearn.neural_network import MLPClassifier

    network = MLPClassifier((8,), "tanh", batch_size=4, learning_rate_init=0.05)
    for _ in range(MOST_EPOCHS):
        network.partial_fit(POINTS, XOR, classes=[0, 1])
        if network.score(POINTS, XOR) == 1:
            return


def xor_with_keras():
    import keras

    network = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(2, "softmax")]
    )
    network.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy", metrics=["accuracy"])
    for _ in range(MOST_EPOCHS // 10):
        if network.fit(POINTS, XOR, epochs=10, verbose=0).history["accuracy"][-1] == 1:
            return


XOR_RIVALS = {"torch": xor_with_torch, "scikit-learn": xor_with_sklearn, "keras": xor_with_keras}
