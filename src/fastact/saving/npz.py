"""`.npz`: NumPy's own format, arrays by name and the configuration as a text among them."""

from __future__ import annotations

import io
import json
import math

import numpy as np

from ._files import parsed_json, unzipped
from ._model import Saved

#: the name of the text; the arrays have Keras's names, all of which contain a slash
CONFIG = "config"


def write(file, saved: Saved) -> None:
    arrays = dict(saved.arrays)
    if saved.config is not None:
        arrays[CONFIG] = np.array(json.dumps(saved.config).encode())
    np.savez(file, allow_pickle=False, **arrays)


def read(file) -> Saved:
    arrays = {name.removesuffix(".npy"): parsed(content) for name, content in unzipped(file).items()}
    config = arrays.pop(CONFIG, None)
    if config is not None:
        config = parsed_json(config.item())
    return Saved(config, arrays)


def parsed(data: bytes) -> np.ndarray:
    """The array of numbers, or the text, of an `.npy` file that is as long as its header says."""
    stream = io.BytesIO(data)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("an array that fastact did not write")
    shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(stream, max_header_size=1000)
    start = stream.tell()
    if dtype.kind not in "fiubS" or math.prod(shape) * dtype.itemsize != len(data) - start:
        raise ValueError(f"an array of {shape} {dtype} in {len(data) - start} bytes")
    array = np.frombuffer(data, dtype, offset=start) if len(data) > start else np.empty(0, dtype)
    return array.reshape(shape, order="F" if fortran_order else "C")
