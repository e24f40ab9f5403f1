"""A model as a configuration and named arrays, which is what every format holds, and back.

The names of the arrays are those of Keras's own files: layers/dense_1/vars/0 is the kernel of the second Dense,
optimizer/vars/0 the number of steps.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import NamedTuple

import numpy as np

from .. import __version__, _data
from .._configurable import serialized, snake_case
from .._lookup import lookup
from ..layers import LAYERS, Dense, Dropout, Input
from ..metrics import METRICS
from ._optimizer import optimizer_state, set_optimizer_state

#: the largest row that a file may make a model compute; it need not hold weights for it
LARGEST_ROW = 2**24


class Saved(NamedTuple):
    """What a file holds.

    Attributes
    ----------
    config : dict or None
        Layers, where the random numbers are, and optimizer, loss and metrics if the model is compiled; None in a
        file of weights alone.
    arrays : dict of str to ndarray
    """

    config: dict | None
    arrays: dict[str, np.ndarray]

    def weights_alone(self) -> Saved:
        return Saved(None, {name: a for name, a in self.arrays.items() if name.startswith("layers/")})


def snapshot(model) -> Saved:
    """All that is to be kept of a model. The arrays are the model's own where possible, not copies."""
    model._require_built("save")
    config = {"class_name": "Sequential", "fastact_version": __version__, "config": model.get_config()}
    config["random_state"] = {name: rng.bit_generator.state for name, rng in generators(model).items()}
    arrays = {}
    for layer, path in zip(model.layers, layer_paths(model.layers), strict=True):
        arrays |= {f"{path}/vars/{k}": weight for k, weight in enumerate(layer.weights)}
        if isinstance(layer, Dropout) and layer.rate > 0:  # what Keras's random numbers start from
            arrays[f"{path}/seed_generator/vars/0"] = np.array([layer.seed or 0, 0], np.uint32)
    if model.optimizer is not None:
        config["compile_config"] = {
            "optimizer": serialized(model.optimizer),
            "loss": named(model.loss),
            "metrics": [named(metric) for metric in model._metrics],
        }
        arrays |= {f"optimizer/vars/{k}": array for k, array in enumerate(optimizer_state(model))}
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise ValueError(f"save: {name} is not finite, and could not be loaded again")
    return Saved(jsonable(config), arrays)


def generators(model) -> dict[str, np.random.Generator]:
    """The random numbers of the model, and of each layer that has its own."""
    found = {"model": model._rng}
    for layer, path in zip(model.layers, layer_paths(model.layers), strict=True):
        if isinstance(layer, Dropout):
            found[path] = layer.masking.rng
    return {name: rng for name, rng in found.items() if rng is not None}


def set_random_state(model, states: dict[str, dict]) -> None:
    """Let the random numbers go on where they were."""
    known = generators(model)
    for name, state in states.items():
        if name not in known:
            raise ValueError(f"it holds a state of random numbers for {name}, which has none")
        known[name].bit_generator.state = state


def named(value):
    """A loss or metric as a configuration; a function by its name."""
    return value.__name__ if callable(value) and hasattr(value, "__name__") else serialized(value)


def jsonable(value, inside: str = "the model"):
    """The same in JSON's types; whatever else a configuration holds is the user's own, and cannot be saved."""
    if isinstance(value, dict):
        return {key: jsonable(item, key) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item, inside) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise ValueError(f"{inside}: {value!r} cannot be saved, as a file holds no code")


def layer_paths(layers) -> list[str]:
    """Where Keras keeps the weights of each layer: under its class in snake case, from the second on numbered."""
    seen, paths = Counter(), []
    for layer in layers:
        stem = snake_case(type(layer).__name__)
        paths.append(f"layers/{stem}_{seen[stem]}" if seen[stem] else f"layers/{stem}")
        seen[stem] += 1
    return paths


