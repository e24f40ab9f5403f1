"""Bring the arrays that a user gives into the form the trainer takes, or say what is wrong with them."""

from __future__ import annotations

import numbers
import os
from collections.abc import Iterable

import numpy as np

from ._containers import has_labels, numbers_of
from ._kernels.training import all_finite
from ._warn import warn

#: how much of a file that is mapped into memory is converted at a time
BYTES_AT_ONCE = 2**24


def numeric(name: str, value) -> np.ndarray:
    """`value` as an array of real numbers with at least one row."""
    if value is None:
        raise TypeError(f"{name} is missing: it must hold real numbers, got None")
    if hasattr(value, "tocsr"):
        raise TypeError(f"{name} must be a dense array, got a sparse one: give its toarray()")
    if has_labels(value):
        value = numbers_of(name, value)
    if np.ma.is_masked(value):
        raise ValueError(f"{name} has masked or missing values: leave those rows out, or fill them")
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must have rows of the same shape, got rows that differ") from None
    if array.dtype.kind not in "buif":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    if array.ndim == 0:
        raise ValueError(f"{name} must have a row for each sample, got the single number {value!r}")
    if len(array) == 0:
        raise ValueError(f"{name} is empty: there must be at least one row")
    return array


def first_row(mask: np.ndarray) -> int:
    """The first row in which `mask` is true anywhere."""
    return int(np.argmax(mask.reshape(len(mask), -1).any(axis=1)))


def finite(name: str, array: np.ndarray, dtype, first: int = 0) -> np.ndarray:
    """`array`, whose rows count from `first`, as a contiguous array of `dtype`, all finite."""
    with np.errstate(all="ignore"):
        converted = np.ascontiguousarray(array, dtype)
    if not all_finite(converted):
        row = first + first_row(~np.isfinite(converted))
        raise ValueError(
            f"{name} must be finite in {np.dtype(dtype)}, but row {row} has a number that is not"
        )
    return converted


