"""The fused losses on logits: values, gradients, targets, and what is refused."""

from __future__ import annotations

import doctest
import pickle

import numpy as np
import pytest
from conftest import every_float
from oracle import ulp_distance

import fastact as fa
from fastact.reference import activations as textbook

SHAPES = [((7, 10), -1), ((7, 10), 0), ((10,), 0), ((3, 40, 5), 1), ((2, 5000), -1), ((3000, 3), 0)]
every_shape = pytest.mark.parametrize(("shape", "axis"), SHAPES)
every_smoothing = pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
loss = fa.softmax_cross_entropy


def problem(shape, axis, dtype, kind):
    """Logits, a target of labels or probabilities, and a gradient for each row."""
    rng = np.random.default_rng(3)
    logits = (3 * rng.standard_normal(shape)).astype(dtype)
    outer = np.delete(shape, axis)
    target = rng.integers(0, shape[axis], outer)
    if kind == "probabilities":
        target = textbook.softmax(rng.standard_normal(shape), axis).astype(dtype)
    return logits, target, rng.standard_normal(outer).astype(dtype)


def wide(array):
    return array.astype(np.longdouble) if array.dtype.kind == "f" else array


@every_smoothing
@pytest.mark.parametrize("kind", ["labels", "probabilities"])
@every_shape
@every_float
def test_agrees_with_the_textbook(dtype, shape, axis, kind, smoothing):
    logits, target, dloss = problem(shape, axis, dtype, kind)
    eps = np.finfo(dtype).eps
    got = loss(logits, target, axis, smoothing)
    right = textbook.softmax_cross_entropy(wide(logits), wide(target), axis, np.longdouble(smoothing))
    assert got.dtype == dtype
    np.testing.assert_allclose(got.astype(np.longdouble), right, rtol=2 * eps, atol=eps)
    dx = loss.backward(dloss, logits, target, axis, smoothing)
    right = textbook.softmax_cross_entropy_backward(
        wide(dloss), wide(logits), wide(target), axis, np.longdouble(smoothing)
    )
    assert (dx.dtype, dx.shape) == (dtype, logits.shape)
    np.testing.assert_allclose(dx.astype(np.longdouble), right, rtol=2 * eps, atol=4 * eps)
    out = np.empty_like(logits)
    assert loss.backward(dloss, logits, target, axis, smoothing, out=out) is out
    np.testing.assert_array_equal(out, dx)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("distance", [20.0, 60.0])
def test_a_row_that_is_nearly_certain_keeps_its_relative_accuracy(distance, dtype):
    logits = np.array([[distance, 0, 0, 0]], dtype)
    rest = 3 * np.exp(-np.longdouble(distance))
    lost = rest / (1 + rest)
    for target in (np.array([0]), np.eye(1, 4, dtype=dtype)):
        np.testing.assert_allclose(loss(logits, target), [np.log1p(rest)], rtol=2 * np.finfo(dtype).eps)
        dx = loss.backward(1.0, logits, target)
        np.testing.assert_allclose(dx, [[-lost, *[lost / 3] * 3]], rtol=4 * np.finfo(dtype).eps)


def within_one_ulp(got, exact) -> bool:
    missing = np.isnan(exact)  # rows without anything but -inf
    return np.array_equal(np.isnan(got), missing) and ulp_distance(got, wide(exact))[~missing].max() <= 1


def logits_of(spread: str, rows: int, n: int, rng) -> np.ndarray:
    """float32 logits of rows of many kinds."""
    x = rng.standard_normal((rows, n))
    if spread == "wide":
        x *= 10.0 ** rng.integers(0, 5, (rows, 1))
    if spread == "half -inf":
        x[rng.random((rows, n)) < 0.5] = -np.inf
    if spread == "one winner":
        x[:, 3] += rng.uniform(0, 150, rows)
    if spread == "equal":
        x[:] = 1.7
    if spread == "far from 0":
        x += rng.choice([-1e5, 1e4, 1e38], (rows, 1))
    return x.astype(np.float32)


