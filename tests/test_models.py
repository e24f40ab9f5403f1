"""Models: the interface of Keras, learning, determinism, progress, pickles, and errors."""

from __future__ import annotations

import copy
import io
import json
import mmap
import os
import pickle
import signal
import subprocess
import sys
import threading
import tracemalloc
from functools import partial

import numpy as np
import pytest
from networks import CROSS_ENTROPIES, LOSSES, data, model

import fastact as fa
from fastact import losses, utils
from fastact._kernels import ufuncs
from fastact.layers import Activation, Dense, Dropout, Flatten, Input, LeakyReLU, PReLU, ReLU
from fastact.models import Sequential
from fastact.optimizers import SGD

LABELS = data("sparse_categorical_crossentropy")


def same(weights, others) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(weights, others, strict=True))


# -- the interface ------------------------------------------------------------------------------


def test_the_code_of_the_contract(capsys):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((100, 3))
    y = (x.sum(axis=1) > 0).astype(int)
    network = Sequential([Dense(units=5, input_shape=(3,), activation="relu")])
    network.add(Dense(2))
    network.add(Activation("softmax"))
    network.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    history = network.fit(x, y, batch_size=32, epochs=5, validation_split=0.2, seed=0)
    assert sorted(history.history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert history.epoch == [0, 1, 2, 3, 4]
    assert all(len(values) == 5 for values in history.history.values())
    assert len(network.evaluate(x, y)) == 2
    assert network.predict(x).shape == (100, 2)
    assert network.history is history
    network.summary()
    assert "dense_1 (Dense)" in capsys.readouterr().out


def test_introductory_code_with_one_feature():
    network = fa.Sequential([Dense(units=1, input_shape=[1])], seed=0)
    network.compile(optimizer="sgd", loss="mean_squared_error")
    x = np.array([-1.0, 0.0, 1.0, 2.0, 3.0, 4.0])
    network.fit(x, 2 * x - 1, epochs=500, verbose=0)
    assert network.predict(np.array([10.0]), verbose=0)[0, 0] == pytest.approx(19, abs=0.1)


def test_digits_are_learnt():
    datasets = pytest.importorskip("sklearn.datasets")
    x, y = datasets.load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x, y = x[order] / 16, y[order]
    network = Sequential([Dense(32, "relu"), Dense(10, "softmax")], seed=0)
    network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    network.fit(x[:1400], y[:1400], epochs=60, verbose=0)
    assert network.evaluate(x[1400:], y[1400:], verbose=0)[1] >= 0.96


def test_names_shapes_and_counts():
    network = Sequential([Input((3,)), Dense(4), Dense(4), Activation("relu"), Dense(2, name="last")])
    assert [layer.name for layer in network.layers] == ["dense", "dense_1", "activation", "last"]
    assert network.input_shape == (None, 3)
    assert network.output_shape == (None, 2)
    assert network.count_params() == 16 + 20 + 10
    assert [w.shape for w in network.get_weights()] == [(3, 4), (4,), (4, 4), (4,), (4, 2), (2,)]


def test_layers_hold_views_of_one_array():
    network = model()
    first, last = network.layers
    first.kernel[0, 0] = 7
    assert network._parameters[0] == 7
    assert np.shares_memory(last.bias, network._parameters)


def test_a_model_builds_on_its_first_data():
    network = Sequential([Dense(2)], seed=0)
    assert not network.built
    network.predict(np.ones((4, 7)), verbose=0)
    assert network.count_params() == 16


def test_data_of_a_wrong_shape_do_not_decide_that_of_the_model():
    x, y = np.ones((8, 3)), np.ones((8, 1))
    network = Sequential([Dense(1)])
    network.compile("sgd", "mse")
    with pytest.raises(
        ValueError, match=r"got \(8, 1\) for x of the shape \(1, 8, 3\): give x the shape \(rows, f"
    ):
        network.fit(x[None], y, verbose=0)
    network.fit(x, y, verbose=0)
    assert network.input_shape == (None, 3)


def test_a_layer_added_after_training_keeps_the_weights():
    network = model()
    network.fit(*LABELS, verbose=0)
    before = network.get_weights()
    network.add(Dense(4, "softmax"))
    assert same(before, network.get_weights()[:4])
    network.fit(*LABELS, verbose=0)


def test_weights_go_round():
    network, other = model(seed=1), model(seed=2)
    other.set_weights(network.get_weights())
    x = LABELS[0]
    np.testing.assert_array_equal(network.predict(x, verbose=0), other.predict(x, verbose=0))


@pytest.mark.parametrize("loss", LOSSES)
def test_reported_loss_is_the_mean_over_rows(loss):
    x, y = data(loss, rows=50)
    network = model(loss, optimizer="sgd")
    network.optimizer.learning_rate = 0
    history = network.fit(x, y, batch_size=16, validation_data=(x, y), verbose=0).history
    expected = losses.get(loss)(y, network.predict(x, verbose=0))
    assert history["loss"][0] == pytest.approx(expected, rel=1e-12)
    assert history["val_loss"][0] == pytest.approx(expected, rel=1e-12)
    assert network.evaluate(x, y, batch_size=7, verbose=0) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("loss", "units", "expected"),
    [
        ("binary_crossentropy", 1, lambda y, p: (p >= 0.5) == y),
        ("binary_crossentropy", 4, lambda y, p: p.argmax(axis=1) == y.argmax(axis=1)),
        ("categorical_crossentropy", 4, lambda y, p: p.argmax(axis=1) == y.argmax(axis=1)),
        ("sparse_categorical_crossentropy", 4, lambda y, p: p.argmax(axis=1) == y),
        ("mean_squared_error", 4, lambda y, p: p.argmax(axis=1) == y.argmax(axis=1)),
    ],
)
def test_accuracy_is_the_one_of_keras(loss, units, expected):
    x, y = data(loss, rows=50, units=units)
    network = model(loss, units=units, metrics=["accuracy", "acc"])
    network.optimizer.learning_rate = 0
    logs = network.fit(x, y, batch_size=16, verbose=0).history
    accuracy = expected(y, network.predict(x, verbose=0)).mean()
    assert logs["accuracy"][0] == logs["acc"][0] == pytest.approx(accuracy)
    assert network.evaluate(x, y, verbose=0)[1] == pytest.approx(accuracy)
    assert network.evaluate(x, y, verbose=0, return_dict=True)["accuracy"] == pytest.approx(accuracy)


