"""Losses and metrics: their values, also far out, fused and not, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from fastact._kernels.training import FusedLoss
from networks import LOSSES, data

from fastact import losses, metrics
from fastact.reference import trainer

FUSED = {
    "mean_squared_error": "squared_loss",
    "binary_crossentropy": "sigmoid_loss",
    "categorical_crossentropy": "softmax_loss_of_probabilities",
    "sparse_categorical_crossentropy": "softmax_loss_of_labels",
}


def fused(loss: str, output, target):
    """Mean loss, gradient and number correct, by the kernel."""
    dtype = np.int64 if loss.startswith("sparse") else output.dtype
    gradient = np.empty_like(output)
    operation = FusedLoss(FUSED[loss], output, np.ascontiguousarray(target, dtype), gradient)
    return operation(), gradient, operation.correct


@pytest.mark.parametrize("units", [1, 2, 7, 16, 33, 1000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("loss", LOSSES)
def test_fused_losses_agree_with_the_textbook(loss, dtype, units):
    rng = np.random.default_rng(units)
    for rows in (1, 2, 5, 32, 67):
        output = 3 * rng.standard_normal((rows, units))
        _, target = data(loss, rows, 1, units)
        value, gradient, _ = fused(loss, output.astype(dtype), target)
        expected, expected_gradient = trainer.LOSSES[loss](output.astype(dtype).astype(float), target)
        eps = float(np.finfo(dtype).eps)
        assert value == pytest.approx(expected, rel=32 * eps, abs=8 * eps)
        np.testing.assert_allclose(gradient, expected_gradient, rtol=32 * eps, atol=4 * eps / rows)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nearly_certain_rows_keep_their_relative_accuracy(dtype):
    gap = 60.0
    rest = 2 * np.exp(-gap)
    output = np.array([[gap, 0, 0]], dtype)
    for loss, target in (("sparse_categorical_crossentropy", [0]), ("categorical_crossentropy", [[1, 0, 0]])):
        value, gradient, correct = fused(loss, output, np.array(target))
        assert correct == 1
        assert value == pytest.approx(rest, rel=1e-6)
        np.testing.assert_allclose(gradient, [[-rest, rest / 2, rest / 2]], rtol=1e-6)
    value, gradient, _ = fused("binary_crossentropy", output[:, :1].copy(), np.array([[1]]))
    assert value == pytest.approx(np.exp(-gap), rel=1e-6)
    assert gradient[0, 0] == pytest.approx(-np.exp(-gap), rel=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("loss", LOSSES[1:])
def test_huge_logits_neither_overflow_nor_warn(loss, dtype):
    output = np.array([[1e4, -1e4], [-1e4, 1e4]], dtype)
    _, target = data(loss, 2, 1, 2)
    with np.errstate(all="raise"):
        value, gradient, _ = fused(loss, output, target)
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("loss", LOSSES)
def test_nan_and_infinity_reach_the_loss(loss, place, bad):
    output = np.zeros((2, 3))
    output[1, place] = bad
    _, target = data(loss, 2, 1, 3, seed=1)
    value, _, _ = fused(loss, output, np.zeros_like(target))
    assert not np.isfinite(value) or (loss == "categorical_crossentropy" and value == 0)


@pytest.mark.parametrize("loss", LOSSES[1:])
def test_correct_predictions_are_counted(loss):
    rng = np.random.default_rng(0)
    output = rng.standard_normal((50, 3))
    _, target = data(loss, 50, 1, 3)
    count = fused(loss, output, target)[2]
    if loss == "binary_crossentropy":
        assert count == np.count_nonzero((output >= 0) == target)
    else:
        labels = target if target.ndim == 1 else target.argmax(axis=1)
        assert count == np.count_nonzero(output.argmax(axis=1) == labels)


@pytest.mark.parametrize("loss", LOSSES)
def test_function_class_and_name_are_one(loss):
    _, target = data(loss, 10)
    output = np.random.default_rng(1).uniform(0.1, 0.9, (10, 4))
    rows = getattr(losses, loss)(target, output)
    assert rows.shape == (10,)
    assert losses.get(loss)(target, output) == pytest.approx(rows.mean(), rel=1e-14)
    assert isinstance(losses.get(getattr(losses, loss)), type(losses.get(loss)))


def test_probabilities_and_logits_agree():
    rng = np.random.default_rng(0)
    logits = rng.standard_normal((20, 4))
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = rng.integers(0, 4, 20)
    np.testing.assert_allclose(
        losses.sparse_categorical_crossentropy(labels, p),
        losses.sparse_categorical_crossentropy(labels, logits, from_logits=True),
        rtol=1e-13,
    )
    targets = rng.integers(0, 2, (20, 4))
    np.testing.assert_allclose(
        losses.binary_crossentropy(targets, 1 / (1 + np.exp(-logits))),
        losses.binary_crossentropy(targets, logits, from_logits=True),
        rtol=1e-13,
    )


def test_values_written_out():
    assert losses.mean_squared_error([[0, 0]], [[1.0, 3.0]]) == [5.0]
    np.testing.assert_allclose(
        losses.categorical_crossentropy([[0, 1, 0]], [[0.05, 0.95, 0]]), [0.05129329], rtol=1e-6
    )
    np.testing.assert_allclose(losses.binary_crossentropy([[0, 1]], [[0.6, 0.4]]), [0.91629073], rtol=1e-6)


def test_accuracy_counts_a_tie_as_class_1():
    assert metrics.BinaryAccuracy()([[1], [0]], [[0.5], [0.5]]) == 0.5


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: losses.get("categorical"), ValueError, "the closest is 'categorical_crossentropy'"),
    (lambda: losses.get(3), TypeError, "loss must be a name"),
    (lambda: losses.get(np.sin), TypeError, "loss must be a name"),
    (lambda: losses.BinaryCrossentropy("yes"), TypeError, "from_logits must be True or False"),
    (lambda: losses.sparse_categorical_crossentropy([0, 3], np.ones((2, 3))), ValueError, "row 1 has 3"),
    (lambda: losses.sparse_categorical_crossentropy([0, -1], np.ones((2, 3))), ValueError, "row 1 has -1"),
    (lambda: losses.sparse_categorical_crossentropy([0.5, 0], np.ones((2, 3))), ValueError, "row 0 has 0.5"),
    (lambda: losses.sparse_categorical_crossentropy([0], np.ones((2, 3))), ValueError, "got 1 and 2"),
    (lambda: losses.binary_crossentropy([0, 2], [0.5, 0.5]), ValueError, "from 0 to 1, but row 1 has 2"),
    (lambda: losses.categorical_crossentropy([0, 2], np.ones((2, 3))), ValueError, "sparse_categorical"),
    (lambda: losses.mean_squared_error([[0, np.nan]], [[1.0, 3.0]]), ValueError, "row 0"),
    (lambda: losses.mean_squared_error(["a"], [1.0]), TypeError, "y_true must hold real numbers"),
], ids=range(12))  # fmt: skip
def test_errors_say_what_came_and_what_is_allowed(call, error, message):
    with pytest.raises(error, match=message):
        call()
