"""Callbacks: when they are called, and that each does what it is for."""

from __future__ import annotations

import csv
import pickle

import numpy as np
import pytest
from networks import data, model

from fastact import callbacks
from fastact.callbacks import (
    Callback,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
    TerminateOnNaN,
)
from fastact.optimizers import SGD
from fastact.optimizers.schedules import ExponentialDecay

LABELS = data("sparse_categorical_crossentropy")


class Values(Callback):
    """Puts given values into the logs of the epochs, in place of a training that happens to have them."""

    def __init__(self, values, name="val_loss"):
        self.values, self.name = values, name

    def on_epoch_end(self, epoch, logs=None):
        logs[self.name] = self.values[epoch]


def fit(*used, epochs=None, **options):
    """Train with callbacks, the first of which may be `Values` for as many epochs."""
    network = model()
    epochs = epochs or len(used[0].values)
    return network, network.fit(*LABELS, epochs=epochs, verbose=0, callbacks=list(used), **options)


def test_events_come_in_order():
    calls = []

    class Recorder(Callback):
        pass

    def recorder(event):
        return lambda self, *arguments: calls.append((event, *arguments[:-1], sorted(arguments[-1] or ())))

    for event in callbacks.base.EVENTS:
        setattr(Recorder, event, recorder(event))
    network = model()
    network.fit(*LABELS, batch_size=20, callbacks=[Recorder()], validation_data=LABELS, verbose=0)
    assert calls == [
        ("on_train_begin", []),
        ("on_epoch_begin", 0, []),
        ("on_train_batch_begin", 0, []),
        ("on_train_batch_end", 0, ["loss"]),
        ("on_train_batch_begin", 1, []),
        ("on_train_batch_end", 1, ["loss"]),
        ("on_test_begin", []),
        ("on_test_end", ["loss"]),
        ("on_epoch_end", 0, ["loss", "val_loss"]),
        ("on_train_end", []),
    ]


def test_callbacks_know_model_and_parameters():
    callback = Callback()
    network = model()
    network.fit(*LABELS, batch_size=16, epochs=2, verbose=0, callbacks=callback)
    assert callback.model is network
    assert callback.params == {"epochs": 2, "steps": 3, "verbose": 0}


def test_lambda_callback_calls_what_it_is_given():
    seen = []
    fit(
        LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append((epoch, logs["loss"]))),
        LambdaCallback(on_test_begin=lambda logs: seen.append("test")),
        epochs=2,
        validation_data=LABELS,
    )
    assert [entry if entry == "test" else entry[0] for entry in seen] == ["test", 0, "test", 1]


def test_history_is_a_table():
    pandas = pytest.importorskip("pandas", reason="makes the table")
    _, history = fit(Values([3.0, 2.0]))
    for table in (pandas.DataFrame(history), pandas.DataFrame(history.history)):
        assert list(table["val_loss"]) == [3.0, 2.0]
        assert list(table["loss"]) == history.history["loss"]
    assert pickle.loads(pickle.dumps(history)).history == history.history


# -- early stopping -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "options", "epochs"),
    [
        ([3, 2, 2.5, 1, 0], {}, 3),
        ([3, 2, 2.5, 2.4, 2.3, 1], {"patience": 2}, 4),
        ([3, 2.9, 2.85, 2.5], {"min_delta": 0.2}, 2),
        ([3, 4, 3.5, 5], {"mode": "max"}, 3),
        ([3, 4, 2, 1], {"start_from_epoch": 2}, 4),
        ([3, 2, 1, 0.5], {"baseline": 0.1, "patience": 2}, 4),
        ([3, np.nan, np.nan], {}, 2),
    ],
)
def test_early_stopping_stops(values, options, epochs):
    _, history = fit(Values(values), EarlyStopping(**options))
    assert len(history.epoch) == epochs