def test_metrics_see_probabilities_where_the_loss_is_fused():
    x, y = data("categorical_crossentropy")
    network = model("categorical_crossentropy", metrics=["mse", "categorical_accuracy"])
    network.optimizer.learning_rate = 0
    logs = network.fit(x, y, verbose=0).history
    p = network.predict(x, verbose=0)
    assert logs["mse"][0] == pytest.approx(np.mean((p - y) ** 2), rel=1e-12)


def test_binary_accuracy_of_logits_has_its_threshold_at_0():
    x, y = data("binary_crossentropy", units=1)
    network = Sequential([Dense(1)], seed=0)
    network.compile("sgd", losses.BinaryCrossentropy(from_logits=True), metrics=["accuracy"])
    expected = np.mean((network.predict(x, verbose=0) >= 0) == y)
    assert network.evaluate(x, y, verbose=0)[1] == pytest.approx(expected)


@pytest.mark.parametrize("loss", CROSS_ENTROPIES)
def test_fused_from_logits_and_activation_layer_train_alike(loss):
    x, y = data(loss)
    last = CROSS_ENTROPIES[loss]
    weights = []
    for layers, option in [
        ([Dense(4, last)], False),
        ([Dense(4), Activation(last)], False),
        ([Dense(4)], True),
    ]:
        network = Sequential(layers, seed=0, dtype="float64")
        network.compile("adam", type(losses.get(loss))(from_logits=option))
        network.fit(x, y, epochs=3, verbose=0, seed=1)
        weights.append(network.get_weights())
    assert same(weights[0], weights[1])
    assert same(weights[0], weights[2])


def test_validation_split_takes_the_last_rows():
    x, y = data("mean_squared_error", rows=20)
    split, given = model("mean_squared_error"), model("mean_squared_error")
    a = split.fit(x, y, validation_split=0.25, epochs=2, seed=0, verbose=0)
    b = given.fit(x[:15], y[:15], validation_data=(x[15:], y[15:]), epochs=2, seed=0, verbose=0)
    assert a.history == b.history


