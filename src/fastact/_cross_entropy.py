"""Losses on logits that take softmax or sigmoid and the cross-entropy in one: no overflow, one pass, exact tails."""

from __future__ import annotations

from math import inf
from operator import index

import numpy as np

from ._axes import axis_of, without
from ._build import is_number
from ._containers import bare, call_apart
from ._docstrings import DTYPES, prose
from ._kernels.ufuncs import all_classes
from ._rows import along_axes, check_shape, number_beside, shape_of
from ._table import BRIDLE
from ._ufuncs import elementwise, over_rows, publish

# Arrays, for NumPy converts a number anew in each call.
#: stands for "no label is ignored": a label has been checked to be a class by then
NO_LABEL = np.array(np.iinfo(np.int64).min)
NO_SMOOTHING = np.array(0.0)
#: the letters of the operands after the logits: label, label that is ignored, smoothing; or probabilities, smoothing
LABELS = "ltt"
PROBABILITIES = "rt"

COMMON = """logits : array_like
    Numbers before softmax."""
SMOOTHED = """target : array_like
    Integers: the class of each row, of the shape of `logits` without `axis`. Floats: the probability
    of each class, of the shape of `logits`.
axis : int, default -1
    Axis of the classes.
label_smoothing : float, default 0.0
    Between 0 and 1: t becomes (1 - label_smoothing) t + label_smoothing / n for n classes.
ignore_index : int, optional
    Rows with this label have a loss and a gradient of 0, and so have those whose label is masked.
out : ndarray, optional
    Where to put the result."""
RAISES = """ValueError
    If a label is not one of the classes; the message names its row. If label_smoothing is not
    between 0 and 1, or other than 0 beside masked logits; if ignore_index is no integer, or
    given with probabilities.
TypeError
    If target is neither integers nor floats, or axis is not an integer."""
SETUP = """>>> import numpy as np
>>> import fastact as fa
>>> logits = np.array([[2.0, 0.0], [0.0, 3.0]], dtype=np.float32)"""

SOFTMAX_DOC = f"""Cross-entropy of softmax(logits) and a target, a value for each row.

``loss = log(sum_j e^x_j) - sum_j t_j x_j, t the probabilities of the classes``

Parameters
----------
{COMMON}
{SMOOTHED}

Returns
-------
ndarray
    Of the shape of `logits` without `axis`; there is no reduction.

Raises
------
{RAISES}

See Also
--------
softmax_cross_entropy.backward : its gradient.

Notes
-----
{prose(DTYPES)}

References
----------
{prose(BRIDLE)}

Examples
--------
{SETUP}
>>> fa.softmax_cross_entropy(logits, [0, 1]).round(4)
array([0.1269, 0.0486], dtype=float32)
"""

SOFTMAX_BACKWARD_DOC = f"""Gradient of `softmax_cross_entropy` with respect to the logits, without its forward pass.

``dloss (softmax(x) - t)``

Parameters
----------
dloss : array_like
    Gradient with respect to the losses; a number stands for all rows.
{COMMON}
{SMOOTHED}

Returns
-------
ndarray
    Of the shape of `logits`.

Raises
------
{RAISES}

See Also
--------
softmax_cross_entropy

Notes
-----
{prose(DTYPES)} A largest logit keeps the relative accuracy of p - t.

References
----------
{prose(BRIDLE)}

Examples
--------
{SETUP}
>>> fa.softmax_cross_entropy.backward(0.5, logits, [0, 1]).round(4)
array([[-0.0596,  0.0596],
       [ 0.0237, -0.0237]], dtype=float32)
"""

SIGMOID_DOC = f"""Cross-entropy of sigmoid(logits) and a target, for each element.

``loss = max(x, 0) - x t + log1p(e^-abs(x))``

Parameters
----------
logits : array_like
    Numbers before sigmoid.
target : array_like
    Probabilities, or 0 and 1.
**kwargs
    The keywords of a ufunc, which this is: ``out``, ``where``, ``dtype``, ``casting``, ``order``.

Returns
-------
ndarray
    Of the broadcast shape of the operands; there is no reduction.

See Also
--------
sigmoid_cross_entropy.backward : its gradient.

Notes
-----
{prose(DTYPES)}

References
----------
{prose(BRIDLE)}

Examples
--------
{SETUP}
>>> fa.sigmoid_cross_entropy(logits, np.eye(2, dtype=np.float32)).round(4)
array([[0.1269, 0.6931],
       [0.6931, 0.0486]], dtype=float32)
"""