@pytest.mark.parametrize(("values", "best"), [([3, 1, 2, 2, 5], 1), ([3, 2, 1], 2), ([3, 1, 2], 1)])
def test_the_best_weights_are_restored_also_when_the_epochs_run_out(values, best):
    weights = []
    keep = LambdaCallback(on_epoch_end=lambda epoch, logs: weights.append(network.get_weights()))
    network = model()
    stop = EarlyStopping(patience=2, restore_best_weights=True)
    network.fit(*LABELS, epochs=len(values), verbose=0, callbacks=[Values(values), keep, stop])
    assert stop.best_epoch == best
    for weight, expected in zip(network.get_weights(), weights[best], strict=True):
        np.testing.assert_array_equal(weight, expected)
    network.fit(*LABELS, verbose=0)


@pytest.mark.parametrize("name", ["val_accuracy", "auc", "precision", "val_recall", "acc"])
def test_more_of_an_accuracy_is_better(name):
    _, history = fit(Values([0.1, 0.2, 0.3], name), EarlyStopping(name))
    assert len(history.epoch) == 3


def test_a_monitored_value_that_is_not_there_is_a_warning():
    with pytest.warns(UserWarning, match="there is no 'val_loss' to monitor, but loss") as caught:
        fit(EarlyStopping(), epochs=1)
    assert [warning.filename for warning in caught] == [__file__]


# -- learning rates ---------------------------------------------------------------------------------


def test_scheduler_sets_the_rate():
    network, history = fit(LearningRateScheduler(lambda epoch, rate: rate / (epoch + 1)), epochs=3)
    np.testing.assert_allclose(history.history["learning_rate"], [1e-3, 5e-4, 5e-4 / 3])
    assert network.optimizer.learning_rate == history.history["learning_rate"][-1]
    _, history = fit(LearningRateScheduler(lambda epoch: 0.5**epoch), epochs=3)
    assert history.history["learning_rate"] == [1, 0.5, 0.25]


def test_plateau_reduces_the_rate():
    used = ReduceLROnPlateau(factor=0.5, patience=2, cooldown=1, min_lr=3e-4)
    _, history = fit(Values([5, 4, 4, 4, 4, 4, 4, 4, 4]), used)
    np.testing.assert_allclose(
        history.history["learning_rate"], [1e-3] * 4 + [5e-4] * 2 + [3e-4] * 3, rtol=1e-12
    )


@pytest.mark.parametrize("used", [LearningRateScheduler(lambda epoch, rate: 0.1)])
def test_a_schedule_is_not_overruled(used):
    network = model(optimizer=SGD(ExponentialDecay(0.1, 10, 0.5)))
    with pytest.raises(TypeError, match=r"learning_rate follows ExponentialDecay.* it cannot be set"):
        network.fit(*LABELS, verbose=0, callbacks=[used])


# -- events -----------------------------------------------------------------------------------------


def test_logs_are_a_dictionary_from_the_start():
    seen = []
    begins = ("on_train_begin", "on_epoch_begin", "on_train_batch_begin", "on_test_begin")
    fit(LambdaCallback(**{event: lambda *given: seen.append(given[-1]) for event in begins}), epochs=1)
    assert seen
    assert all(logs == {} for logs in seen)


def test_a_method_for_an_event_that_there_is_not_is_a_warning():
    class Old(Callback):
        def on_batch_end(self, batch, logs=None):
            raise AssertionError

    with pytest.warns(
        UserWarning, match="Old.on_batch_end is never called: the events are on_train_begin"
    ) as caught:
        fit(Old(), epochs=1)
    assert [warning.filename for warning in caught] == [__file__]


# -- files ------------------------------------------------------------------------------------------


def test_csv_logger_does_not_go_on_with_another_separator(tmp_path):
    path = tmp_path / "log.csv"
    fit(Values([3.0, 2.0]), CSVLogger(path))
    before = path.read_text()
    with pytest.raises(ValueError, match=r"log.csv has no column 'epoch' between separators ';'"):
        fit(Values([1.0]), CSVLogger(path, separator=";", append=True))
    assert path.read_text() == before