def test_train_on_batch_is_a_step_of_fit():
    x, y = LABELS
    a, b = model(metrics=["accuracy"]), model(metrics=["accuracy"])
    a.fit(x, y, batch_size=len(x), shuffle=False, verbose=0)
    loss, accuracy = b.train_on_batch(x, y)
    assert same(a.get_weights(), b.get_weights())
    assert b.train_on_batch(x, y, return_dict=True)["loss"] < loss
    assert 0 <= accuracy <= 1


def test_epochs_0_trains_nothing():
    network = model()
    before = network.get_weights()
    assert network.fit(*LABELS, epochs=0).history == {}
    assert same(before, network.get_weights())


def test_stop_training_ends_after_the_epoch(monkeypatch):
    network = model()
    monkeypatch.setattr(
        fa.callbacks.ProgressBar, "end", lambda self, logs: setattr(network, "stop_training", True)
    )
    assert len(network.fit(*LABELS, epochs=5, verbose=0).epoch) == 1


def test_any_array_like_will_do():
    x, y = LABELS
    expected = model().fit(x, y, seed=0, verbose=0).history
    for given_x, given_y in [
        (x.tolist(), y.tolist()),
        (np.asfortranarray(x), y[:, None].astype(np.uint8)),
        (x[::-1][::-1], y.astype(float)),
    ]:
        assert model().fit(given_x, given_y, seed=0, verbose=0).history == expected


def test_weights_of_a_layer_go_round():
    network = model()
    layer = network.layers[0]
    layer.set_weights([2 * weight for weight in layer.get_weights()])
    assert np.array_equal(network.get_weights()[0], layer.kernel)


def test_a_model_without_weights_can_be_evaluated_and_fitted():
    network = Sequential([Activation("softmax")])
    network.compile("adam", "sparse_categorical_crossentropy")
    x, y = data("sparse_categorical_crossentropy", features=4)
    before = network.evaluate(x, y, verbose=0)
    assert network.fit(x, y, verbose=0).history["loss"][0] == pytest.approx(before, rel=1e-6)


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint64, np.float16, ">f4", ">i8"])
def test_labels_of_any_type(dtype):
    x, y = data("sparse_categorical_crossentropy", units=2)
    expected = model(units=2).fit(x, y, seed=0, verbose=0).history
    assert model(units=2).fit(x, y.astype(dtype), seed=0, verbose=0).history == expected


# -- determinism --------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loss", LOSSES)
def test_one_seed_gives_one_result(loss, dtype):
    results = []
    for _ in range(2):
        network = model(loss, dtype=dtype)
        network.fit(*data(loss), epochs=3, verbose=0)
        results.append(network.get_weights())
    assert same(*results)
    assert results[0][0].dtype == dtype


def test_seeds_differ():
    assert not same(model(seed=1).get_weights(), model(seed=2).get_weights())
    assert not same(model(seed=None).get_weights(), model(seed=None).get_weights())
    a, b = model(), model()
    a.fit(*LABELS, seed=1, verbose=0)
    b.fit(*LABELS, seed=2, verbose=0)
    assert not same(a.get_weights(), b.get_weights())


def test_random_seed_of_the_process(monkeypatch):
    monkeypatch.setattr(utils, "_process_seeds", None)

    def result():
        utils.set_random_seed(3)
        networks = [model(seed=None), model(seed=None)]
        for network in networks:
            network.fit(*LABELS, verbose=0)
        return [network.get_weights() for network in networks]

    first, second = result(), result()
    assert same(first[0], second[0])
    assert same(first[1], second[1])
    assert not same(first[0], first[1])
    utils.set_random_seed(None)


def test_the_global_generator_is_left_alone():
    np.random.seed(0)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    model(seed=None).fit(*LABELS, verbose=0)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002


#: trains on arrays that are large enough to be shared out among threads, and prints the number of these and a
#: hash of all that comes of it
TRAINED = """
import hashlib
import numpy as np
import fastact as fa
from fastact.layers import Dense, Dropout, PReLU
from fastact.regularizers import L1L2

rng = np.random.default_rng(0)
x, y = rng.standard_normal((2000, 30)), rng.integers(0, 4, 2000)
layers = [Dense(500, "gelu", kernel_regularizer=L1L2(1e-5, 1e-5)), Dropout(0.2), PReLU(), Dense(300, "mish")]
model = fa.Sequential([*layers, Dense(4, "softmax")], seed=1)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x, y, 1000, epochs=3, validation_split=0.1, verbose=0).history
found = hashlib.sha256(repr(sorted(history.items())).encode())
for array in (*model.get_weights(), *model.optimizer.moments, model.predict(x, verbose=0)):
    found.update(array.tobytes())
print(fa.get_num_threads(), found.hexdigest())
"""


