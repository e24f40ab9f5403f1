"""fit: weights of rows, validation, epochs and steps, generators, files mapped into memory, warnings."""

from __future__ import annotations

import numpy as np
import pytest
from networks import LOSSES, data, model

from fastact import losses
from fastact.layers import Dense, Dropout
from fastact.models import Sequential
from fastact.optimizers import SGD
from fastact.reference import trainer

LABELS = data("sparse_categorical_crossentropy")
WEIGHTS = np.random.default_rng(1).uniform(0, 2, 40)


def same(network, other) -> bool:
    return all(map(np.array_equal, network.get_weights(), other.get_weights()))


# -- weights of rows -----------------------------------------------------------------------------


@pytest.mark.parametrize("loss", LOSSES)
def test_weighted_steps_agree_with_the_textbook(loss):
    network = model(loss)
    textbook = trainer.Network(network.get_weights(), "tanh", loss, trainer.Adam())
    x, y = data(loss)
    for _ in range(20):
        value = network.train_on_batch(x, y, sample_weight=WEIGHTS)
        assert value == pytest.approx(textbook.train(x, y, WEIGHTS), rel=1e-12)
    for weight, expected in zip(network.get_weights(), textbook.weights, strict=True):
        np.testing.assert_allclose(weight, expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("loss", LOSSES)
def test_sample_weights_divide_by_the_number_of_rows(loss):
    x, y = data(loss)
    network = model(loss, optimizer=SGD(0))
    expected = (WEIGHTS * getattr(losses, loss)(y, network.predict(x, verbose=0))).mean()
    history = network.fit(
        x, y, batch_size=16, sample_weight=WEIGHTS, validation_data=(x, y, WEIGHTS), verbose=0
    ).history
    assert history["loss"] == [pytest.approx(expected)]
    assert history["val_loss"] == [pytest.approx(expected)]
    assert network.evaluate(x, y, verbose=0, sample_weight=WEIGHTS) == pytest.approx(expected)
    assert network.test_on_batch(x, y, WEIGHTS) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("loss", "units"),
    [
        ("sparse_categorical_crossentropy", 4),
        ("categorical_crossentropy", 4),
        ("binary_crossentropy", 1),
    ],
)
def test_class_weights_are_weights_of_rows(loss, units):
    x, y = data(loss, units=units)
    of_classes = {0: 0.5, 1: 2.0}
    classes = y.argmax(axis=1) if y.ndim == 2 and units > 1 else y.ravel()
    weights = np.array([of_classes.get(label, 1.0) for label in classes.tolist()])
    a, b = model(loss, units=units), model(loss, units=units)
    history = a.fit(x, y, class_weight=of_classes, validation_split=0.25, seed=0, verbose=0).history
    b.fit(x[:30], y[:30], sample_weight=weights[:30], seed=0, verbose=0)
    assert same(a, b)
    assert history["val_loss"] == [b.evaluate(x[30:], y[30:], verbose=0)]
    assert a.train_on_batch(x, y, class_weight=of_classes) == b.train_on_batch(x, y, weights)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("reduction", ["sum", "mean_with_sample_weight"])
def test_other_reductions(loss, reduction):
    x, y = data(loss)
    scale = {"sum": 40.0, "mean_with_sample_weight": 40 / WEIGHTS.sum()}[reduction]
    a, b = model(loss), model(loss)
    a.compile(SGD(0.01), type(losses.get(loss))(reduction=reduction))
    b.compile(SGD(0.01 * scale), loss)
    for _ in range(3):
        value = a.train_on_batch(x, y, WEIGHTS)
        assert value == pytest.approx(scale * b.train_on_batch(x, y, WEIGHTS))
    for weight, expected in zip(a.get_weights(), b.get_weights(), strict=True):
        np.testing.assert_allclose(weight, expected, rtol=1e-10)


def test_label_smoothing_in_a_model():
    x, y = data("categorical_crossentropy")
    smoothed = model("categorical_crossentropy")
    smoothed.compile("adam", losses.CategoricalCrossentropy(label_smoothing=0.2), ["accuracy"])
    plain = model("categorical_crossentropy", metrics=["accuracy"])
    a = smoothed.fit(x, y, epochs=3, seed=0, verbose=0).history
    b = plain.fit(x, 0.8 * y + 0.05, epochs=3, seed=0, verbose=0).history
    np.testing.assert_allclose(a["loss"], b["loss"])
    assert a["accuracy"] == b["accuracy"]