@pytest.mark.parametrize("n", [64, 65, 1000, 5000])
@pytest.mark.parametrize("spread", ["normal", "wide", "half -inf", "one winner", "equal", "far from 0"])
def test_float32_of_labels_is_within_one_ulp(spread, n):
    """Beside float64, whose sums are other ones: for any label, and gradients of any size."""
    rng = np.random.default_rng(n)
    rows = 200_000 // n
    logits = logits_of(spread, rows, n, rng)
    dloss = (rng.standard_normal(rows) * 10.0 ** rng.integers(-20, 20, rows)).astype(np.float32)
    for labels in (rng.integers(0, n, rows), logits.argmax(1), np.full(rows, 3)):
        for x in (logits, np.asfortranarray(logits)):
            double = x.astype(np.float64)
            assert within_one_ulp(loss(x, labels), loss(double, labels))
            exact = loss.backward(dloss.astype(np.float64), double, labels)
            assert within_one_ulp(loss.backward(dloss, x, labels), exact)


def test_long_rows_with_nan_or_infinity_are_those_of_float64():
    logits = logits_of("normal", 8, 100, np.random.default_rng(1))
    logits[0, 5], logits[1, 5], logits[2, 5] = np.nan, np.inf, -np.inf
    logits[3], logits[4, 1:] = -np.inf, -np.inf
    for labels in (np.full(8, 5), np.array([0, 1, 2, 3, 0, 5, 50, 99])):
        double = loss(logits.astype(np.float64), labels)
        np.testing.assert_allclose(loss(logits, labels), double, rtol=1e-6)
        double = loss.backward(1.0, logits.astype(np.float64), labels)
        np.testing.assert_allclose(loss.backward(1.0, logits, labels), double, rtol=1e-6)


def test_a_row_has_the_bits_it_has_alone():
    """Rows beside it, whose label is smoothed or whose gradient is huge or tiny, are computed otherwise."""
    logits, labels, dloss = problem((300, 100), -1, np.float32, "labels")
    dloss[::3], dloss[1::7], dloss[5::11] = 1e30, 1e-30, 0
    for rows in (slice(None), slice(1, 2), slice(0, 150)):
        for axis, x in ((-1, logits[rows]), (0, np.ascontiguousarray(logits[rows].T))):
            dx = loss.backward(dloss[rows], x, labels[rows], axis)
            for row in range(len(x) if axis else x.shape[1]):
                alone = loss.backward(
                    dloss[rows][row : row + 1], logits[rows][row : row + 1], labels[rows][row : row + 1]
                )
                np.testing.assert_array_equal(np.moveaxis(dx, axis, -1)[row], alone[0])


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("shape", [(10, 40), (40, 33), (700, 65), (5000, 3)])
@every_float
def test_the_bits_do_not_depend_on_how_rows_lie(dtype, shape, smoothing):
    logits, labels, dloss = problem(shape, 0, dtype, "labels")
    labels[::3] = -7
    across = np.ascontiguousarray(logits.T)
    right = loss(across, labels, -1, smoothing, ignore_index=-7)
    np.testing.assert_array_equal(loss(logits, labels, 0, smoothing, ignore_index=-7), right)
    right = loss.backward(dloss, across, labels, -1, smoothing, ignore_index=-7)
    np.testing.assert_array_equal(
        loss.backward(dloss, logits, labels, 0, smoothing, ignore_index=-7), right.T
    )


def test_a_label_is_the_same_as_its_probabilities():
    logits, labels, dloss = problem((50, 8), -1, np.float64, "labels")
    target = np.eye(8)[labels]
    for smoothing in (0.0, 0.2):
        of_labels = loss(logits, labels, label_smoothing=smoothing)
        np.testing.assert_allclose(of_labels, loss(logits, target, label_smoothing=smoothing), rtol=1e-14)
        dx = loss.backward(dloss, logits, labels, label_smoothing=smoothing)
        right = loss.backward(dloss, logits, target, label_smoothing=smoothing)
        np.testing.assert_allclose(dx, right, rtol=1e-13, atol=1e-16)


def test_backward_is_the_gradient():
    h = 1e-6
    for kind in ("labels", "probabilities"):
        logits, target, dloss = problem((9,), 0, np.float64, kind)
        steps = h * np.eye(9)
        each = np.broadcast_to(target, (9, *np.shape(target)))
        quotient = (
            dloss * (loss(logits + steps, each, -1, 0.1) - loss(logits - steps, each, -1, 0.1)) / (2 * h)
        )
        np.testing.assert_allclose(
            loss.backward(dloss, logits, target, -1, 0.1), quotient, rtol=1e-7, atol=1e-9
        )