def test_one_seed_gives_the_same_bits_in_every_process():
    found = {}
    for threads, hash_seed in [("1", "0"), ("1", "1"), ("7", "random")]:
        settings = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": threads, "FASTACT_NUM_THREADS": threads}
        command = [sys.executable, "-c", TRAINED]
        environment = os.environ | settings | {"PYTHONHASHSEED": hash_seed}
        out = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
        count, bits = out.split()
        found.setdefault(bits, []).append(count)
    [counts] = found.values()
    assert counts == ["1", "1", "7" if ufuncs.HAS_OPENMP else "1"]


# -- progress -----------------------------------------------------------------------------------


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


def test_plain_lines_where_there_is_no_terminal(capsys):
    network = model(metrics=["accuracy"])
    network.fit(*LABELS, batch_size=16, epochs=2)
    lines = capsys.readouterr().out.splitlines()
    assert lines[::2] == ["Epoch 1/2", "Epoch 2/2"]
    for line in lines[1::2]:
        assert line.startswith("3/3 - 0s - ")
        assert "/step - accuracy: 0." in line
        assert " - loss: " in line


def test_a_bar_on_a_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setattr(fa.callbacks.progress, "SECONDS_BETWEEN_UPDATES", 0)
    network = model(metrics=["accuracy"])
    network.fit(*LABELS, batch_size=10, validation_split=0.25)
    text = sys.stdout.getvalue()
    first, *updates = text.split("\r")
    assert first == "Epoch 1/1\n"
    assert updates[0].startswith("1/3 ━━━━━━──────────────")
    assert updates[-1].startswith("3/3 " + 20 * "━" + " 0s ")
    assert [name.split(":")[0] for name in updates[-1].split(" - ")[1:]] == [
        "accuracy",
        "loss",
        "val_accuracy",
        "val_loss",
    ]
    assert text.endswith("\n")


def test_a_terminal_without_unicode(monkeypatch):
    terminal = Terminal()
    terminal.encoding = "ascii"
    monkeypatch.setattr(sys, "stdout", terminal)
    model().predict(LABELS[0])
    assert terminal.getvalue().isascii()


@pytest.mark.parametrize("stdout", [io.StringIO(), None])
def test_silence(monkeypatch, stdout):
    monkeypatch.setattr(sys, "stdout", stdout)
    network = model()
    network.fit(*LABELS, verbose=0 if stdout else "auto")
    network.evaluate(*LABELS, verbose=0)
    network.predict(LABELS[0], verbose=0)
    assert stdout is None or stdout.getvalue() == ""


# -- what may go wrong --------------------------------------------------------------------------


def test_interruption_leaves_a_usable_model(monkeypatch):
    network = model()
    steps = []

    def interrupted(rate):
        steps.append(rate)
        if len(steps) == 5:
            raise KeyboardInterrupt

    step = network.optimizer.step
    monkeypatch.setattr(network.optimizer, "step", lambda: (interrupted(0), step()))
    with pytest.raises(KeyboardInterrupt):
        network.fit(*LABELS, epochs=9, verbose=0)
    assert network.history.epoch == [0, 1]
    monkeypatch.undo()
    network.fit(*LABELS, verbose=0)