class FromFile:
    """An initializer that gives a weight what the file has for it: no room is made that the file did not fill."""

    def __init__(self, name: str, array: np.ndarray):
        self.name, self.array = name, array

    def __call__(self, shape, dtype, rng):
        if self.array.shape != shape:
            raise ValueError(f"{self.name} has the shape {self.array.shape}, where {shape} is needed")
        return _data.finite(self.name, self.array, dtype)


def made(config: dict):
    """A layer from its configuration; only the classes of fastact are looked up."""
    layer = lookup("layer", config["class_name"], LAYERS)
    options = dict(config["config"])
    activation = options.get("activation")
    if isinstance(activation, dict) and activation.get("class_name") in LAYERS:
        options["activation"] = made(activation)
    return layer.from_config(options)


def made_metric(config):
    """A metric from its configuration, or its name as it is."""
    if isinstance(config, str):
        return config
    return lookup("metric", config["class_name"], METRICS).from_config(config["config"])


def restored(saved: Saved, compile: bool = True):
    """The model that a file holds."""
    from ..models import Sequential  # which needs this package to save itself

    if saved.config is None:
        raise ValueError("it holds weights but no model, which load_weights can read")
    config = saved.config["config"]
    model = Sequential(name=config["name"], seed=config.get("seed"), dtype=config.get("dtype", "float32"))
    layers = [made(layer) for layer in config["layers"]]
    if not layers or not isinstance(layers[0], Input):
        raise ValueError("the shape of its input is missing")
    model.add(layers[0])
    check_row(model.output_shape[1:])
    for layer, found in zip(layers[1:], weights_of(layers[1:], saved.arrays), strict=True):
        add_with_weights(model, layer, found)
    set_random_state(model, saved.config.get("random_state", {}))
    if compile and saved.config.get("compile_config"):
        settings = saved.config["compile_config"]
        metrics = [made_metric(metric) for metric in settings["metrics"]]
        model.compile(settings["optimizer"], settings["loss"], metrics)
        set_optimizer_state(model, saved.arrays)
    return model


def add_with_weights(model, layer, weights: list[FromFile]) -> None:
    """Add a layer that is built from the weights of the file, and keeps its initializers for later."""
    names = [name for name in layer.arguments() if name.endswith("_initializer")][: len(weights)]
    initializers = {name: getattr(layer, name) for name in names}
    vars(layer).update(zip(names, weights, strict=True))
    if isinstance(layer, Dense):
        check_row((*model.output_shape[1:-1], layer.units))
    model.add(layer)
    vars(layer).update(initializers)


def check_row(shape: tuple[int, ...]) -> None:
    """Refuse what a file could claim without holding a weight for it."""
    if math.prod(shape) > LARGEST_ROW:
        raise ValueError(f"rows of {shape} are more than {LARGEST_ROW:,} numbers")


def weights_of(layers, arrays: dict[str, np.ndarray]) -> list[list[FromFile]]:
    """The weights that a file has for each layer; it must have no others."""
    result, unused = [], {name for name in arrays if re.fullmatch(r"layers/[^/]+/vars/\d+", name)}
    for path in layer_paths(layers):
        names = [name for name in unused if name.startswith(f"{path}/")]
        numbered = [f"{path}/vars/{k}" for k in range(len(names))]
        result.append([FromFile(name, arrays[name]) for name in numbered])
        unused -= set(numbered)
    if unused:
        raise ValueError(f"it holds weights of other layers: {', '.join(sorted(unused))}")
    return result


def load_arrays(model, arrays: dict[str, np.ndarray]) -> None:
    """Set the weights of a model that has the same layers."""
    model._require_built("load_weights")
    found = weights_of(model.layers, arrays)
    for layer, weights in zip(model.layers, found, strict=True):
        if len(weights) != len(layer.weights):
            raise ValueError(f"{layer!r} has {len(layer.weights)} weights, the file {len(weights)} for it")
    model.set_weights([weight.array for weights in found for weight in weights])
