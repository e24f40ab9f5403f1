"""A stack of layers: how it is put together, and its weights, which lie in one flat array."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import numpy as np

from . import _data, utils
from ._configurable import serialized, snake_case
from ._lookup import lookup
from .layers import LAYERS, Input, Layer


class Stack:
    """What `fastact.models.Sequential` is apart from learning."""

    def __init__(self, layers, name, seed, dtype):
        kind = type(self).__name__
        if name is not None and not isinstance(name, str):
            raise TypeError(f"{kind}: name must be a string, got {name!r}")
        self.name = name or kind.lower()
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise ValueError(f"{kind}: dtype must be 'float32' or 'float64', got {dtype!r}")
        self.seed = utils.checked_seed(seed, f"{kind}: seed")
        self.layers: list[Layer] = []
        self._rng = None if seed is None else utils.generator(self.seed)
        self._input_shape: tuple[int, ...] | None = None
        self._parameters = self._gradients = None
        layers = () if layers is None else layers
        if isinstance(layers, str) or not isinstance(layers, Iterable):
            raise TypeError(f"{kind}: layers must be a list of layers, got {layers!r}")
        for layer in layers:
            self.add(layer)

    def __repr__(self):
        return f"{type(self).__name__}({self.layers!r}, name={self.name!r})"

    def __getstate__(self):
        return vars(self) | {"_parameters": None, "_gradients": None}

    def __setstate__(self, state):
        vars(self).update(state)
        if self.built:
            self._flatten()

    @property
    def built(self) -> bool:
        """Whether the shape of the input is known and the weights exist."""
        return self._input_shape is not None and all(layer.built for layer in self.layers)

    @property
    def input_shape(self):
        """Shape of the input, None for the number of rows."""
        self._require_built("input_shape")
        return (None, *self._input_shape)

    @property
    def output_shape(self):
        """Shape of the output, None for the number of rows."""
        self._require_built("output_shape")
        return (None, *self._output_shape)

    @property
    def _output_shape(self) -> tuple[int, ...]:
        return self.layers[-1].output_shape if self.layers else self._input_shape

    @property
    def _stages(self) -> list:
        return [stage for layer in self.layers for stage in layer.stages]

    @property
    def _weights(self) -> list[np.ndarray]:
        return [weight for stage in self._stages for weight in stage.weights]

    def add(self, layer) -> None:
        """Put a layer at the end.

        Parameters
        ----------
        layer : layer or Input
            A layer belongs to one model. An `Input` comes first.

        Examples
        --------
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense, Input
        >>> model = Sequential()
        >>> model.add(Input((3,)))
        >>> model.add(Dense(2))
        >>> model.count_params()
        8
        """
        if isinstance(layer, Input):
            if self.layers or self._input_shape:
                raise ValueError("Input must be the first of a model")
            self._input_shape = layer.shape
            return
        if not isinstance(layer, Layer):
            raise TypeError(f"a model is made of layers and an Input, got {layer!r}")
        if layer.in_model:
            raise ValueError(f"{layer!r} is in a model already: make another one")
        name = self._name_for(layer)
        shape = self._shape_before(layer)
        if shape is not None:
            layer.build(shape, self.dtype, self._rng or utils.generator())
        if not self.layers:
            self._input_shape = shape
        layer.name, layer.in_model = name, True
        self.layers.append(layer)
        if self.built:
            self._flatten()

    def _name_for(self, layer: Layer) -> str:
        """The name given to a layer, or its type in Keras's spelling with the first number that is free."""
        names = {other.name for other in self.layers}
        if layer.name in names:
            raise ValueError(f"two layers are named {layer.name!r}")
        stem = snake_case(type(layer).__name__)
        numbered = [stem, *(f"{stem}_{k}" for k in range(1, len(names) + 1))]
        return layer.name or next(name for name in numbered if name not in names)

    def _shape_before(self, layer: Layer) -> tuple[int, ...] | None:
        """The shape of the rows that the next layer gets, None if that is not known yet."""
        shape = self._output_shape
        if layer.input_shape is None or shape == layer.input_shape:
            return shape
        if self.layers or shape is not None:
            raise ValueError(
                f"{layer!r} has input_shape {layer.input_shape}, but what comes before gives {shape}"
            )
        return layer.input_shape

    def _build(self, shape: tuple[int, ...]) -> None:
        """Make all weights, for rows of this shape."""
        rng = self._rng or utils.generator()
        before = shape
        for layer in self.layers:
            layer.build(before, self.dtype, rng)
            before = layer.output_shape
        self._flatten()
        self._input_shape = shape  # last: whoever interrupts this has a model that is not built yet

    def _flatten(self) -> None:
        """Move all weights into one array, of which the layers hold views; the same for their gradients."""
        weights = self._weights
        self._parameters = (
            np.concatenate([w.ravel() for w in weights]) if weights else np.empty(0, self.dtype)
        )
        self._gradients = np.zeros_like(self._parameters)
        start = 0
        for stage in self._stages:
            if not stage.weights:
                continue
            stage.gradients.clear()
            for k, weight in enumerate(stage.weights):
                end = start + weight.size
                stage.weights[k] = self._parameters[start:end].reshape(weight.shape)
                stage.gradients.append(self._gradients[start:end].reshape(weight.shape))
                start = end

    def _require_built(self, what: str) -> None:
        if not self.built:
            raise ValueError(
                f"{what}: the model is not built yet; give the first layer an input_shape, or the model data"
            )

    def _features(self, name: str, x) -> np.ndarray:
        """x as the model takes it; the first data decide the shape of the input."""
        x = _data.features(name, x, self._input_shape, self.dtype)
        if not self.built:
            self._build(x.shape[1:])
        return x

    def get_config(self) -> dict:
        """Layers and options as a dictionary, in the form of Keras.

        See Also
        --------
        from_config

        Examples
        --------
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> config = Sequential([Dense(2, input_shape=(3,))]).get_config()
        >>> [layer["class_name"] for layer in config["layers"]]
        ['InputLayer', 'Dense']
        """
        layers = [serialized(layer) for layer in self.layers]
        if self._input_shape is not None:
            layers.insert(0, serialized(Input(self._input_shape)) | {"class_name": "InputLayer"})
        return {"name": self.name, "dtype": self.dtype.name, "seed": self.seed, "layers": layers}

    @classmethod
    def from_config(cls, config):
        """A new model, with new weights, from what `get_config` returned.

        Examples
        --------
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> model = Sequential([Dense(2, input_shape=(3,))])
        >>> Sequential.from_config(model.get_config()).output_shape
        (None, 2)
        """
        if not isinstance(config, dict) or "layers" not in config:
            raise ValueError(f"Sequential: a configuration is a dict with 'layers', got {config!r}")
        layers = [
            lookup("layer", layer["class_name"], LAYERS).from_config(layer["config"])
            for layer in config["layers"]
        ]
        dtype = config.get("dtype", "float32")
        if isinstance(dtype, dict):  # Keras's policy
            dtype = dtype["config"]["name"]
        return cls(layers, config.get("name"), config.get("seed"), dtype)

    def count_params(self) -> int:
        """Number of weights.

        Examples
        --------
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> Sequential([Dense(2, input_shape=(3,))]).count_params()
        8
        """
        self._require_built("count_params")
        return sum(layer.count_params() for layer in self.layers)

    def summary(self) -> None:
        """Print the layers with their shapes and numbers of weights.

        Examples
        --------
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> Sequential([Dense(2, input_shape=(3,))]).summary()
        Model: "sequential"
        ┌───────────────┬──────────────┬─────────┐
        │ Layer (type)  │ Output Shape │ Param # │
        ├───────────────┼──────────────┼─────────┤
        │ dense (Dense) │ (None, 2)    │       8 │
        └───────────────┴──────────────┴─────────┘
         Total params: 8 (32 bytes)
        """
        head, *rows = self._overview()
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        lines = ["─" * (width + 2) for width in widths]
        print(f'Model: "{self.name}"')
        print(f"┌{'┬'.join(lines)}┐")
        print(f"│ {' │ '.join(map(str.ljust, head, widths))} │")
        print(f"├{'┼'.join(lines)}┤")
        for name, shape, count in rows:
            print(f"│ {name:<{widths[0]}} │ {shape:<{widths[1]}} │ {count:>{widths[2]}} │")
        print(f"└{'┴'.join(lines)}┘")
        print(f" {self._size()}")

    def _overview(self) -> list[tuple[str, str, str]]:
        """What `summary` tells of each layer, under a head."""
        self._require_built("summary")
        rows = [("Layer (type)", "Output Shape", "Param #")]
        for layer in self.layers:
            shape = str((None, *layer.output_shape))
            rows.append((f"{layer.name} ({type(layer).__name__})", shape, f"{layer.count_params():,}"))
        return rows

    def _size(self) -> str:
        return f"Total params: {self.count_params():,} ({self._parameters.nbytes:,} bytes)"

    def _repr_html_(self) -> str:
        """The summary as a notebook shows it."""
        if not self.built:
            return f"<pre>{escape(repr(self))}</pre>"
        head, *rows = ([escape(cell) for cell in row] for row in self._overview())
        lines = "".join(f"<tr><td>{'</td><td>'.join(row)}</td></tr>" for row in rows)
        return (
            f"<table><caption>{escape(self.name)}: {escape(self._size())}</caption>"
            f"<thead><tr><th>{'</th><th>'.join(head)}</th></tr></thead><tbody>{lines}</tbody></table>"
        )

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all weights, layer after layer: kernel, bias, kernel, ...

        See Also
        --------
        set_weights

        Examples
        --------
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> [w.shape for w in Sequential([Dense(2, input_shape=(3,))]).get_weights()]
        [(3, 2), (2,)]
        """
        self._require_built("get_weights")
        return [weight.copy() for weight in self._weights]

    def set_weights(self, weights) -> None:
        """Set all weights, given in the order of `get_weights`.

        Examples
        --------
        >>> import numpy as np
        >>> from fastact.models import Sequential
        >>> from fastact.layers import Dense
        >>> model = Sequential([Dense(1, input_shape=(2,))])
        >>> model.set_weights([np.array([[1.0], [2.0]]), np.array([0.5])])
        >>> model.predict(np.array([[1.0, 1.0]]), verbose=0)
        array([[3.5]], dtype=float32)
        """
        self._require_built("set_weights")
        _data.assign(self._weights, weights, "set_weights")