SIGMOID_BACKWARD_DOC = f"""Gradient of `sigmoid_cross_entropy` with respect to the logits.

``dloss (sigmoid(x) - t)``

Parameters
----------
dloss : array_like
    Gradient with respect to the losses.
logits : array_like
    Numbers before sigmoid.
target : array_like
    Probabilities, or 0 and 1.
**kwargs
    The keywords of a ufunc, which this is: ``out``, ``where``, ``dtype``, ``casting``, ``order``.

Returns
-------
ndarray
    Of the broadcast shape of the operands.

See Also
--------
sigmoid_cross_entropy

Notes
-----
{prose(DTYPES)}

References
----------
{prose(BRIDLE)}

Examples
--------
{SETUP}
>>> fa.sigmoid_cross_entropy.backward(np.float32(1), logits, np.eye(2, dtype=np.float32)).round(4)
array([[-0.1192,  0.5   ],
       [ 0.5   , -0.0474]], dtype=float32)
"""


def checked_labels(name: str, rows: tuple[int, ...], labels, classes: int, ignored: int | None) -> np.ndarray:
    """The labels as int64, or a ValueError that names the first row whose label is not a class."""
    if labels.shape != rows:
        raise ValueError(
            f"{name}: target must have the shape of logits without axis, {rows}, got {labels.shape}"
        )
    if all_classes(labels, classes):
        return labels
    labels = np.asarray(labels)  # they are looked at, so those of Dask are computed
    wrong = (labels < 0) | (labels >= classes)
    if ignored is not None:
        wrong &= labels != ignored
    if np.any(wrong):
        row = tuple(map(int, np.argwhere(wrong)[0]))
        label = labels[row]
        where = row[0] if len(row) == 1 else row
        raise ValueError(f"{name}: target must be from 0 to {classes - 1}, got {label} in row {where}")
    return labels.astype(np.int64, copy=False)


def checked_smoothing(name: str, smoothing):
    """The label smoothing as a double, or a ValueError."""
    if type(smoothing) is float and smoothing == 0:
        return NO_SMOOTHING
    number = np.asarray(smoothing)
    if number.ndim or number.dtype.kind not in "biuf" or not 0 <= number <= 1:
        raise ValueError(f"{name}: label_smoothing must be between 0 and 1, got {smoothing!r}")
    return number.astype(np.float64)


def checked_ignored(name: str, ignored):
    """The label that is ignored as an int64, or a ValueError."""
    try:
        return np.int64(index(ignored))
    except (TypeError, OverflowError):
        raise ValueError(
            f"{name}: ignore_index must be None or an integer of at most 64 bits, got {ignored!r}"
        ) from None


def prepared(name: str, logits, target, axis, smoothing, ignore_index):
    """The shape of a value for each row; the operands after the logits, and a letter for each."""
    shape = shape_of(logits)
    axis = axis_of(name, axis, len(shape))
    rows = without((axis,), shape)
    if not shape[axis] and 0 not in rows:
        raise ValueError(f"{name}: logits must have at least one class along axis, got shape {shape}")
    smoothing = checked_smoothing(name, smoothing)
    if not hasattr(target, "dtype"):
        target = np.asarray(target)
    if target.dtype.kind in "iu":
        ignored = None if ignore_index is None else checked_ignored(name, ignore_index)
        labels = checked_labels(name, rows, target, shape[axis], ignored)
        return rows, LABELS, [labels, NO_LABEL if ignored is None else ignored, smoothing]
    if target.dtype.kind not in "fV":
        raise TypeError(f"{name}: target must be integers or floats, got {target.dtype}")
    if ignore_index is not None:
        raise ValueError(f"{name}: ignore_index must be None for probabilities, got {ignore_index!r}")
    if target.shape != shape:
        raise ValueError(
            f"{name}: target must have the shape of logits, {shape}, got {target.shape}"
            + ("; labels of classes are integers" if target.shape == rows else "")
        )
    return rows, PROBABILITIES, [target, smoothing]


def kind_of(logits, target) -> str:
    """The letter of a target of pandas, xarray or numpy.ma: labels, or probabilities."""
    return "l" if np.ndim(target) < np.ndim(logits) else "p"


def among_kept(name: str, dtype: np.dtype, logits, kinds: str, operands: list, kept):
    """The operands without what is masked: a logit of -inf has a probability of 0."""
    if operands[-1]:
        raise ValueError(f"{name}: label_smoothing must be 0 beside masked logits or probabilities")
    if kinds == PROBABILITIES:
        target, smoothing = operands
        operands = [np.where(kept, target, target.dtype.type(0)), smoothing]
    return np.where(kept, logits, dtype.type(-inf)), operands


