"""Train a network on scikit-learn's handwritten digits, and the same one in textbook NumPy beside it."""

from __future__ import annotations

from functools import partial
from time import perf_counter

import numpy as np

from ..layers import Dense
from ..models import Sequential
from ..optimizers import Adam
from ..reference import trainer as textbook
from .speed import fastest

HIDDEN, CLASSES, BATCH, LEARNING_RATE, EPOCHS = 32, 10, 32, 0.005, 15
LOSS = "sparse_categorical_crossentropy"

HEADING = """
Handwritten digits: {train:,} pictures to learn from, {test} held out
A network of {pixels} pixels, {hidden} relu, {classes} softmax; Adam, batches of {batch}
"""
RESULT = """
Test accuracy {accuracy:.4f} after {seconds:.2f} s of training
A step takes {fast:.0f} us; in textbook NumPy (fastact.reference.trainer) {slow:.0f} us: {ratio:.1f}x
"""


def load() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Pixels between 0 and 1 and the digits they show, to learn from and, a random fifth, for the test."""
    from sklearn.datasets import load_digits

    pixels, digits = load_digits(return_X_y=True)
    x = (pixels / 16).astype(np.float32)
    order = np.random.default_rng(0).permutation(len(x))
    test, train = np.split(order, [len(x) // 5])
    return x[train], digits[train], x[test], digits[test]


def network(pixels: int) -> Sequential:
    """The network, ready to learn."""
    hidden = Dense(HIDDEN, activation="relu", input_shape=(pixels,))
    model = Sequential([hidden, Dense(CLASSES, activation="softmax")], seed=0)
    model.compile(Adam(LEARNING_RATE), LOSS, metrics=["accuracy"])
    return model


def train(epochs: int, verbose, x: np.ndarray, y: np.ndarray) -> Sequential:
    """Train the network."""
    model = network(x.shape[1])
    model.fit(x, y, batch_size=BATCH, epochs=epochs, verbose=verbose)
    return model


def train_textbook(epochs: int, x: np.ndarray, y: np.ndarray) -> None:
    """Train the same network from the same weights, in textbook NumPy."""
    rng = np.random.default_rng(0)
    weights = network(x.shape[1]).get_weights()
    model = textbook.Network(weights, "relu", LOSS, textbook.Adam(LEARNING_RATE))
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), BATCH):
            batch = order[start : start + BATCH]
            model.train(x[batch], y[batch])


def show(quick: bool = False) -> None:
    """Train, and print how well and how fast."""
    x, y, test_x, test_y = load()
    print(
        HEADING.format(
            train=len(x), test=len(test_x), pixels=x.shape[1], hidden=HIDDEN, classes=CLASSES, batch=BATCH
        )
    )
    epochs = 2 if quick else EPOCHS
    start = perf_counter()
    model = train(epochs, 1, x, y)
    seconds = perf_counter() - start
    accuracy = model.evaluate(test_x, test_y, verbose=0)[1]
    steps = epochs * -(-len(x) // BATCH)
    rivals = [partial(train, epochs, 0), partial(train_textbook, epochs)]
    fast, slow = (1e6 * shortest / steps for shortest in fastest(rivals, [x, y], repeats=3))
    print(RESULT.format(accuracy=accuracy, seconds=seconds, fast=fast, slow=slow, ratio=slow / fast), end="")