#: trains without end, two batches an epoch, and keeps the number of batches begun in the file given
ENDLESS = """
import json, mmap, signal, sys
import numpy as np
from fastact.callbacks import LambdaCallback
from fastact.layers import Dense, Dropout
from fastact.models import Sequential

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has it ignored in what it starts with &
file = open(sys.argv[1], "r+b")
begun = mmap.mmap(file.fileno(), 8)

def begin(batch, logs):
    batches = int.from_bytes(begun[:], "little") + 1
    begun[:] = batches.to_bytes(8, "little")
    if batches == 5:
        print("trains", flush=True)

x = np.random.default_rng(0).random((2000, 400), np.float32)
y = np.arange(2000) % 3
model = Sequential([Dense(400, "gelu"), Dropout(0.1), Dense(3, "softmax")], seed=0)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
try:
    model.fit(x, y, 1000, epochs=10**9, verbose=0, callbacks=[LambdaCallback(on_train_batch_begin=begin)])
except KeyboardInterrupt:
    epochs, steps = len(model.history.epoch), model.optimizer.iterations
else:
    raise SystemExit("fit ended by itself")
model.fit(x, y, 1000, verbose=0)
assert np.isfinite(model.predict(x, verbose=0)).all() and model.optimizer.iterations == steps + 2
print(json.dumps({"epochs": epochs, "steps": steps, "begun": int.from_bytes(begun[:], "little")}))
"""


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_ctrl_c_ends_a_training_within_a_batch(tmp_path):
    (tmp_path / "begun").write_bytes(bytes(8))
    command = [sys.executable, "-c", ENDLESS, tmp_path / "begun"]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child,
        open(tmp_path / "begun", "rb") as file,
        mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ) as begun,
    ):
        assert child.stdout.readline() == "trains\n", child.stderr.read()
        os.kill(child.pid, signal.SIGINT)
        begun_then = int.from_bytes(begun[:], "little")
        try:
            out, errors = child.communicate(timeout=60)
        finally:
            child.kill()
    assert child.returncode == 0, errors
    found = json.loads(out)
    assert found["begun"] <= begun_then + 1
    assert found["begun"] - 1 <= found["steps"] <= found["begun"]
    assert found["steps"] // 2 - 1 <= found["epochs"] <= found["steps"] // 2


def test_a_loss_that_is_not_finite_stops_training():
    x, y = data("mean_squared_error")
    network = model("mean_squared_error", hidden="linear", optimizer="sgd", dtype="float32")
    network.optimizer.learning_rate = 1e6
    with pytest.raises(FloatingPointError, match=r"the loss became (inf|nan) in epoch \d+, batch \d of 2"):
        network.fit(x, y, epochs=100, verbose=0)
    assert network.history.history["loss"]


def test_pickle_and_deepcopy_go_on_alike():
    network = model(seed=4, metrics=["accuracy"])
    network.fit(*LABELS, epochs=2, verbose=0)
    others = [pickle.loads(pickle.dumps(network)), copy.deepcopy(network)]
    expected = network.fit(*LABELS, epochs=2, verbose=0).history
    for other in others:
        assert other.fit(*LABELS, epochs=2, verbose=0).history == expected
        assert same(other.get_weights(), network.get_weights())
        assert np.shares_memory(other.layers[0].kernel, other._parameters)


def test_pickles_of_all_kinds_of_layers_go_on_alike():
    hidden = [
        Dense(6, partial(fa.gelu, approximate=True), kernel_regularizer="l2"),
        PReLU(),
        Dropout(0.3, seed=1),
    ]
    network = Sequential([*hidden, Dense(4), ReLU(2.0, 0.1, 0.1), Flatten(), Dense(4, "softmax")], seed=0)
    network.compile("rmsprop", "sparse_categorical_crossentropy", ["accuracy"])
    network.fit(*LABELS, verbose=0, class_weight={1: 2.0})
    network.predict(LABELS[0], verbose=0)
    others = [pickle.loads(pickle.dumps(network)), copy.deepcopy(network)]
    expected = network.fit(*LABELS, epochs=2, verbose=0).history
    for other in others:
        assert other.fit(*LABELS, epochs=2, verbose=0).history == expected
        np.testing.assert_array_equal(
            other.predict(LABELS[0], verbose=0), network.predict(LABELS[0], verbose=0)
        )


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam", "adamw", SGD(0.01, 0.9, clipnorm=1.0)])
@pytest.mark.parametrize("loss", LOSSES)
def test_a_step_allocates_no_arrays(loss, optimizer):
    rows, features = 500, 40
    layers = [Dense(30, "gelu", kernel_regularizer="l2"), PReLU(), Dropout(0.2), Dense(30, LeakyReLU(0.1))]
    network = Sequential([*layers, Dense(4, CROSS_ENTROPIES.get(loss))], seed=0)
    network.compile(copy.deepcopy(optimizer), loss)
    x, y, weights = network._data(*data(loss, rows, features), np.ones(rows))
    network._ready_to_train()
    step, order = network._step(rows, x, y, True), np.arange(rows)

    def run():
        for _ in range(10):
            step.run_forward(x, y, weights, order, 0)
            step.run_backward()
            network.optimizer.step()

    run()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        run()
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert peak < rows * 4 / 2  # half of a column in float32