def softmax_loss():
    """softmax_cross_entropy and its backward."""
    name = "softmax_cross_entropy"
    backward_name = f"{name}.backward"
    of_labels = over_rows(f"{name}.of_labels", SOFTMAX_DOC, "label_loss", "rllts").ufunc
    of_probabilities = over_rows(f"{name}.ufunc", SOFTMAX_DOC, "probability_loss", "rrts").ufunc
    gradient_of_labels = over_rows(
        f"{backward_name}.of_labels", SOFTMAX_BACKWARD_DOC, "label_loss_backward", "srlltr"
    ).ufunc
    gradient_of_probabilities = over_rows(
        f"{backward_name}.ufunc", SOFTMAX_BACKWARD_DOC, "probability_loss_backward", "srrtr"
    ).ufunc

    def computed_in(logits):
        types = [np.asarray(logits).dtype, NO_LABEL.dtype, NO_LABEL.dtype, NO_SMOOTHING.dtype, None]
        return of_labels.resolve_dtypes(tuple(types))[0]

    def computed(logits, target, kept, axis, label_smoothing, ignore_index, out):
        _, kinds, operands = prepared(name, logits, target, axis, label_smoothing, ignore_index)
        if kept is not None:
            logits, operands = among_kept(name, computed_in(logits), logits, kinds, operands, kept)
        ufunc = of_labels if kinds == LABELS else of_probabilities
        loss = along_axes(ufunc, "r" + kinds, [logits, *operands], axis, out)
        return loss if kept is None else np.where(np.any(kept, axis=axis), loss, loss.dtype.type(0))

    def gradient(dloss, logits, target, kept, axis, label_smoothing, ignore_index, out):
        rows, kinds, operands = prepared(backward_name, logits, target, axis, label_smoothing, ignore_index)
        if is_number(dloss):
            dloss = number_beside(logits, dloss)
        else:
            check_shape(backward_name, "dloss", dloss, rows)
        if kept is not None:
            logits, operands = among_kept(backward_name, computed_in(logits), logits, kinds, operands, kept)
        ufunc = gradient_of_labels if kinds == LABELS else gradient_of_probabilities
        dx = along_axes(ufunc, "sr" + kinds, [dloss, logits, *operands], axis, out)
        return dx if kept is None else np.where(kept, dx, dx.dtype.type(0))

    def softmax_cross_entropy(logits, target, axis=-1, label_smoothing=0.0, ignore_index=None, out=None):
        if bare(logits, target):
            return computed(logits, target, None, axis, label_smoothing, ignore_index, out)

        # call_apart passes keepdims, which logsumexp has, to every function
        def compute(operands, kept, axis, out, keepdims):
            return computed(*operands, kept, axis, label_smoothing, ignore_index, out)

        axis = axis_of(name, axis, np.ndim(logits))
        kinds = f"x{kind_of(logits, target)}s"
        return call_apart(name, kinds, [logits, target], axis, out, False, compute)

    def backward(dloss, logits, target, axis=-1, label_smoothing=0.0, ignore_index=None, out=None):
        if bare(dloss, logits, target):
            return gradient(dloss, logits, target, None, axis, label_smoothing, ignore_index, out)

        def compute(operands, kept, axis, out, keepdims):
            return gradient(*operands, kept, axis, label_smoothing, ignore_index, out)

        axis = axis_of(backward_name, axis, np.ndim(logits))
        kinds = f"sx{kind_of(logits, target)}r"
        return call_apart(backward_name, kinds, [dloss, logits, target], axis, out, False, compute)

    softmax_cross_entropy.__doc__ = SOFTMAX_DOC
    softmax_cross_entropy.ufunc = of_probabilities
    softmax_cross_entropy.of_labels = of_labels
    backward.__doc__ = SOFTMAX_BACKWARD_DOC
    backward.ufunc = gradient_of_probabilities
    backward.of_labels = gradient_of_labels
    softmax_cross_entropy.backward = publish(backward, backward_name)
    return publish(softmax_cross_entropy, name)


softmax_cross_entropy = softmax_loss()
sigmoid_cross_entropy = elementwise(
    "sigmoid_cross_entropy", SIGMOID_DOC, ("logits", "target"), "sigmoid_cross_entropy"
)
sigmoid_cross_entropy.backward = elementwise(
    "sigmoid_cross_entropy.backward",
    SIGMOID_BACKWARD_DOC,
    ("dloss", "logits", "target"),
    "sigmoid_cross_entropy_backward",
)
