"""A training epoch of 50 steps beside the textbook trainer and other libraries; a row predicted; XOR learnt.

One group holds what trains the same network on the same data: relu inside, softmax cross-entropy,
Adam, float32. The products of matrices alone are the limit: no trainer on NumPy's BLAS can be faster. A
trainer that ends at other weights than the textbook is refused, not timed. All use one thread if
OPENBLAS_NUM_THREADS=1 is set.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from training_rivals import MOST_EPOCHS, POINTS, RIVALS, XOR, XOR_RIVALS

from fastact.callbacks import LambdaCallback
from fastact.layers import Dense
from fastact.models import Sequential
from fastact.optimizers import Adam
from fastact.reference import trainer

STEPS = 50
NETWORKS = [
    pytest.param((2, 8, 2), 4, id="2-8-2, 4 rows"),
    pytest.param((64, 32, 10), 32, id="64-32-10, 32 rows"),
    pytest.param((784, 128, 10), 32, id="784-128-10, 32 rows"),
    pytest.param((784, 512, 256, 10), 128, id="784-512-256-10, 128 rows", marks=pytest.mark.big),
    pytest.param((784, 2048, 2048, 10), 256, id="784-2048-2048-10, 256 rows", marks=pytest.mark.big),
]

pytestmark = [
    pytest.mark.benchmark(max_time=0.5, min_rounds=5, warmup=True, warmup_iterations=2),
    pytest.mark.filterwarnings("ignore"),  # those of other libraries
]
every_network = pytest.mark.parametrize(("sizes", "rows"), NETWORKS)
every_rival = pytest.mark.parametrize("rival", RIVALS)
LOSS = "sparse_categorical_crossentropy"


def data(sizes: tuple[int, ...], rows: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows of an epoch with their labels."""
    rng = np.random.default_rng(0)
    return rng.random((STEPS * rows, sizes[0]), np.float32), rng.integers(0, sizes[-1], STEPS * rows)


def model(sizes: tuple[int, ...]) -> Sequential:
    hidden = [Dense(units, "relu") for units in sizes[1:-1]]
    network = Sequential([*hidden, Dense(sizes[-1], "softmax")], seed=0)
    network.compile("adam", LOSS, metrics=["accuracy"])
    return network


def textbook_epoch(network: trainer.Network, x, y, order, rows: int) -> None:
    for start in range(0, len(x), rows):
        batch = order[start : start + rows]
        network.train(x[batch], y[batch])


def refuse_if_wrong(network: Sequential, x, y, rows: int) -> None:
    """Fail unless an epoch leads where it leads in float64 by the textbook."""
    network.predict(x[:1], verbose=0)
    weights = [weight.astype(float) for weight in network.get_weights()]
    textbook = trainer.Network(weights, "relu", LOSS, trainer.Adam())
    textbook_epoch(textbook, x.astype(float), y, np.arange(len(x)), rows)
    network.fit(x, y, batch_size=rows, shuffle=False, verbose=0)
    for weight, expected in zip(network.get_weights(), textbook.weights, strict=True):
        np.testing.assert_allclose(weight, expected, atol=1e-4)


@every_network
def bench_fastact(benchmark, sizes, rows) -> None:
    benchmark.group = f"{STEPS} steps of {'-'.join(map(str, sizes))}, {rows} rows"
    x, y = data(sizes, rows)
    network = model(sizes)
    refuse_if_wrong(network, x, y, rows)
    benchmark(network.fit, x, y, batch_size=rows, verbose=0)


@every_network
def bench_textbook(benchmark, sizes, rows) -> None:
    benchmark.group = f"{STEPS} steps of {'-'.join(map(str, sizes))}, {rows} rows"
    x, y = data(sizes, rows)
    network = model(sizes)
    network.predict(x[:1], verbose=0)
    textbook = trainer.Network(network.get_weights(), "relu", LOSS, trainer.Adam())
    benchmark(textbook_epoch, textbook, x, y, np.random.default_rng(0).permutation(len(x)), rows)


@every_network
def bench_products(benchmark, sizes, rows) -> None:
    benchmark.group = f"{STEPS} steps of {'-'.join(map(str, sizes))}, {rows} rows"
    rng = np.random.default_rng(0)
    values = [rng.random((rows, n), np.float32) for n in sizes]
    kernels = [rng.random(shape, np.float32) for shape in pairwise(sizes)]
    products = []
    for k, (x, kernel, z) in enumerate(zip(values, kernels, values[1:], strict=False)):
        products.append((x, kernel, np.empty_like(z)))
        products.append((x.T, z, np.empty_like(kernel)))
        if k:
            products.append((z, kernel.T, np.empty_like(x)))

    def run():
        for _ in range(STEPS):
            for a, b, out in products:
                np.dot(a, b, out=out)

    benchmark(run)


def made(make, *arguments):
    """What a rival is made of, or a skip if it is not installed."""
    try:
        return make(*arguments)
    except ImportError as error:
        pytest.skip(f"{error.name} is not installed")


@every_network
@every_rival
def bench_rival(benchmark, sizes, rows, rival) -> None:
    benchmark.group = f"{STEPS} steps of {'-'.join(map(str, sizes))}, {rows} rows"
    epoch, _ = made(RIVALS[rival], sizes, rows, *data(sizes, rows))
    benchmark(epoch)


@every_network
@pytest.mark.parametrize("method", ["predict", "predict_on_batch"])
def bench_row(benchmark, sizes, rows, method) -> None:
    benchmark.group = f"one row through {'-'.join(map(str, sizes))}"
    network, x = model(sizes), data(sizes, rows)[0][:1].copy()
    options = {"verbose": 0} if method == "predict" else {}
    benchmark(getattr(network, method), x, **options)


@every_network
@every_rival
def bench_row_of_rival(benchmark, sizes, rows, rival) -> None:
    benchmark.group = f"one row through {'-'.join(map(str, sizes))}"
    _, predict = made(RIVALS[rival], sizes, rows, *data(sizes, rows))
    benchmark(predict)


def bench_xor(benchmark) -> None:
    benchmark.group = "XOR"

    def learn():
        network = Sequential([Dense(8, "tanh"), Dense(2, "softmax")])
        network.compile(Adam(0.05), LOSS, metrics=["accuracy"])

        def stop(epoch, logs):
            network.stop_training = logs["accuracy"] == 1

        network.fit(POINTS, XOR, epochs=MOST_EPOCHS, verbose=0, callbacks=LambdaCallback(on_epoch_end=stop))

    benchmark(learn)


@pytest.mark.parametrize("rival", XOR_RIVALS)
def bench_xor_of_rival(benchmark, rival) -> None:
    benchmark.group = "XOR"
    made(XOR_RIVALS[rival])
    benchmark(XOR_RIVALS[rival])