# -- epochs, steps, validation ----------------------------------------------------------------------


def test_initial_epoch_counts_on():
    network = model()
    history = network.fit(*LABELS, initial_epoch=3, epochs=5, verbose=0)
    assert history.epoch == [3, 4]
    assert network.optimizer.iterations == 4
    assert network.fit(*LABELS, initial_epoch=5, epochs=5, verbose=0).epoch == []


def test_two_trainings_in_a_row_have_the_bits_of_one():
    a, b = (
        Sequential([Dense(8, "tanh"), Dropout(0.2), Dense(4, "softmax")], seed=0, dtype="float32")
        for _ in range(2)
    )
    for network, parts in ((a, [4]), (b, [1, 3])):
        network.compile("adam", "sparse_categorical_crossentropy")
        for epochs in parts:
            network.fit(*LABELS, batch_size=16, epochs=epochs, verbose=0)
    assert same(a, b)


@pytest.mark.parametrize(("frequency", "epochs"), [(1, [1, 2, 3, 4]), (2, [2, 4]), ([1, 4], [1, 4]), (5, [])])
def test_validation_frequency(frequency, epochs):
    x, y = LABELS
    history = model().fit(x, y, epochs=4, validation_data=LABELS, validation_freq=frequency, verbose=0)
    assert len(history.history.get("val_loss", [])) == len(epochs)
    assert len(history.epoch) == 4


def test_steps_per_epoch_cut_an_endless_stream_of_passes():
    x, y = LABELS
    a, b = model(), model()
    a.fit(x, y, batch_size=8, epochs=5, steps_per_epoch=3, shuffle=False, verbose=0)
    b.fit(x, y, batch_size=8, epochs=3, shuffle=False, verbose=0)
    assert same(a, b)
    assert a.optimizer.iterations == 15


# -- generators -------------------------------------------------------------------------------------


def batches(rows=8, passes=1, weights=None):
    x, y = LABELS
    for _ in range(passes):
        for start in range(0, 40, rows):
            part = slice(start, start + rows)
            yield (x[part], y[part]) if weights is None else (x[part], y[part], weights[part])


class Loader:
    """What can be gone through again and again."""

    def __iter__(self):
        return batches()


@pytest.mark.parametrize(
    ("source", "options"),
    [
        (lambda: batches(passes=3), {"steps_per_epoch": 5}),
        (Loader, {}),
        (Loader, {"steps_per_epoch": 5}),
        (lambda: batches(passes=99), {"steps_per_epoch": 5}),
    ],
)
def test_generators_train_as_arrays_do(source, options):
    a, b = model(), model()
    given = a.fit(source(), epochs=3, validation_data=LABELS, verbose=0, **options)
    expected = b.fit(*LABELS, batch_size=8, epochs=3, shuffle=False, validation_data=LABELS, verbose=0)
    assert same(a, b)
    for name, values in expected.history.items():
        np.testing.assert_allclose(given.history[name], values, rtol=1e-12)


def test_generators_may_yield_weights_and_build_the_model():
    a, b = (Sequential([Dense(4, "softmax")], seed=0) for _ in range(2))
    for network in (a, b):
        network.compile("adam", "sparse_categorical_crossentropy")
    a.fit(batches(weights=WEIGHTS), verbose=0)
    b.fit(*LABELS, batch_size=8, sample_weight=WEIGHTS, shuffle=False, verbose=0)
    assert same(a, b)


def test_class_weights_with_a_generator():
    a, b = model(), model()
    a.fit(batches(), class_weight={1: 3.0}, verbose=0)
    b.fit(*LABELS, batch_size=8, class_weight={1: 3.0}, shuffle=False, verbose=0)
    assert same(a, b)


@pytest.mark.parametrize(("steps", "epochs"), [(None, 1), (5, 1), (3, 2)])
def test_a_generator_that_runs_out_ends_training_with_a_warning(steps, epochs):
    network = model()
    with pytest.warns(UserWarning, match="x ran out of batches in epoch 2 of 9") as caught:
        history = network.fit(batches(), epochs=9, steps_per_epoch=steps, verbose=0)
    assert caught[0].filename == __file__
    assert len(history.epoch) == epochs
    assert network.optimizer.iterations == 5