def test_a_notebook_shows_a_table():
    network = Sequential([Dense(2, input_shape=(3,), name="<a>")], name="&")
    html = network._repr_html_()
    for text in ("&lt;a&gt; (Dense)", "(None, 2)", "<td>8</td>", "&amp;: Total params: 8 (32 bytes)"):
        assert text in html
    assert Sequential([Dense(2)])._repr_html_().startswith("<pre>Sequential([Dense(units=2")


@pytest.mark.parametrize("activation", ["gelu", "leaky_relu", "softmax", "swish"])
def test_pickles_name_activations_and_survive_before_building(activation):
    network = pickle.loads(pickle.dumps(Sequential([Dense(2, activation)], seed=0)))
    assert network.predict(LABELS[0], verbose=0).shape == (40, 2)


def test_predict_from_several_threads():
    network = model()
    x = np.random.default_rng(0).standard_normal((500, 3))
    expected = network.predict(x, verbose=0)
    wrong = []

    def work():
        wrong.extend(k for k in range(50) if not np.array_equal(network.predict(x, verbose=0), expected))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_importing_fastact_does_not_import_the_trainer():
    code = "import sys, fastact; assert 'fastact.models' not in sys.modules; fastact.models.Sequential"
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="modells"):
        _ = fa.modells


def fitted(**options):
    x, y = LABELS
    return lambda: model().fit(**{"x": x, "y": y, "verbose": 0} | options)


def with_value(array, place, value):
    array = np.array(array, float)
    array[place] = value
    return array


