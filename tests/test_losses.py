"""Losses and metrics: their values, also far out, fused and not, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from fastact._kernels.training import FusedLoss
from networks import CROSS_ENTROPIES, LOSSES, data

from fastact import losses
from fastact.reference import trainer

FUSED = {
    "mean_squared_error": "squared_loss",
    "mean_absolute_error": "absolute_loss",
    "huber": "huber_loss",
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
        expected, expected_gradient = trainer.mean_loss(loss, output.astype(dtype).astype(float), target)
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
@pytest.mark.parametrize("loss", CROSS_ENTROPIES)
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


@pytest.mark.parametrize("loss", CROSS_ENTROPIES)
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


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("loss", LOSSES)
def test_weights_of_rows_multiply_losses_and_gradients(loss, dtype):
    rng = np.random.default_rng(0)
    output = rng.uniform(0.05, 0.95, (20, 4)).astype(dtype)
    _, target = data(loss, 20)
    weights = rng.uniform(0, 2, 20).astype(dtype)
    target = losses.get(loss).target("y", target, 4, dtype)
    for logits in (True, False):
        gradients, values = [], []
        for given in (None, weights):
            gradient = np.empty_like(output)
            operation = losses.get(loss).bind(output, target, gradient, logits, given)
            value = operation()
            assert value == pytest.approx(operation.losses.mean(dtype=float), rel=1e-6)
            gradients.append(gradient)
            values.append(operation.losses.reshape(20, -1).mean(axis=1))
        np.testing.assert_allclose(values[1], weights * values[0], rtol=1e-5)
        np.testing.assert_allclose(gradients[1], weights[:, None] * gradients[0], rtol=1e-5)


@pytest.mark.parametrize("loss", LOSSES)
def test_reductions(loss):
    _, target = data(loss, 10)
    output = np.random.default_rng(1).uniform(0.1, 0.9, (10, 4))
    weights = np.arange(10.0)
    kind = type(losses.get(loss))
    rows = kind(reduction=None)(target, output)
    np.testing.assert_array_equal(rows, getattr(losses, loss)(target, output))
    np.testing.assert_allclose(kind(reduction="none")(target, output, weights), rows * weights)
    assert kind(reduction="sum")(target, output, weights) == pytest.approx(rows @ weights)
    assert kind()(target, output, weights) == pytest.approx(rows @ weights / 10)
    assert kind(reduction="mean_with_sample_weight")(target, output, weights) == pytest.approx(
        rows @ weights / weights.sum()
    )


@pytest.mark.parametrize("logits", [True, False])
@pytest.mark.parametrize(
    ("loss", "middle"), [("binary_crossentropy", 1 / 2), ("categorical_crossentropy", 1 / 4)]
)
def test_label_smoothing_moves_the_targets(loss, middle, logits):
    _, target = data(loss, 20)
    output = np.random.default_rng(1).uniform(0.1, 0.9, (20, 4))
    function = getattr(losses, loss)
    np.testing.assert_allclose(
        function(target, output, from_logits=logits, label_smoothing=0.3),
        function(0.7 * target + 0.3 * middle, output, from_logits=logits),
        rtol=1e-13,
    )


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "int8"])
@pytest.mark.parametrize("loss", LOSSES)
def test_targets_in_a_mapped_file(tmp_path, loss, dtype):
    output, target = data(loss, 5, 3, 3)
    output, target = np.abs(output).astype(np.float32), np.rint(target).astype(dtype)
    mapped = np.memmap(tmp_path / "y", dtype, "w+", shape=target.shape)
    mapped[...] = target
    function = getattr(losses, loss)
    np.testing.assert_array_equal(function(mapped, output), function(target, output))


def test_huber_joins_squares_and_absolute_values():
    error = np.array([[-3.0], [-0.5], [0.0], [0.5], [2.0]])
    zero = np.zeros_like(error)
    np.testing.assert_allclose(losses.huber(zero, error), [2.5, 0.125, 0, 0.125, 1.5])
    np.testing.assert_allclose(losses.huber(zero, error, delta=9), losses.mean_squared_error(zero, error) / 2)


@pytest.mark.parametrize("loss", LOSSES)
def test_configurations_go_round(loss):
    kind = type(losses.get(loss))
    options = {"reduction": "sum"}
    if loss in CROSS_ENTROPIES:
        options["from_logits"] = True
    given = kind(**options)
    assert kind.from_config(given.get_config()).get_config() == given.get_config()
    assert losses.get({"class_name": kind.__name__, "config": options}).get_config() == given.get_config()


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: losses.get("categorical"), ValueError, "the closest is 'categorical_crossentropy'"),
    (lambda: losses.get("foo"), ValueError, "unknown loss 'foo'; there are: "),
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
    (lambda: losses.Huber(0), ValueError, "Huber: delta must be finite and greater than 0, got 0"),
    (lambda: losses.BinaryCrossentropy(label_smoothing=2), ValueError, "label_smoothing must be from 0 to 1"),
    (lambda: losses.MeanSquaredError("average"), ValueError, "unknown MeanSquaredError: reduction 'average'"),
    (lambda: losses.MeanSquaredError(3), TypeError, "reduction must be a name or None"),
    (lambda: losses.Huber()([1, 2], [1.0, 2.0], [1, -1]), ValueError, "row 1 has -1"),
    (lambda: losses.Huber()([1, 2], [1.0, 2.0], [1]), ValueError, "sample_weight must have a number for each"),
], ids=range(19))  # fmt: skip
def test_errors_say_what_came_and_what_is_allowed(call, error, message):
    with pytest.raises(error, match=message):
        call()
