"""Metrics: their values against definitions and scikit-learn's, states, weights, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from networks import data, model

from fastact import metrics
from fastact._configurable import serialized
from fastact.layers import Dense
from fastact.losses import BinaryCrossentropy
from fastact.metrics import METRICS
from fastact.models import Sequential
from fastact.optimizers import SGD

RNG = np.random.default_rng(0)
TARGETS = RNG.integers(0, 2, (60, 1))
OUTPUTS = np.round(RNG.uniform(0, 1, (60, 1)), 1)  # with ties, also at 0.5
WEIGHTS = RNG.uniform(0, 2, 60)
BINARY = ["binary_accuracy", "mean_squared_error", "mean_absolute_error", "precision", "recall", "auc"]


def by_definition(name: str, y, p, w) -> float:
    """The value as a textbook defines it, by loops or pairs."""
    y, p = y.ravel(), p.ravel()
    if name == "binary_accuracy":
        return w[(p >= 0.5) == y].sum() / w.sum()
    if name.startswith("mean"):
        return w @ np.abs(p - y) ** (1 if "absolute" in name else 2) / w.sum()
    found = w[(p >= 0.5) & (y == 1)].sum()
    if name == "precision":
        return found / w[p >= 0.5].sum()
    if name == "recall":
        return found / w[y == 1].sum()
    pairs = w[y == 1][:, None] * w[y == 0]
    larger = p[y == 1][:, None] > p[y == 0]
    equal = p[y == 1][:, None] == p[y == 0]
    return (pairs * (larger + equal / 2)).sum() / pairs.sum()


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("name", BINARY)
def test_values_of_binary_metrics_in_batches(name, weights):
    metric = METRICS[name]()
    for rows in (slice(0, 7), slice(7, 50), slice(50, 60)):
        metric.update_state(TARGETS[rows], OUTPUTS[rows], None if weights is None else weights[rows])
    w = np.ones(60) if weights is None else weights
    assert metric.result() == pytest.approx(by_definition(name, TARGETS, OUTPUTS, w), rel=1e-13)
    metric.reset_state()
    assert metric(TARGETS[:9], OUTPUTS[:9]) == pytest.approx(
        by_definition(name, TARGETS[:9], OUTPUTS[:9], np.ones(9))
    )


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_decisions_agree_with_scikit_learn(weights):
    theirs = pytest.importorskip("sklearn.metrics", reason="an oracle")
    y, p = TARGETS.ravel(), OUTPUTS.ravel()
    expected = {
        "precision": theirs.precision_score(y, p >= 0.5, sample_weight=weights),
        "recall": theirs.recall_score(y, p >= 0.5, sample_weight=weights),
        "auc": theirs.roc_auc_score(y, p, sample_weight=weights),
    }
    for name, value in expected.items():
        assert METRICS[name]()(TARGETS, OUTPUTS, weights) == pytest.approx(value, rel=1e-12)


def test_categorical_accuracies():
    labels = RNG.integers(0, 4, 30)
    outputs = RNG.uniform(0, 1, (30, 4))
    right = outputs.argmax(axis=1) == labels
    assert metrics.SparseCategoricalAccuracy()(labels, outputs) == pytest.approx(right.mean())
    assert metrics.CategoricalAccuracy()(np.eye(4)[labels], outputs) == pytest.approx(right.mean())
    weighted = metrics.SparseCategoricalAccuracy()(labels, outputs, WEIGHTS[:30])
    assert weighted == pytest.approx(WEIGHTS[:30][right].sum() / WEIGHTS[:30].sum())


@pytest.mark.parametrize("kind", [metrics.BinaryAccuracy, metrics.Precision, metrics.Recall])
def test_a_tie_at_the_threshold_is_class_1(kind):
    argument = "threshold" if kind is metrics.BinaryAccuracy else "thresholds"
    metric = kind(**{argument: 0.25})
    assert metric([[1], [1]], [[0.25], [0.3]]) == 1
    assert kind(**{argument: 0.25})([[1], [0]], [[0.24], [0.2]]) == (0.5 if argument == "threshold" else 0)


def test_auc_of_a_single_class_is_not_a_number():
    assert np.isnan(metrics.AUC()([[1], [1]], [[0.1], [0.9]]))
    assert np.isnan(metrics.AUC().result())


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("from_logits", [False, True])
def test_metrics_in_a_model(name, from_logits):
    x, y = data("binary_crossentropy", units=1)
    network = Sequential([Dense(1, None if from_logits else "sigmoid")], seed=0, dtype="float64")
    network.compile(SGD(0), BinaryCrossentropy(from_logits), [name])
    outputs = network.predict(x, verbose=0)
    at = outputs + 0.5 if from_logits and name in ("binary_accuracy", "precision", "recall") else outputs
    expected = by_definition(name, y, at, np.ones(len(y)))
    logs = network.fit(x, y, batch_size=16, validation_data=(x, y), verbose=0).history
    assert logs[name][0] == pytest.approx(expected)
    assert logs[f"val_{name}"][0] == pytest.approx(expected)
    assert network.evaluate(x, y, verbose=0, return_dict=True)[name] == pytest.approx(expected)


def test_get_takes_what_those_of_losses_and_optimizers_take():
    given = metrics.AUC()
    assert metrics.get(given) is given
    for spelling in (
        "mse",
        "MeanSquaredError",
        metrics.mean_squared_error,
        serialized(metrics.MeanSquaredError()),
    ):
        assert type(metrics.get(spelling)) is metrics.MeanSquaredError
    assert metrics.get(serialized(metrics.Precision(0.25))).thresholds == 0.25


@pytest.mark.parametrize("name", [name for name, kind in METRICS.items() if kind])
def test_configurations_go_round(name):
    given = METRICS[name](name="mine")
    assert type(given).from_config(given.get_config()).get_config() == given.get_config()


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: metrics.Precision("half"), TypeError, "Precision: thresholds must be a number"),
    (lambda: metrics.BinaryAccuracy(threshold=np.nan), ValueError, "BinaryAccuracy: threshold must be finite"),
    (lambda: metrics.AUC(name=3), TypeError, "AUC: name must be a string"),
    (lambda: metrics.Recall()([1, 0], [0.5, 0.5], [1, -1]), ValueError, "sample_weight must be at least 0"),
    (lambda: model(metrics=["auc"]).fit(*data("sparse_categorical_crossentropy")), ValueError, "'auc' needs"),
    (lambda: metrics.get("auk"), ValueError, "unknown metric 'auk'; the closest is 'auc'"),
    (lambda: metrics.get(3), TypeError, "metric must be a name or an object of fastact.metrics, got 3"),
    (lambda: metrics.get("acc"), ValueError, "metric 'acc' depends on the loss of a model: say binary_accuracy,"),
    (lambda: metrics.get("accuracy"), ValueError, "metric 'accuracy' depends on the loss"),
], ids=range(9))  # fmt: skip
def test_errors_say_what_came_and_what_is_allowed(call, error, message):
    with pytest.raises(error, match=message):
        call()
