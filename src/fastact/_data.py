"""Bring the arrays that a user gives into the form the trainer takes, or say what is wrong with them."""

from __future__ import annotations

import numbers

import numpy as np


def numeric(name: str, value) -> np.ndarray:
    """`value` as an array of real numbers with at least one row."""
    if np.ma.is_masked(value):
        raise ValueError(f"{name} has masked values: leave those rows out, or fill them")
    array = np.asarray(value)
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


def finite(name: str, array: np.ndarray, dtype) -> np.ndarray:
    """`array` as a contiguous array of `dtype`, all finite."""
    with np.errstate(over="ignore"):
        converted = np.ascontiguousarray(array, dtype)
    if not np.isfinite(converted).all():
        row = first_row(~np.isfinite(converted))
        raise ValueError(
            f"{name} must be finite in {np.dtype(dtype)}, but row {row} has a number that is not"
        )
    return converted


def features(name: str, value, shape: tuple[int, ...] | None, dtype) -> np.ndarray:
    """The input of a model that takes rows of `shape`; None if that is not known yet."""
    array = numeric(name, value)
    if array.ndim == 1 and shape in (None, (1,)):
        array = array[:, None]
    if array.ndim != 2 or array.shape[1] == 0 or (shape is not None and array.shape[1:] != shape):
        wanted = "(rows, features)" if shape is None else f"(rows, {shape[0]})"
        raise ValueError(f"{name} must have the shape {wanted}, got {array.shape}")
    return finite(name, array, dtype)


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


def like_output(name: str, value, units: int, dtype) -> np.ndarray:
    """Targets of the shape of the output; a single column may be flat."""
    array = numeric(name, value)
    if array.ndim == 1 and units == 1:
        array = array[:, None]
    if array.shape[1:] != (units,):
        hint = "; for integer labels there is sparse_categorical_crossentropy" if array.ndim == 1 else ""
        raise ValueError(
            f"{name} must have the shape (rows, {units}), that of the output, got {array.shape}{hint}"
        )
    return finite(name, array, dtype)


def probabilities(name: str, value, units: int, dtype) -> np.ndarray:
    """Targets of the shape of the output, from 0 to 1."""
    array = like_output(name, value, units, dtype)
    wrong = (array < 0) | (array > 1)
    if wrong.any():
        row = first_row(wrong)
        raise ValueError(f"{name} must lie from 0 to 1, but row {row} has {array[row][wrong[row]][0]}")
    return array


def whole_number(name: str, value, least: int) -> int:
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    return int(value)


def real_number(name: str, value, allowed: str, accepts) -> float:
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if not accepts(value):
        raise ValueError(f"{name} must be {allowed}, got {value!r}")
    return float(value)


def assign(weights: list[np.ndarray], values, caller: str) -> None:
    """Copy values into weights, all of them or, if one does not fit, none."""
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