@pytest.mark.parametrize(("call", "error", "message"), [
    (fitted(batch_size=0), ValueError, "batch_size must be at least 1, got 0"),
    (fitted(batch_size=2.5), TypeError, "batch_size must be an integer, got 2.5"),
    (fitted(epochs=-1), ValueError, "epochs must be at least 0, got -1"),
    (fitted(verbose=3), ValueError, "verbose must be 'auto', 0, 1 or 2, got 3"),
    (fitted(verbose="loud"), ValueError, "verbose"),
    (fitted(seed=-1), ValueError, "seed must be at least 0, got -1"),
    (fitted(seed="x"), TypeError, "seed must be an integer"),
    (fitted(validation_split=1.0), ValueError, "validation_split must be at least 0 and less"),
    (fitted(validation_split=0.99), ValueError, "0.99 of 40 rows leaves none to train with"),
    (fitted(validation_data=3), TypeError, "validation_data must be a pair"),
    (fitted(validation_data=(LABELS[0], LABELS[1][:3])), ValueError, "validation_data: y must"),
    (fitted(y=LABELS[1][:-1]), ValueError, "x and y must have as many rows, got 40 and 39"),
    (fitted(x=LABELS[0][:0], y=LABELS[1][:0]), ValueError, "x is empty"),
    (fitted(x=LABELS[0][:, :2]), ValueError, r"x must have the shape \(rows, 3\), got \(40, 2\)"),
    (fitted(x=LABELS[0][0]), ValueError, r"x must have the shape \(rows, 3\), got \(3,\)"),
    (fitted(x=with_value(LABELS[0], (7, 1), np.nan)), ValueError, "x must be finite in float64, but row 7"),
    (fitted(x=with_value(LABELS[0], (7, 1), np.inf)), ValueError, "row 7"),
    (fitted(x=[["a", "b", "c"]]), TypeError, "x must hold real numbers, got dtype <U1"),
    (fitted(x=LABELS[0] + 1j), TypeError, "x must hold real numbers, got dtype complex128"),
    (fitted(x=np.ma.masked_less(LABELS[0], 0)), ValueError, "x has masked or missing values"),
    (fitted(y=with_value(LABELS[1], 5, 4)), ValueError, "y must hold labels from 0 to 3, but row 5 has 4"),
    (fitted(y=with_value(LABELS[1], 5, -1)), ValueError, "row 5 has -1"),
    (fitted(y=with_value(LABELS[1], 5, np.nan)), ValueError, "row 5 has nan"),
    (fitted(y=np.eye(4)[LABELS[1]]), ValueError, "for one-hot rows there is"),
    (lambda: model("binary_crossentropy").fit(LABELS[0], np.full((40, 4), 2)), ValueError, "row 0 has 2"),
    (lambda: model("mean_squared_error").fit(*LABELS), ValueError, r"shape \(rows, 4\), that of the output"),
    (lambda: model("categorical_crossentropy").fit(*LABELS), ValueError, "there is sparse_categorical"),
    (lambda: Sequential([Dense(1)]).fit(*LABELS), ValueError, "fit: the model is not compiled yet"),
    (lambda: Sequential([Dense(1)]).evaluate(*LABELS), ValueError, "evaluate: the model is not compiled yet"),
    (lambda: Sequential([Dense(1)]).train_on_batch(*LABELS), ValueError, "train_on_batch: the model is not"),
    (lambda: Sequential([Dense(1)]).summary(), ValueError, "summary: the model is not built yet"),
    (lambda: Sequential([Dense(1)]).count_params(), ValueError, "count_params: the model is not built yet"),
    (lambda: Sequential([Dense(1)]).get_weights(), ValueError, "get_weights: the model is not built yet"),
    (lambda: Sequential([Dense(1)]).set_weights([]), ValueError, "set_weights: the model is not built yet"),
    (lambda: model().set_weights([]), ValueError, "set_weights: there are 4 weights, got 0"),
    (lambda: model().set_weights([np.ones((1, 1))] * 4), ValueError, r"weights\[0\] must have the shape"),
    (lambda: model().set_weights([w * np.nan for w in model().get_weights()]), ValueError, "must be finite"),
    (lambda: model(loss="categorical_crossentropi"), ValueError, "closest is 'categorical_crossentropy'"),
    (lambda: model(optimizer="adamw2"), ValueError, "unknown optimizer 'adamw2'; the closest is 'Adam"),
    (lambda: model(metrics="accuracy"), TypeError, "metrics must be a list, got 'accuracy'"),
    (lambda: model(metrics=["acuracy"]), ValueError, "unknown metric 'acuracy'; the closest is 'accuracy'"),
    (lambda: model(metrics=[3]), TypeError, "a metric must be a name"),
    (lambda: model(metrics=["accuracy", "accuracy"]).fit(*LABELS), ValueError, "must have different names"),
    (lambda: model(metrics=["mse"]).fit(*LABELS), ValueError, "metric 'mse' needs targets"),
    (lambda: Sequential(Dense(1)), TypeError, "layers must be a list"),
    (lambda: Sequential([3]), TypeError, "a model is made of layers"),
    (lambda: Sequential([Dense(1), Input((3,))]), ValueError, "Input must be the first"),
    (lambda: Sequential([Dense(1, input_shape=(3,)), Dense(1, input_shape=(2,))]), ValueError, "input_shape"),
    (lambda: Sequential([Dense(1, name="a"), Dense(1, name="a")]), ValueError, "two layers are named 'a'"),
    (lambda: Sequential(2 * [Dense(1)]), ValueError, "in a model already"),
    (lambda: Sequential(dtype="float16"), ValueError, "dtype must be 'float32' or 'float64', got 'float16'"),
    (lambda: Sequential(seed=1.5), TypeError, "Sequential: seed must be an integer"),
    (lambda: Sequential(name=1), TypeError, "Sequential: name must be a string"),
    (lambda: model().predict(with_value(LABELS[0], (7, 1), np.nan), verbose=0), ValueError, "row 7"),
    (lambda: model().fit(LABELS[0]), TypeError, "y is missing"),
    (lambda: model().evaluate(LABELS[0], verbose=0), TypeError, "y is missing"),
    (lambda: model().predict(None, verbose=0), TypeError, "x is missing"),
    (lambda: Sequential(3), TypeError, "Sequential: layers must be a list of layers, got 3"),
    (lambda: Sequential("relu"), TypeError, "Sequential: layers must be a list of layers, got 'relu'"),
    (lambda: Sequential([]).compile("adam"), TypeError, "compile: loss must be given"),
    (lambda: model().set_weights(None), TypeError, "set_weights: weights must be a list of arrays, got None"),
    (lambda: Sequential.from_config({"foo": 1}), ValueError, "a configuration is a dict with 'layers', got {'foo"),
    (lambda: Sequential(0), TypeError, "Sequential: layers must be a list of layers, got 0"),
], ids=range(63))  # fmt: skip
def test_errors_say_what_came_and_what_is_allowed(call, error, message):
    with pytest.raises(error, match=message):
        call()