def test_progress_of_unknown_length(capsys):
    network = model()
    network.fit(batches(), verbose=2)
    network.evaluate(batches(), verbose=2)
    network.predict(batches(), verbose=2)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert all(line.startswith("5/5 - 0s") for line in lines[1:])


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["", "weights"])
@pytest.mark.parametrize("source", [batches, lambda **options: Lists(batches(**options))])
def test_generators_are_evaluated_as_arrays_are(source, weights):
    network = model(metrics=["accuracy"])
    expected = network.evaluate(*LABELS, sample_weight=weights, verbose=0)
    for rows in (8, 16):  # the last batch of which is smaller
        np.testing.assert_allclose(
            network.evaluate(source(rows=rows, weights=weights), verbose=0), expected, rtol=1e-12
        )


class Lists:
    """Batches that are lists, in what can be gone through again and again but is no list."""

    def __init__(self, items):
        self.items = list(items)

    def __iter__(self):
        return iter(map(list, self.items))


@pytest.mark.parametrize(
    "pick", [lambda b: b, lambda b: b[:1], lambda b: b[0], list, lambda b: (*b, WEIGHTS[:8])]
)
def test_generators_are_predicted_as_arrays_are(pick):
    network = model()
    expected = network.predict(LABELS[0], verbose=0)
    np.testing.assert_array_equal(network.predict(map(pick, batches()), verbose=0), expected)


def test_steps_take_the_first_batches():
    network = model(metrics=["accuracy"])
    x, y = LABELS
    expected = network.evaluate(x[:24], y[:24], batch_size=8, verbose=0)
    assert network.evaluate(x, y, batch_size=8, steps=3, verbose=0) == expected
    assert network.evaluate(batches(passes=99), steps=3, verbose=0) == expected
    assert network.evaluate(x, y, steps=1, verbose=0) == network.evaluate(x[:32], y[:32], verbose=0)
    for part in (
        network.predict(x, batch_size=8, steps=3, verbose=0),
        network.predict(batches(passes=99), steps=3, verbose=0),
    ):
        np.testing.assert_array_equal(part, network.predict(x[:24], verbose=0))
    assert len(network.predict(x, steps=1, verbose=0)) == 32


def test_less_steps_than_asked_for_are_a_warning():
    network = model()
    for call in (
        lambda: network.evaluate(*LABELS, batch_size=8, steps=6, verbose=0),
        lambda: network.evaluate(batches(), steps=6, verbose=0),
        lambda: network.predict(LABELS[0], batch_size=8, steps=6, verbose=0),
        lambda: network.predict(batches(), steps=6, verbose=0),
    ):
        with pytest.warns(UserWarning, match="x ran out of batches after 5 of 6 steps") as caught:
            assert np.size(call()) in (1, 160)
        assert [warning.filename for warning in caught] == [__file__]


def test_a_generator_may_build_the_model_that_it_predicts_or_evaluates():
    a, b, c = (Sequential([Dense(4, "softmax")], seed=0) for _ in range(3))
    for network in (a, b, c):
        network.compile("adam", "sparse_categorical_crossentropy")
    expected = a.predict(LABELS[0], verbose=0)
    np.testing.assert_array_equal(b.predict(batches(), verbose=0), expected)
    assert c.evaluate(batches(), verbose=0) == pytest.approx(a.evaluate(*LABELS, verbose=0), rel=1e-6)


@pytest.mark.parametrize(
    ("given", "options", "rows"),
    [
        (Loader, {}, slice(40)),
        (Loader, {"validation_steps": 3}, slice(24)),
        (lambda: LABELS, {"validation_steps": 3, "validation_batch_size": 4}, slice(12)),
        (lambda: LABELS, {"validation_steps": 1}, slice(16)),
        (lambda: LABELS, {"validation_batch_size": 7}, slice(40)),
    ],
)
def test_validation_takes_the_same_batches_each_time(given, options, rows):
    a, b = model(metrics=["accuracy"]), model(metrics=["accuracy"])
    x, y = LABELS
    found = a.fit(x, y, 16, epochs=3, validation_data=given(), seed=0, verbose=0, **options).history
    expected = b.fit(x, y, 16, epochs=3, validation_data=(x[rows], y[rows]), seed=0, verbose=0).history
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-12)