@pytest.mark.parametrize("ignored", [-100, 3])
def test_rows_with_the_ignored_label_have_neither_loss_nor_gradient(ignored):
    logits, labels, dloss = problem((20, 5), -1, np.float32, "labels")
    labels[::3] = ignored
    kept = labels != ignored
    logits[0] = np.nan
    values = loss(logits, labels, ignore_index=ignored)
    dx = loss.backward(dloss, logits, labels, ignore_index=ignored)
    assert (values[~kept] == 0).all()
    assert (dx[~kept] == 0).all()
    np.testing.assert_array_equal(values[kept], loss(logits[kept], labels[kept]))
    np.testing.assert_array_equal(dx[kept], loss.backward(dloss[kept], logits[kept], labels[kept]))


def test_a_number_for_all_rows_does_not_widen():
    logits, labels, _ = problem((6, 5), -1, np.float16, "labels")
    for dtype, result in ((np.float16, np.float16), (np.float32, np.float32), (np.int8, np.float32)):
        x = logits.astype(dtype)
        dx = loss.backward(0.5, x, labels)
        assert dx.dtype == result
        np.testing.assert_array_equal(dx, loss.backward(np.full(6, 0.5, result), x.astype(result), labels))


@pytest.mark.parametrize("special", [np.nan, np.inf])
def test_nan_and_infinity_make_their_row_nan(special):
    logits = np.array([[1, special, 0], [1, 2, -np.inf]], np.float32)
    with np.errstate(all="raise"):
        values = loss(logits, [0, 1])
        assert np.isnan(values[0])
        np.testing.assert_allclose(values[1], np.log1p(np.exp(-1)), rtol=1e-7)
        assert loss(logits[1:], [2]) == np.inf
        assert np.isnan(loss.backward(1.0, logits, [0, 1])[0]).all()
        assert np.isnan(loss(np.full((1, 3), -np.inf), [0])).all()
        assert loss(np.empty((0, 3)), np.empty(0, int)).shape == (0,)


@every_float
@pytest.mark.parametrize("target", [[1], [[0.0, 1, 0]]])
def test_an_impossible_class_costs_infinitely_much_where_smoothing_asks_for_it(target, dtype):
    logits = np.array([[-np.inf, 1, 2]], dtype)
    assert loss(logits, target, label_smoothing=0.1) == np.inf
    np.testing.assert_allclose(loss(logits, target), np.log(1 + np.e), rtol=1e-3)


@every_float
@pytest.mark.parametrize("target", [[0], [[1.0, 0, 0]]])
def test_an_infinite_dloss_gives_infinite_gradients(target, dtype):
    """float16 comes to it by a scaled loss."""
    dloss = np.array([np.inf], dtype)
    assert loss.backward(dloss, np.array([[0, 1, 2]], dtype), target).tolist() == [[-np.inf, np.inf, np.inf]]


@pytest.mark.parametrize("function", [loss, lambda *args, **keywords: loss.backward(1.0, *args, **keywords)])
def test_what_is_refused(function):
    logits = np.zeros((3, 4))
    for label in (4, -1, 1_000_000):
        with pytest.raises(ValueError, match=rf"target must be from 0 to 3, got {label} in row 1"):
            function(logits, [0, label, 1])
    with pytest.raises(ValueError, match=r"got 9 in row \(1, 0\)"):
        function(np.zeros((2, 4, 3)), [[0, 1, 2], [9, 0, 0]], axis=1)
    with pytest.raises(ValueError, match="target must have the shape of logits without axis"):
        function(logits, [0, 1])
    with pytest.raises(ValueError, match="target must have the shape of logits"):
        function(logits, np.zeros((3, 5)))
    with pytest.raises(ValueError, match=r"got \(3,\); labels of classes are integers"):
        function(logits, np.zeros(3))
    with pytest.raises(ValueError, match="label_smoothing must be between 0 and 1"):
        function(logits, [0, 1, 2], label_smoothing=1.5)
    with pytest.raises(ValueError, match="ignore_index must be None for probabilities"):
        function(logits, logits, ignore_index=0)
    with pytest.raises(TypeError, match="target must be integers or floats"):
        function(logits, np.array(["a", "b", "c"]))
    with pytest.raises(ValueError, match="axis"):
        function(logits, [0, 1, 2], axis=2)