def finite_rows(name: str, value, array: np.ndarray, dtype) -> np.ndarray:
    """`array`, made of the user's `value`, all finite in `dtype`.

    It is converted, but for a file that is mapped into memory, which may be larger than that: its rows are
    converted when they are needed.
    """
    if not isinstance(value, np.memmap):
        return finite(name, array, dtype)
    rows = max(1, BYTES_AT_ONCE // (array[:1].size * np.dtype(dtype).itemsize))
    for start in range(0, len(array), rows):
        finite(name, array[start : start + rows], dtype, start)
    return array


def features(name: str, value, shape: tuple[int, ...] | None, dtype) -> np.ndarray:
    """The input of a model that takes rows of `shape`; None if that is not known yet."""
    array = numeric(name, value)
    if array.ndim == 1 and shape in (None, (1,)):
        array = array[:, None]
    if array.ndim < 2 or array[:1].size == 0 or (shape is not None and array.shape[1:] != shape):
        wanted = "(rows, features)" if shape is None else f"(rows, {', '.join(map(str, shape))})"
        raise ValueError(f"{name} must have the shape {wanted}, got {array.shape}")
    return finite_rows(name, value, array, dtype)


def target_dtype(target: np.ndarray, dtype) -> np.dtype:
    """The dtype of a batch of targets for outputs of `dtype`: labels stay integers, rows become like the output."""
    return target.dtype if target.ndim == 1 else np.dtype(dtype)


def same_length(x: np.ndarray, y: np.ndarray, x_name: str = "x", y_name: str = "y") -> None:
    if len(x) != len(y):
        raise ValueError(f"{x_name} and {y_name} must have as many rows, got {len(x)} and {len(y)}")


def labels(name: str, value, units: int) -> np.ndarray:
    """Integer labels from 0 to units - 1."""
    array = numeric(name, value)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(
            f"{name} must have one label a row, the shape (rows,), got {array.shape}; "
            "for one-hot rows there is categorical_crossentropy"
        )
    wrong = ~((array >= 0) & (array < units) & (array == np.floor(array)))
    if wrong.any():
        row = first_row(wrong)
        raise ValueError(f"{name} must hold labels from 0 to {units - 1}, but row {row} has {array[row]}")
    return np.ascontiguousarray(array, np.int64)


def like_output(name: str, value, units: int, dtype, of_flat: str = "") -> np.ndarray:
    """Targets of the shape of the output; a single column may be flat. `of_flat` says what else flat ones may be."""
    array = numeric(name, value)
    if array.ndim == 1 and units == 1:
        array = array[:, None]
    if array.shape[1:] != (units,):
        hint = of_flat if array.ndim == 1 else ""
        raise ValueError(
            f"{name} must have the shape (rows, {units}), that of the output, got {array.shape}{hint}"
        )
    return finite_rows(name, value, array, dtype)


def probabilities(name: str, value, units: int, dtype) -> np.ndarray:
    """Targets of the shape of the output, from 0 to 1."""
    of_flat = "; for integer labels there is sparse_categorical_crossentropy"
    array = like_output(name, value, units, dtype, of_flat)
    wrong = (array < 0) | (array > 1)
    if wrong.any():
        row = first_row(wrong)
        raise ValueError(f"{name} must lie from 0 to 1, but row {row} has {array[row][wrong[row]][0]}")
    return array


def weights(name: str, value, rows: int, dtype) -> np.ndarray:
    """Weights of so many rows, not negative."""
    array = numeric(name, value)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.shape != (rows,):
        raise ValueError(f"{name} must have a number for each row, the shape ({rows},), got {array.shape}")
    array = finite(name, array, dtype)
    if (array < 0).any():
        row = first_row(array < 0)
        raise ValueError(f"{name} must be at least 0, but row {row} has {array[row]}")
    return array


def weights_of_classes(class_weight, y: np.ndarray, units: int, dtype) -> np.ndarray:
    """The weight of each row by the class that its target says."""
    if not isinstance(class_weight, dict):
        raise TypeError(f"class_weight must be a dictionary from class to weight, got {class_weight!r}")
    classes = y if y.ndim == 1 else y.argmax(axis=1) if units > 1 else np.rint(y[:, 0])
    by_row = np.ones(len(y), dtype)
    for label, weight in class_weight.items():
        if label not in range(max(units, 2)):
            raise ValueError(
                f"class_weight must be for classes 0 to {max(units, 2) - 1}, got one for {label!r}"
            )
        by_row[classes == label] = real_number(f"class_weight of {label}", weight, *NOT_NEGATIVE)
    return by_row


def warn_of_single_class(y: np.ndarray, units: int, loss: str) -> None:
    """Warn if all targets of a classification say the same."""
    if len(y) < 2 or "crossentropy" not in loss or (loss == "binary_crossentropy" and units > 1):
        return
    classes = y.argmax(axis=1) if y.ndim == 2 and units > 1 else y.ravel()
    if (classes == classes[0]).all():
        warn(f"y has one class only, {classes[0]:g}: there is nothing to tell apart")


def file_name(name: str, value) -> str:
    """The path of a file, as a string."""
    if not isinstance(value, (str, os.PathLike)) or not isinstance(os.fspath(value), str):
        raise TypeError(f"{name} must be a string or a path, got {value!r}")
    return os.fspath(value)


def whole_number(name: str, value, least: int) -> int:
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    return int(value)


def whole_number_or(default: int | None, name: str, value, least: int) -> int | None:
    return default if value is None else whole_number(name, value, least)


def flag(name: str, value) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, got {value!r}")
    return bool(value)


#: what a number may be: how to say it, and whether it is
POSITIVE = ("finite and greater than 0", lambda value: 0 < value < np.inf)
NOT_NEGATIVE = ("finite and at least 0", lambda value: 0 <= value < np.inf)
FRACTION = ("at least 0 and less than 1", lambda value: 0 <= value < 1)


def real_number(name: str, value, allowed: str, accepts) -> float:
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if not accepts(value):
        raise ValueError(f"{name} must be {allowed}, got {value!r}")
    return float(value)


def assign(weights: list[np.ndarray], values, caller: str) -> None:
    """Copy values into weights, all of them or, if one does not fit, none."""
    if not isinstance(values, Iterable):
        raise TypeError(f"{caller}: weights must be a list of arrays, got {values!r}")
    values = list(values)
    if len(values) != len(weights):
        raise ValueError(f"{caller}: there are {len(weights)} weights, got {len(values)}")
    converted = []
    for k, (weight, value) in enumerate(zip(weights, values, strict=True)):
        array = numeric(f"weights[{k}]", value)
        if array.shape != weight.shape:
            raise ValueError(f"{caller}: weights[{k}] must have the shape {weight.shape}, got {array.shape}")
        converted.append(finite(f"weights[{k}]", array, weight.dtype))
    for weight, array in zip(weights, converted, strict=True):
        weight[...] = array