def test_validation_with_a_generator_goes_on_where_it_was():
    network, parts = model(optimizer=SGD(0)), [slice(16), slice(16, 32)]
    x, y = LABELS
    history = network.fit(x, y, epochs=2, validation_data=batches(), validation_steps=2, verbose=0).history
    expected = [network.evaluate(x[part], y[part], verbose=0) for part in parts]
    np.testing.assert_allclose(history["val_loss"], expected, rtol=1e-12)


def test_validation_that_runs_out_ends_with_a_warning():
    network = model()
    with pytest.warns(
        UserWarning, match="validation_data ran out of batches in epoch 2 of 4, after 0 "
    ) as caught:
        history = network.fit(*LABELS, epochs=4, validation_data=batches(), verbose=0).history
    assert [warning.filename for warning in caught] == [__file__]
    assert len(history["val_loss"]) == 1
    assert len(history["loss"]) == 4


# -- files mapped into memory -----------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32", "uint8", ">f4"])
def test_mapped_files_train_as_arrays_do_and_are_not_copied(tmp_path, dtype):
    x, y = LABELS
    x = np.rint(10 * np.abs(x)).astype(dtype)
    mapped = saved_and_mapped(tmp_path / "x.npy", x)
    a, b = model(), model()
    assert np.shares_memory(a._data(mapped, y)[0], mapped)
    given = a.fit(mapped, y, batch_size=7, epochs=2, validation_split=0.2, seed=0, verbose=0).history
    assert given == b.fit(x, y, batch_size=7, epochs=2, validation_split=0.2, seed=0, verbose=0).history
    assert same(a, b)
    np.testing.assert_array_equal(a.predict(mapped, verbose=0), b.predict(x, verbose=0))
    assert a.evaluate(mapped, y, verbose=0) == b.evaluate(x, y, verbose=0)


def saved_and_mapped(path, array: np.ndarray) -> np.memmap:
    np.save(path, array)
    return np.load(path, mmap_mode="r")


@pytest.mark.parametrize("columns", [None, 1, 2], ids=["flat", "one", "two"])
@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "int8", ">f4"])
@pytest.mark.parametrize("loss", ["mse", "binary_crossentropy"])
def test_mapped_targets_train_as_arrays_do_and_are_not_copied(tmp_path, loss, dtype, columns):
    x = LABELS[0].astype(np.float32)
    y = np.resize(LABELS[1] % 2, (len(x), columns or 1)).astype(dtype)
    y = y if columns else y[:, 0]
    mapped = saved_and_mapped(tmp_path / "y.npy", y)

    def trained():
        network = Sequential([Dense(columns or 1, activation="sigmoid")], seed=0)
        network.compile("sgd", loss, metrics=["accuracy"])
        return network

    a, b = trained(), trained()
    given, right = (
        network.fit(x, targets, batch_size=7, epochs=2, validation_split=0.2, seed=0, verbose=0).history
        for network, targets in ((a, mapped), (b, y))
    )
    assert given == right
    assert np.shares_memory(a._data(x, mapped)[1], mapped)
    for call in ("train_on_batch", "test_on_batch"):
        assert getattr(a, call)(x, mapped) == getattr(b, call)(x, y)
    assert a.evaluate(x, mapped, verbose=0) == b.evaluate(x, y, verbose=0)
    assert same(a, b)


def test_mapped_labels_train_as_arrays_do(tmp_path):
    x, y = LABELS
    a, b = model(), model()
    mapped = saved_and_mapped(tmp_path / "y.npy", y.astype(np.int8))
    assert (
        a.fit(x, mapped, epochs=2, seed=0, verbose=0).history
        == b.fit(x, y, epochs=2, seed=0, verbose=0).history
    )
    assert same(a, b)


def test_mapped_files_are_checked_piece_by_piece(tmp_path, monkeypatch):
    monkeypatch.setattr("fastact._data.BYTES_AT_ONCE", 200)
    x = np.array(LABELS[0], np.float32)
    x[33, 1] = np.nan
    mapped = saved_and_mapped(tmp_path / "x.npy", x)
    with pytest.raises(ValueError, match="x must be finite in float64, but row 33"):
        model().fit(mapped, LABELS[1], verbose=0)
    network = Sequential([Dense(3)])
    network.compile("sgd", "mse")
    with pytest.raises(ValueError, match="y must be finite in float32, but row 33"):
        network.fit(LABELS[0], mapped, verbose=0)


