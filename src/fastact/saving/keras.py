"""`.keras`: the archive of Keras 3, a configuration with the weights in HDF5 beside it."""

from __future__ import annotations

import io
import json
import time
import zipfile

from .._table import BY_NAME
from . import hdf5
from ._files import allowed_bytes, parsed_json, unzipped
from ._model import Saved

#: the first of Keras 3, whose form its files have had ever since
KERAS_VERSION = "3.0.0"
#: activations that Keras knows by the same name, with the same meaning (its sparsemax has rows that sum to 0)
# fmt: off
SAME = {
    "celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh",
    "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu",
    "soft_shrink", "softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid",
    "squareplus", "tanh", "tanh_shrink",
}
# fmt: on
#: activations whose defaults differ: the layer that states them, and Keras's defaults
DIFFERENT = {"leaky_relu": ("LeakyReLU", {"negative_slope": 0.2})}


def write(file, saved: Saved) -> None:
    weights = io.BytesIO()
    hdf5.write(weights, saved)
    metadata = {"keras_version": KERAS_VERSION, "date_saved": time.strftime("%Y-%m-%d@%H:%M:%S")}
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("metadata.json", json.dumps(metadata))
        archive.writestr("config.json", json.dumps(for_keras(saved.config)))
        archive.writestr("model.weights.h5", weights.getbuffer())


def read(file) -> Saved:
    members = unzipped(file)
    config = from_keras(parsed_json(members["config.json"]))
    weights = io.BytesIO(members["model.weights.h5"])
    return Saved(config, hdf5.arrays(weights, allowed_bytes(file)))


def keras_object(class_name: str, config: dict, module: str = "keras.layers") -> dict:
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


def for_keras(config: dict) -> dict:
    """The configuration with everything stated in which Keras's defaults differ."""
    model = config["config"]
    layers = [for_keras_layer(layer, model["dtype"]) for layer in model["layers"]]
    shape = layers[0]["config"]["batch_shape"]
    result = keras_object("Sequential", {"name": model["name"], "layers": layers}, "keras")
    result["build_config"] = {"input_shape": shape}
    if config.get("compile_config"):
        result["compile_config"] = config["compile_config"]
    return result


def for_keras_layer(layer: dict, dtype: str) -> dict:
    options = layer["config"] | {"dtype": dtype}
    if "temperature" in options:
        raise ValueError("Keras's Softmax has no temperature: save the model as .npz or .safetensors")
    if "activation" in options:
        options["activation"] = for_keras_activation(options["activation"])
    return layer | {"config": options}


def for_keras_activation(activation):
    """Keras's name for an activation, or its layer, which states the parameters."""
    if isinstance(activation, dict) and activation["module"] == "keras.layers":
        return activation
    name = activation if isinstance(activation, str) else f"{activation['class_name']} with parameters"
    if name in DIFFERENT:
        layer, _ = DIFFERENT[name]
        return keras_object(layer, {p.name: p.default for p in BY_NAME[name].parameters})
    if name not in SAME:
        raise ValueError(f"Keras has no activation like {name}: save the model as .npz or .safetensors")
    return name


def from_keras(config: dict) -> dict:
    """What Keras wrote, or `for_keras`, with everything stated in which fastact's defaults differ."""
    if config["class_name"] != "Sequential":
        raise ValueError(f"it holds a {config['class_name']} model, where fastact has Sequential alone")
    model = config["config"]
    layers = [from_keras_layer(layer) for layer in model["layers"]]
    if layers and layers[0]["class_name"] != "InputLayer" and model.get("build_input_shape"):
        layers.insert(0, keras_object("InputLayer", {"batch_shape": model["build_input_shape"]}))
    dtypes = {dtype_of(layer) for layer in model["layers"] if layer["class_name"] != "InputLayer"}
    if len(dtypes) > 1:
        raise ValueError(f"its layers have different dtypes: {', '.join(sorted(dtypes))}")
    result = {"name": model["name"], "dtype": dtypes.pop() if dtypes else "float32", "layers": layers}
    return {"config": result, "compile_config": from_keras_compiled(config.get("compile_config"))}


def dtype_of(layer: dict) -> str:
    """The dtype of a layer, which Keras writes as a name or as a policy."""
    dtype = layer["config"].get("dtype", "float32")
    return dtype["config"]["name"] if isinstance(dtype, dict) else dtype


def from_keras_layer(layer: dict) -> dict:
    if not str(layer["module"]).startswith("keras"):
        raise ValueError(f"its layer {layer['class_name']!r} is not one of Keras's own")
    # what initializers did is in the weights; fastact does not have all of them
    options = {name: value for name, value in layer["config"].items() if not name.endswith("_initializer")}
    if "activation" in options:
        options["activation"] = from_keras_activation(options["activation"])
    return keras_object(layer["class_name"], options)


def from_keras_activation(activation):
    activation = function_name(activation)
    if isinstance(activation, str) and activation in DIFFERENT:
        layer, defaults = DIFFERENT[activation]
        return keras_object(layer, defaults)
    if isinstance(activation, str) and activation not in SAME:
        raise ValueError(f"fastact has no activation like Keras's {activation!r}")
    return activation


def function_name(value):
    """The name of a function of Keras's that is written as an object."""
    return value["config"] if isinstance(value, dict) and value["class_name"] == "function" else value


def from_keras_compiled(settings: dict | None) -> dict | None:
    """Optimizer, loss and metrics; None if the model was not compiled."""
    if not settings:
        return None
    for name in ("loss_weights", "weighted_metrics"):
        if settings.get(name):
            raise ValueError(f"fastact has no {name}: load the model with compile=False")
    metrics = [without_dtype(function_name(metric)) for metric in settings.get("metrics") or ()]
    loss = without_dtype(function_name(settings["loss"]))
    return {"optimizer": settings["optimizer"], "loss": loss, "metrics": metrics}


def without_dtype(value):
    """A loss or metric without its dtype: fastact's have that of the model."""
    if not isinstance(value, dict):
        return value
    return value | {"config": {name: v for name, v in value["config"].items() if name != "dtype"}}