def test_csv_logger_writes_each_epoch(tmp_path):
    path = tmp_path / "log.csv"
    _, history = fit(Values([3.0, 2.0]), CSVLogger(path))
    _, more = fit(Values([1.0]), CSVLogger(path, append=True))
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["val_loss"] for row in rows] == ["3.0", "2.0", "1.0"]
    assert [float(row["loss"]) for row in rows] == history.history["loss"] + more.history["loss"]
    fit(Values([1.0]), CSVLogger(path, separator=";"))
    assert path.read_text().startswith("epoch;loss;val_loss\n0;")


@pytest.mark.parametrize("method", ["save", "save_weights"])
@pytest.mark.parametrize(
    ("options", "paths"),
    [
        ({}, ["m-01-3.0", "m-02-1.0", "m-03-2.0"]),
        ({"save_best_only": True}, ["m-01-3.0", "m-02-1.0"]),
        ({"save_best_only": True, "initial_value_threshold": 2.5}, ["m-02-1.0"]),
        ({"save_best_only": True, "mode": "max"}, ["m-01-3.0"]),
    ],
)
def test_checkpoints_are_saved(monkeypatch, method, options, paths):
    saved = []
    network = model()
    monkeypatch.setattr(network, method, saved.append, raising=False)
    used = ModelCheckpoint("m-{epoch:02d}-{val_loss}", save_weights_only=method != "save", **options)
    network.fit(*LABELS, epochs=3, verbose=0, callbacks=[Values([3.0, 1.0, 2.0]), used])
    assert saved == paths


def test_checkpoints_after_some_batches(monkeypatch):
    saved = []
    network = model()
    monkeypatch.setattr(network, "save", saved.append, raising=False)
    used = ModelCheckpoint("m-{epoch}-{batch}", save_freq=2)
    network.fit(*LABELS, batch_size=8, epochs=2, verbose=0, callbacks=[used])
    assert saved == ["m-1-2", "m-1-4", "m-2-1", "m-2-3", "m-2-5"]


# -- divergence -------------------------------------------------------------------------------------


def test_terminate_on_nan_reports_once_and_ends(capsys):
    network = model("mean_squared_error", hidden="linear", optimizer=SGD(1e6), dtype="float32")
    x, y = data("mean_squared_error")
    history = network.fit(x, y, epochs=100, verbose=0, callbacks=[TerminateOnNaN()])
    assert capsys.readouterr().out.count("training ends") == 1
    assert not np.isfinite(history.history["loss"][-1])
    assert 1 < len(history.epoch) < 100


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: fit(3, epochs=1), TypeError, "callbacks must be a list of objects of fastact.callbacks"),
    (lambda: EarlyStopping(patience=-1), ValueError, "EarlyStopping: patience must be at least 0, got -1"),
    (lambda: EarlyStopping(mode="up"), ValueError, "EarlyStopping: mode must be 'auto', 'min' or 'max'"),
    (lambda: EarlyStopping(monitor=3), TypeError, "EarlyStopping: monitor must be a name"),
    (lambda: ReduceLROnPlateau(factor=1), ValueError, "ReduceLROnPlateau: factor must be at least 0 and less"),
    (lambda: LearningRateScheduler(0.1), TypeError, "schedule must be callable, got 0.1"),
    (lambda: LambdaCallback(on_epoch_ends=print), TypeError, "there is no event 'on_epoch_ends'"),
    (lambda: LambdaCallback(on_epoch_end=3), TypeError, "on_epoch_end must be callable, got 3"),
    (lambda: ModelCheckpoint("m", save_freq=0), ValueError, "save_freq, if not 'epoch', must be at least 1"),
    (lambda: fit(ModelCheckpoint("{val_acc}"), epochs=1), ValueError, "asks for 'val_acc', but there are: epoch"),
    (lambda: ModelCheckpoint(3), TypeError, "ModelCheckpoint: filepath must be a string or a path, got 3"),
    (lambda: CSVLogger(3), TypeError, "CSVLogger: filename must be a string or a path, got 3"),
], ids=range(12))  # fmt: skip
def test_errors_say_what_came_and_what_is_allowed(call, error, message):
    with pytest.raises(error, match=message):
        call()