def test_data_that_is_no_array_is_refused_by_name():
    for call in (model().fit, model().evaluate):
        with pytest.raises(ValueError, match="x must have rows of the same shape, got rows that differ"):
            call([[1.0, 2, 3], [1, 2]], [0, 1])
        with pytest.raises(TypeError, match="x must hold real numbers, got dtype object"):
            call({"a": LABELS[0]}, LABELS[1])
        sparse = pytest.importorskip("scipy.sparse")
        with pytest.raises(TypeError, match="x must be a dense array, got a sparse one"):
            call(sparse.csr_matrix(LABELS[0]), LABELS[1])


def test_frames_of_nullable_dtypes():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(LABELS[0])
    right = model().fit(*LABELS, verbose=0).history
    assert (
        model().fit(frame.convert_dtypes(), pandas.Series(LABELS[1], dtype="Int64"), verbose=0).history
        == right
    )
    frame = frame.convert_dtypes()
    frame.iloc[3, 0] = pandas.NA
    with pytest.raises(ValueError, match="x has masked or missing values"):
        model().fit(frame, LABELS[1])
    with pytest.raises(TypeError, match="x: operands of pandas must be numbers, got dtype"):
        model().fit(frame.astype(str), LABELS[1])


def test_metrics_are_called_as_the_user_calls_them():
    network = Sequential([Dense(1)], seed=0)
    network.compile("sgd", "mse", metrics=["mae", "MeanSquaredError", losses.mean_squared_error.__name__])
    history = network.fit(LABELS[0], LABELS[0][:, 0], validation_split=0.25, verbose=0).history
    names = ["loss", "mae", "MeanSquaredError", "mean_squared_error"]
    assert [*history] == [*names, *(f"val_{name}" for name in names)]


# -- warnings and errors ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "units", "loss", "message"),
    [
        (None, 4, "sparse_categorical_crossentropy", "the model ends in linear: end it in softmax, or give"),
        ("softplus", 4, "categorical_crossentropy", "the model ends in softplus: end it in softmax"),
        (None, 1, "binary_crossentropy", "the model ends in linear: end it in sigmoid"),
        ("softmax", 1, "binary_crossentropy", "on which softmax is always 1: use sigmoid"),
        ("sparsemax", 1, "binary_crossentropy", "on which sparsemax is always 1: use sigmoid"),
        ("sigmoid", 4, "sparse_categorical_crossentropy", "sigmoid says yes or no to each: use softmax"),
        (
            "sigmoid",
            1,
            losses.BinaryCrossentropy(from_logits=True),
            "takes logits, but the model ends in sig",
        ),
        ("softmax", 4, losses.SparseCategoricalCrossentropy(from_logits=True), "leave from_logits out"),
    ],
)
def test_a_loss_that_does_not_fit_the_last_activation_is_a_warning(last, units, loss, message):
    network = Sequential([Dense(units, last)], seed=0)
    network.compile("adam", loss)
    x, y = data(network.loss.name, units=units)
    with pytest.warns(UserWarning, match=message) as caught:
        network.fit(x, y, verbose=0)
    assert [warning.filename for warning in caught] == [__file__]
    network.fit(x, y, verbose=0)


@pytest.mark.parametrize("last", ["softmax", "softmin", "sparsemax"])
def test_a_loss_of_classes_fits_what_takes_a_row_together(last, recwarn):
    network = Sequential([Dense(4, last)], seed=0)
    network.compile("adam", "sparse_categorical_crossentropy")
    network.fit(*data("sparse_categorical_crossentropy", units=4), verbose=0)
    assert [str(warning.message) for warning in recwarn] == []


