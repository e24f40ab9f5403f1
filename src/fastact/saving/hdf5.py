"""`.weights.h5`: the weights of a model as Keras 3 keeps them, in HDF5."""

from __future__ import annotations

import io
import math

import h5py
import numpy as np

from ._files import allowed_bytes
from ._model import Saved


def write(file, saved: Saved) -> None:
    memory = io.BytesIO()  # HDF5 does not always say that a disk is full
    with h5py.File(memory, "w") as store:
        for name, array in saved.arrays.items():
            store[name] = array
    file.write(memory.getbuffer())


def read(file) -> Saved:
    return Saved(None, arrays(file, allowed_bytes(file)))


def arrays(file, allowed: int) -> dict[str, np.ndarray]:
    """All arrays by name, if they take no more than so many bytes."""
    datasets: dict[str, h5py.Dataset] = {}

    def visit(name, member):
        if isinstance(member, h5py.Dataset):
            datasets[name] = member

    with h5py.File(file, "r") as store:
        store.visititems(visit)  # which follows no link out of the file
        for name, dataset in datasets.items():
            check(name, dataset)
        total = sum(math.prod(dataset.shape) * dataset.dtype.itemsize for dataset in datasets.values())
        if total > allowed:
            raise ValueError(f"it would unpack to {total:,} bytes, too many for its size")
        return {name: dataset[()] for name, dataset in datasets.items()}


def check(name: str, dataset: h5py.Dataset) -> None:
    """Refuse what is not an array of numbers that lies in this file."""
    elsewhere = dataset.is_virtual or dataset.external is not None
    if dataset.shape is None or dataset.dtype.kind not in "fiub" or elsewhere:
        raise ValueError(f"{name} is not an array of numbers that lies in this file")
