"""`.safetensors`: arrays by name, and the configuration as a text in the header."""

from __future__ import annotations

import json

import numpy as np
from safetensors.numpy import load, save

from ._files import parsed_json
from ._model import Saved

#: the name of the text in the header
CONFIG = "fastact"


def write(file, saved: Saved) -> None:
    arrays = {name: np.ascontiguousarray(array) for name, array in saved.arrays.items()}
    header = {} if saved.config is None else {CONFIG: json.dumps(saved.config)}
    file.write(save(arrays, metadata={"format": "np"} | header))


def read(file) -> Saved:
    data = file.read()
    arrays = load(data)  # refuses a header whose sizes are not those of the file
    length = int.from_bytes(data[:8], "little")
    text = parsed_json(data[8 : 8 + length]).get("__metadata__", {}).get(CONFIG)
    return Saved(None if text is None else parsed_json(text), arrays)