@pytest.mark.parametrize(
    ("loss", "units", "y"),
    [
        ("sparse_categorical_crossentropy", 4, np.full(40, 2)),
        ("categorical_crossentropy", 4, np.eye(4)[np.full(40, 2)]),
        ("binary_crossentropy", 1, np.ones(40)),
    ],
)
def test_a_single_class_is_a_warning(loss, units, y):
    with pytest.warns(
        UserWarning, match="y has one class only, [12]: there is nothing to tell apart"
    ) as caught:
        model(loss, units=units).fit(LABELS[0], y, verbose=0)
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize("call", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_warnings_show_the_line_of_the_user(call):
    network = Sequential([Dense(4)], seed=0)
    network.compile("adam", "sparse_categorical_crossentropy")
    with pytest.warns(UserWarning, match="the model ends in linear") as caught:
        getattr(network, call)(*LABELS)
    assert [warning.filename for warning in caught] == [__file__]


def fitted(**options):
    x, y = LABELS
    return lambda: model().fit(**{"x": x, "y": y, "verbose": 0} | options)


@pytest.mark.parametrize(("call", "error", "message"), [
    (fitted(sample_weight=WEIGHTS[:3]), ValueError, r"sample_weight must have a number for each row, .*\(40,\)"),
    (fitted(sample_weight=-WEIGHTS), ValueError, "sample_weight must be at least 0, but row 0 has -"),
    (fitted(sample_weight=WEIGHTS * np.nan), ValueError, "sample_weight must be finite in float64, but row 0"),
    (fitted(sample_weight=WEIGHTS, class_weight={0: 1}), ValueError, "sample_weight or class_weight, not both"),
    (fitted(class_weight=[1, 2]), TypeError, "class_weight must be a dictionary from class to weight"),
    (fitted(class_weight={4: 1}), ValueError, "class_weight must be for classes 0 to 3, got one for 4"),
    (fitted(class_weight={1: -1}), ValueError, "class_weight of 1 must be finite and at least 0, got -1"),
    (fitted(initial_epoch=-1), ValueError, "initial_epoch must be at least 0, got -1"),
    (fitted(steps_per_epoch=0), ValueError, "steps_per_epoch must be at least 1, got 0"),
    (fitted(validation_freq=0), ValueError, "validation_freq must be at least 1, got 0"),
    (fitted(validation_data=LABELS[:1]), TypeError, "must be a pair .x, y. or .x, y, sample_weight."),
    (fitted(validation_data=iter([LABELS[:1]])), TypeError, "validation_data must yield batches .x, y."),
    (fitted(validation_data=iter([(LABELS[0], LABELS[1] + 1)])), ValueError, "validation_data: y must hold labels"),
    (fitted(validation_steps=0), ValueError, "validation_steps must be at least 1, got 0"),
    (fitted(validation_batch_size=0.5), TypeError, "validation_batch_size must be an integer, got 0.5"),
    (lambda: model().evaluate(batches(), LABELS[1]), ValueError, "y must not be given where x yields batches"),
    (lambda: model().evaluate(batches(), batch_size=3), ValueError, "batch_size must not be given where x yields"),
    (lambda: model().evaluate(*LABELS, steps=0), ValueError, "steps must be at least 1, got 0"),
    (lambda: model().evaluate(iter([])), ValueError, "x is empty: it must yield at least one batch"),
    (lambda: model().predict(batches(), 3), ValueError, "batch_size must not be given where x yields batches"),
    (lambda: model().predict(iter([])), ValueError, "x is empty: it must yield at least one batch"),
    (lambda: model().predict(iter([4 * LABELS])), TypeError, "x must yield batches x, .x, y. .* got 8 of them"),
    (lambda: model().predict(iter([LABELS[0] * np.nan])), ValueError, "x must be finite in float64, but row 0"),
    (fitted(x=batches()), ValueError, "y must not be given where x yields batches"),
    (fitted(x=batches(), y=None, sample_weight=WEIGHTS), ValueError, "sample_weight must not be given where"),
    (fitted(x=batches(), y=None, validation_split=0.1), ValueError, "validation_split must be 0 where x yields"),
    (fitted(x=iter([LABELS[0]]), y=None), TypeError, "x must yield batches .x, y."),
    (fitted(x=iter([]), y=None), ValueError, "x is empty: it must yield at least one batch"),
    (fitted(x=iter([(LABELS[0], LABELS[1] + 1)]), y=None), ValueError, "y must hold labels from 0 to 3"),
    (lambda: model().compile("sgd", losses.Huber(reduction=None)), ValueError, "has no reduction"),
    (lambda: model().train_on_batch(*LABELS, [1]), ValueError, "sample_weight must have a number for each row"),
], ids=range(31))  # fmt: skip
def test_errors_say_what_came_and_what_is_allowed(call, error, message):
    with pytest.raises(error, match=message):
        call()