@pytest.mark.parametrize("function", [loss, lambda *args, **keywords: loss.backward(1.0, *args, **keywords)])
def test_options_that_are_refused(function):
    logits = np.zeros((3, 4))
    for wrong in (1.5, "a", 2**70, [0]):
        with pytest.raises(ValueError, match="ignore_index must be None or an integer of at most 64 bits"):
            function(logits, [0, 1, 2], ignore_index=wrong)
    for wrong in ("a", None, np.full(3, 0.1), np.nan, -0.5):
        with pytest.raises(ValueError, match="label_smoothing must be between 0 and 1, got"):
            function(logits, [0, 1, 2], label_smoothing=wrong)
    for wrong in (None, (1,), 1.0):
        with pytest.raises(TypeError, match="axis must be an integer, got"):
            function(logits, [0, 1, 2], axis=wrong)
    with pytest.raises(
        ValueError, match=r"logits must have at least one class along axis, got shape \(3, 0\)"
    ):
        function(logits[:, :0], [0, 1, 2])
    assert function(logits[:0, :0], np.zeros(0, int)).size == 0


@pytest.mark.parametrize("function", [loss, lambda *args: loss.backward(1.0, *args)])
def test_no_label_is_ignored_unless_the_caller_says_so(function):
    """NaN as an integer is the smallest that there is."""
    smallest = np.iinfo(np.int64).min
    for labels in (np.array([smallest, 1]), np.array([0, smallest])[::-1]):
        with pytest.raises(ValueError, match=rf"target must be from 0 to 2, got {smallest} in row 0"):
            function(np.zeros((2, 3), np.float32), labels)


def test_a_gradient_of_another_shape_than_the_losses_is_refused():
    for shape in ((2, 1), (2, 3), (3,), (1, 2)):
        with pytest.raises(ValueError, match=r"dloss must have the shape of the result, \(2,\), got"):
            loss.backward(np.ones(shape), np.ones((2, 3)), [0, 1])
    right = loss.backward(np.ones(2), np.ones((2, 3)), [0, 1])
    np.testing.assert_array_equal(loss.backward(np.ones(1), np.ones((2, 3)), [0, 1]), right)


# -- sigmoid ------------------------------------------------------------------------------------


@every_float
def test_sigmoid_agrees_with_the_textbook(dtype):
    rng = np.random.default_rng(0)
    x = (10 * rng.standard_normal(5000)).astype(dtype)
    t = np.concatenate([rng.random(4000), np.zeros(500), np.ones(500)]).astype(dtype)
    dloss = rng.standard_normal(5000).astype(dtype)
    eps = np.finfo(dtype).eps
    got = fa.sigmoid_cross_entropy(x, t)
    right = textbook.sigmoid_cross_entropy(wide(x), wide(t))
    assert got.dtype == dtype
    np.testing.assert_allclose(
        got.astype(np.longdouble), right, rtol=2 * eps, atol=1e-18 + 1e-7 * (dtype == np.float16)
    )
    dx = fa.sigmoid_cross_entropy.backward(dloss, x, t)
    right = textbook.sigmoid_cross_entropy_backward(wide(dloss), wide(x), wide(t))
    np.testing.assert_allclose(dx.astype(np.longdouble), right, rtol=2 * eps, atol=2 * eps)


@every_float
def test_sigmoid_of_special_values(dtype):
    inf = np.inf
    x = np.array([inf, -inf, inf, -inf, np.nan], dtype)
    t = np.array([1, 0, 0, 1, 1], dtype)
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(
            fa.sigmoid_cross_entropy(x[2:], t[2:]), np.array([inf, inf, np.nan], dtype)
        )
        np.testing.assert_array_equal(
            fa.sigmoid_cross_entropy.backward(dtype(1), x, t), np.array([0, 0, 1, -1, np.nan], dtype)
        )


# -- as objects ---------------------------------------------------------------------------------

EVERY = [loss, loss.backward, fa.sigmoid_cross_entropy, fa.sigmoid_cross_entropy.backward]


@pytest.mark.parametrize("function", EVERY, ids=lambda function: function.__qualname__)
def test_docstrings_run_and_pickles_come_back(function):
    test = doctest.DocTestParser().get_doctest(function.__doc__, {}, function.__qualname__, None, 0)
    assert test.examples
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0
    assert pickle.loads(pickle.dumps(function)) is function
