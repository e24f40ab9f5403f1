"""Saving: what is saved comes back, here, in Keras and in ONNX Runtime, and nothing else is believed."""

from __future__ import annotations

import io
import json
import os
import re
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from functools import partial
from importlib.util import find_spec

import networks
import numpy as np
import pytest
from networks import LOSSES, data, model

import fastact as fa
from fastact import layers, metrics, optimizers
from fastact.layers import Activation, Dense, Dropout, Flatten, LeakyReLU, PReLU, ReLU
from fastact.models import Sequential
from fastact.saving import FORMATS

#: Keras's variables are converted so by Keras itself
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)
RNG = np.random.default_rng(0)


def formats(holds):
    """Parametrise over the extensions of the formats of which something holds."""
    suffixes = [
        pytest.param(
            suffix,
            marks=pytest.mark.skipif(
                form.package is not None and find_spec(form.package) is None,
                reason=f"{form.package} is not installed",
            ),
        )
        for suffix, form in FORMATS.items()
        if holds(form)
    ]
    return pytest.mark.parametrize("suffix", suffixes)


every_readable = formats(lambda form: "model" in form.loads)
every_writable = formats(lambda form: "model" in form.saves)
every_weights = formats(lambda form: "weights" in form.saves)


def trained(optimizer="adam", dtype="float32", epochs=2):
    """A compiled model with every kind of layer that has weights or changes shapes, and some steps behind it."""
    x, y = data("sparse_categorical_crossentropy", features=6)
    network = Sequential(
        [
            Flatten(input_shape=(3, 2)),
            Dense(5, "tanh", use_bias=False),
            PReLU(alpha_initializer="ones"),
            Dropout(0.2, seed=3),
            Dense(6, "leaky_relu"),
            LeakyReLU(0.125),
            Dense(4, name="last"),
            Activation("softmax"),
        ],
        seed=1,
        dtype=dtype,
        name="some_model",
    )
    network.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    x = x.reshape(-1, 3, 2)
    network.fit(x, y, epochs=epochs, batch_size=16, verbose=0, seed=0)
    return network, x, y


OPTIMIZERS = [
    optimizers.SGD(0.1),
    optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    optimizers.RMSprop(momentum=0.5, centered=True),
    optimizers.Adam(optimizers.schedules.ExponentialDecay(0.01, 10, 0.5)),
    optimizers.AdamW(clipnorm=1.0),
]
every_optimizer = pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)


def again(optimizer):
    """Another optimizer like it."""
    return type(optimizer).from_config(optimizer.get_config())


@every_readable
@every_optimizer
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_training_goes_on_where_it_was(suffix, optimizer, dtype, tmp_path):
    first, x, y = trained(again(optimizer), dtype)
    first.save(tmp_path / f"m{suffix}")
    second = fa.load_model(tmp_path / f"m{suffix}")
    assert second.dtype == first.dtype
    assert second.optimizer.get_config() == first.optimizer.get_config()
    assert second.optimizer.iterations == first.optimizer.iterations > 0
    assert len(second.optimizer.moments) == first.optimizer.moment_count
    np.testing.assert_array_equal(second.predict(x, verbose=0), first.predict(x, verbose=0))
    logs = [network.evaluate(x, y, verbose=0, return_dict=True) for network in (first, second)]
    assert logs[0] == logs[1]
    for network in (first, second):
        if suffix == ".keras":  # which does not hold their state
            network.layers[3].masking.rng = network._rng = np.random.default_rng(5)
        network.fit(x, y, epochs=2, batch_size=16, verbose=0)
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(other, one)


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_an_interrupted_training_has_the_bits_of_one_that_was_not(suffix, tmp_path):
    if suffix == ".safetensors":
        pytest.importorskip("safetensors")
    first, second = model(), model()
    x, y = data("sparse_categorical_crossentropy")
    first.fit(x, y, batch_size=16, epochs=4, verbose=0)
    second.fit(x, y, batch_size=16, epochs=2, verbose=0)
    second.save(tmp_path / f"m{suffix}")
    second = fa.load_model(tmp_path / f"m{suffix}")
    second.fit(x, y, batch_size=16, epochs=2, verbose=0)
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(other, one)


@pytest.mark.parametrize("seeds", [(None, None), (1, None), (None, 1)])
def test_a_model_without_a_seed_has_no_state_of_random_numbers_to_keep(seeds, tmp_path):
    dropout = Dropout(0.5, seed=seeds[1])
    network = Sequential([Dense(4, input_shape=(3,)), dropout, Dense(1)], seed=seeds[0])
    network.compile("sgd", "mse")
    network.fit(np.eye(3), np.ones(3), verbose=0)
    network.save(tmp_path / "m.npz")
    again = fa.load_model(tmp_path / "m.npz")
    for one, other in (
        (network._rng, again._rng),
        (dropout.masking.rng, again.layers[1].masking.rng),
    ):
        assert (one is None) == (other is None)
        assert one is None or one.random() == other.random()


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_own_formats_keep_the_whole_configuration(suffix, tmp_path):
    pytest.importorskip("safetensors")
    first, *_ = trained()
    first.save(tmp_path / f"m{suffix}")
    assert fa.load_model(tmp_path / f"m{suffix}").get_config() == first.get_config()


@every_readable
@pytest.mark.parametrize("loss", LOSSES)
def test_losses_come_back(suffix, loss, tmp_path):
    first = model(loss, metrics=["mean_squared_error"] if loss == "mean_squared_error" else ["accuracy"])
    x, y = data(loss)
    first.save(tmp_path / f"m{suffix}")
    second = fa.load_model(tmp_path / f"m{suffix}")
    assert second.evaluate(x, y, verbose=0, return_dict=True) == first.evaluate(
        x, y, verbose=0, return_dict=True
    )


@every_readable
def test_metrics_come_back(suffix, tmp_path):
    given = [metrics.BinaryAccuracy("above", threshold=0.75), "mae", metrics.mean_squared_error]
    first = model("binary_crossentropy", metrics=given)
    x, y = data("binary_crossentropy")
    first.save(tmp_path / f"m{suffix}")
    second = fa.load_model(tmp_path / f"m{suffix}")
    expected = first.evaluate(x, y, verbose=0, return_dict=True)
    assert set(expected) == {"loss", "above", "mae", "mean_squared_error"}
    assert second.evaluate(x, y, verbose=0, return_dict=True) == expected


@every_readable
def test_compile_can_be_left_out(suffix, tmp_path):
    trained()[0].save(tmp_path / f"m{suffix}")
    second = fa.load_model(tmp_path / f"m{suffix}", compile=False)
    assert second.optimizer is None
    with pytest.raises(ValueError, match="not compiled"):
        second.evaluate([[0]], [0])


@every_readable
def test_a_model_that_is_not_compiled(suffix, tmp_path):
    first = Sequential([Dense(2, input_shape=(3,))], seed=0)
    first.save(tmp_path / f"m{suffix}")
    second = fa.load_model(tmp_path / f"m{suffix}")
    assert second.optimizer is None
    np.testing.assert_array_equal(first.get_weights()[0], second.get_weights()[0])


ACTIVATIONS = [
    *networks.ACTIVATIONS,
    partial(fa.threshold, threshold=0.5, value=-1.0),
    partial(fa.prelu, weight=0.25),
    partial(fa.gelu, approximate="tanh"),
    partial(fa.softplus, beta=2.0),
    partial(fa.hard_tanh, min_value=-0.5, max_value=2.0),
    partial(fa.softmax, temperature=0.5),
    partial(fa.log_softmax, temperature=2.0),
    LeakyReLU(0.125),
    ReLU(max_value=1.5, negative_slope=0.125, threshold=0.5),
    ReLU(max_value=6),
]


def shown(activation) -> str:
    if isinstance(activation, partial):
        return f"{activation.func.__name__}-{activation.keywords}"
    return activation if isinstance(activation, str) else repr(activation)


every_activation = pytest.mark.parametrize("activation", ACTIVATIONS, ids=shown)


def activated(activation, dtype="float32"):
    """A model that ends in an activation, and inputs that reach its kinks and tails."""
    network = Sequential([Dense(8, activation, input_shape=(3,)), Dense(2)], seed=1, dtype=dtype)
    return network, 3 * np.random.default_rng(1).standard_normal((50, 3)).astype(dtype)


@every_activation
def test_every_activation_comes_back(activation, tmp_path):
    first, x = activated(activation)
    first.save(tmp_path / "m.npz")
    second = fa.load_model(tmp_path / "m.npz")
    np.testing.assert_array_equal(second.predict(x, verbose=0), first.predict(x, verbose=0))


@every_activation
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_onnx_runtime_computes_the_same(activation, dtype, tmp_path):
    runtime = pytest.importorskip("onnxruntime", reason="computes what the .onnx file says")
    from fastact.saving import onnx

    first, x = activated(activation, dtype)
    name = getattr(first.layers[0].activation, "function", None)
    if getattr(name, "__name__", None) in fa.names() and name.__name__ not in onnx.ACTIVATIONS:
        with pytest.raises(ValueError, match=name.__name__):
            first.save(tmp_path / "m.onnx")
        return
    first.save(tmp_path / "m.onnx")
    session = runtime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    [output] = session.run(None, {"x": x})
    assert output.dtype == dtype
    np.testing.assert_allclose(output, first.predict(x, verbose=0), rtol=1e-6, atol=1e-6)


def test_onnx_of_all_layers(tmp_path):
    runtime = pytest.importorskip("onnxruntime", reason="computes what the .onnx file says")
    first, x, _ = trained()
    first.save(tmp_path / "m.onnx")
    [output] = runtime.InferenceSession(tmp_path / "m.onnx").run(None, {"x": x.astype("f4")})
    np.testing.assert_allclose(output, first.predict(x, verbose=0), rtol=1e-6, atol=1e-6)


def test_onnx_translates_what_there_is():
    onnx = pytest.importorskip("fastact.saving.onnx", reason="needs onnx")
    assert set(onnx.ACTIVATIONS) <= set(fa.names())


# --- Keras


@pytest.fixture(scope="module")
def keras():
    backend = next((name for name in ("torch", "jax") if find_spec(name)), None)
    if backend is None or not find_spec("keras"):
        pytest.skip("Keras and a backend for it are not installed")
    os.environ.setdefault("KERAS_BACKEND", backend)
    keras = pytest.importorskip("keras")
    if keras.backend.backend() != "jax":
        yield keras
        return
    import jax

    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)  # or JAX makes float32 of float64
    yield keras
    jax.config.update("jax_enable_x64", before)


def outputs(keras_model, x) -> np.ndarray:
    return np.asarray(keras_model.predict_on_batch(x))


@every_activation
def test_keras_computes_the_same(keras, activation, tmp_path):
    first, x = activated(activation)
    stage = first.layers[0].activation
    options = getattr(stage, "options", {})
    from fastact.saving.keras import DIFFERENT, SAME

    known = stage.name in {*SAME, *DIFFERENT} or isinstance(activation, layers.Layer)
    if not known or (options and not isinstance(activation, layers.Layer)):
        with pytest.raises(ValueError, match="Keras has no activation"):
            first.save(tmp_path / "m.keras")
        return
    first.save(tmp_path / "m.keras")
    second = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(outputs(second, x), first.predict(x, verbose=0), rtol=1e-6, atol=1e-6)


KERAS_LAYERS = {
    "LeakyReLU": {},
    "ELU": {},
    "PReLU": {},
    "PReLU shared": {"shared_axes": [1]},
    "ReLU": {"max_value": 1.5, "negative_slope": 0.125, "threshold": 0.5},
    "Softmax": {},
    "Dropout": {"rate": 0.5},
    "Flatten": {},
}


def keras_model(keras, layers, shape=(3,), **compiled):
    keras.utils.set_random_seed(1)
    network = keras.Sequential([keras.layers.Input(shape), *layers])
    if compiled:
        network.compile(**compiled)
    return network


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", KERAS_LAYERS)
def test_layers_of_keras_with_their_defaults(keras, name, dtype, tmp_path):
    layer = getattr(keras.layers, name.split()[0])(dtype=dtype, **KERAS_LAYERS[name])
    first = keras_model(
        keras, [keras.layers.Dense(5, dtype=dtype), layer, keras.layers.Dense(2, dtype=dtype)]
    )
    for k, weight in enumerate(first.get_weights()):  # alpha of PReLU is 0 at first
        first.weights[k].assign(np.full_like(weight, 0.25) + weight)
    x = RNG.standard_normal((20, 3)).astype(dtype)
    first.save(tmp_path / "m.keras")
    second = fa.load_model(tmp_path / "m.keras")
    assert second.dtype == dtype
    np.testing.assert_allclose(second.predict(x, verbose=0), outputs(first, x), rtol=1e-6, atol=1e-6)


def keras_activations() -> list[str]:
    from fastact.saving.keras import DIFFERENT, SAME

    return sorted({*SAME, *DIFFERENT} & set(fa.names()))


@pytest.mark.parametrize("name", keras_activations() if find_spec("h5py") else [])
def test_activations_of_keras_with_their_defaults(keras, name, tmp_path):
    first = keras_model(keras, [keras.layers.Dense(5, activation=name), keras.layers.Dense(2)])
    x = 3 * RNG.standard_normal((20, 3)).astype(np.float32)
    first.save(tmp_path / "m.keras")
    second = fa.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(second.predict(x, verbose=0), outputs(first, x), rtol=1e-6, atol=1e-6)


def test_a_temperature_is_not_saved_for_keras(tmp_path):
    pytest.importorskip("h5py", reason="writes .keras files")
    network = Sequential([layers.Softmax(temperature=2.0, input_shape=(3,))])
    with pytest.raises(ValueError, match=r"Keras.s Softmax has no temperature: save the model as \.npz"):
        network.save(tmp_path / "m.keras")
    network.save(tmp_path / "m.npz")
    x = np.eye(3)
    again = fa.load_model(tmp_path / "m.npz")
    np.testing.assert_array_equal(again.predict(x, verbose=0), network.predict(x, verbose=0))


def test_a_layer_of_keras_as_an_activation(keras, tmp_path):
    first = keras_model(keras, [keras.layers.Dense(5, activation=keras.layers.LeakyReLU(0.5))])
    first.save(tmp_path / "m.keras")
    x = RNG.standard_normal((20, 3)).astype(np.float32)
    second = fa.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(second.predict(x, verbose=0), outputs(first, x), rtol=1e-6, atol=1e-6)


def test_a_model_of_keras_built_by_its_data(keras, tmp_path):
    first = keras.Sequential([keras.layers.Dense(5, "relu"), keras.layers.Dense(2)])
    x = RNG.standard_normal((20, 3)).astype(np.float32)
    expected = outputs(first, x)
    first.save(tmp_path / "m.keras")
    second = fa.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(second.predict(x, verbose=0), expected, rtol=1e-6, atol=1e-6)


@every_optimizer
def test_training_goes_on_in_keras_and_back(keras, optimizer, tmp_path):
    """From the same file the next step is the same, in either direction."""
    x, y = data("sparse_categorical_crossentropy")
    first = model(hidden="tanh", optimizer=again(optimizer), dtype="float32", metrics=["accuracy"])
    first.fit(x, y, epochs=2, verbose=0, seed=0)
    first.save(tmp_path / "m.keras")
    second = keras.models.load_model(tmp_path / "m.keras")
    assert int(second.optimizer.iterations) == first.optimizer.iterations
    for network in (first, second):
        network.train_on_batch(x, y)
    compare(first.get_weights(), second.get_weights())
    second.save(tmp_path / "m.keras")
    third = fa.load_model(tmp_path / "m.keras")
    assert third.optimizer.iterations == int(second.optimizer.iterations)
    for network in (second, third):
        network.train_on_batch(x, y)
    compare(second.get_weights(), third.get_weights())


def compare(first, second, rtol=2e-6):
    for one, other in zip(first, second, strict=True):
        np.testing.assert_allclose(np.asarray(other), np.asarray(one), rtol=rtol, atol=rtol)


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_and_metrics_of_keras(keras, loss, tmp_path):
    x, y = data(loss)
    classes = {"SparseCategoricalCrossentropy": {"from_logits": False}}
    name = "".join(part.capitalize() for part in loss.split("_"))
    last = {"mean_squared_error": None, "binary_crossentropy": "sigmoid"}.get(loss, "softmax")
    for given in (loss, getattr(keras.losses, name)(**classes.get(name, {}))):
        names = ["mean_squared_error"] if loss == "mean_squared_error" else ["accuracy"]
        dense = keras.layers.Dense(4, activation=last)
        first = keras_model(keras, [dense], optimizer="adam", loss=given, metrics=names)
        first.save(tmp_path / "m.keras")
        second = fa.load_model(tmp_path / "m.keras")
        expected = first.evaluate(x.astype("f4"), y, verbose=0)
        np.testing.assert_allclose(second.evaluate(x, y, verbose=0), expected, rtol=1e-5)


def test_weights_go_to_keras_and_back(keras, tmp_path):
    first, x, _ = trained()
    first.save(tmp_path / "m.keras")
    second = keras.models.load_model(tmp_path / "m.keras", compile=False)
    first.set_weights([weight + 0.5 for weight in first.get_weights()])
    first.save_weights(tmp_path / "m.weights.h5")
    second.load_weights(tmp_path / "m.weights.h5")
    expected = first.predict(x, verbose=0)
    np.testing.assert_allclose(outputs(second, x.astype("f4")), expected, rtol=1e-6, atol=1e-6)
    second.save_weights(tmp_path / "k.weights.h5")
    first.set_weights([0 * weight for weight in first.get_weights()])
    first.load_weights(tmp_path / "k.weights.h5")
    np.testing.assert_array_equal(first.predict(x, verbose=0), expected)


def test_what_keras_has_and_fastact_has_not(keras, tmp_path):
    conv = keras_model(keras, [keras.layers.Conv2D(2, 3)], shape=(8, 8, 1))
    inputs = keras.layers.Input((3,))
    functional = keras.Model(inputs, keras.layers.Dense(2)(inputs))
    mixed = keras_model(keras, [keras.layers.Dense(2, dtype="mixed_bfloat16")])
    nadam = keras_model(keras, [keras.layers.Dense(1)], optimizer="nadam", loss="mse")
    for network, reason in (
        (conv, "Conv2D"),
        (functional, "Functional"),
        (mixed, "mixed_bfloat16"),
        (nadam, "Nadam"),
    ):
        network.save(tmp_path / "m.keras")
        with pytest.raises(ValueError, match=rf"m\.keras.*{reason}"):
            fa.load_model(tmp_path / "m.keras")
    assert fa.load_model(tmp_path / "m.keras", compile=False).count_params() == 4


def test_a_lambda_of_keras_is_not_run(keras, tmp_path):
    first = keras_model(keras, [keras.layers.Lambda(lambda x: x), keras.layers.Dense(1)])
    first.save(tmp_path / "m.keras")
    with pytest.raises(ValueError, match="Lambda"):
        fa.load_model(tmp_path / "m.keras")


# --- weights alone


@every_weights
def test_weights_alone(suffix, tmp_path):
    first, x, _ = trained()
    first.save_weights(tmp_path / f"w{suffix}")
    second = Sequential.from_config(first.get_config())
    second.load_weights(tmp_path / f"w{suffix}")
    np.testing.assert_array_equal(second.predict(x, verbose=0), first.predict(x, verbose=0))
    if "model" in FORMATS[suffix].loads:
        with pytest.raises(ValueError, match="load_weights"):
            fa.load_model(tmp_path / f"w{suffix}")


@every_readable
def test_weights_of_a_whole_model(suffix, tmp_path):
    first, x, _ = trained()
    first.save(tmp_path / f"m{suffix}")
    second = Sequential.from_config(first.get_config())
    second.load_weights(tmp_path / f"m{suffix}")
    np.testing.assert_array_equal(second.predict(x, verbose=0), first.predict(x, verbose=0))


@every_weights
@pytest.mark.parametrize(
    "others",
    [
        [Dense(5, input_shape=(3,))],
        [Dense(5, input_shape=(3,)), Dense(4), Dense(4)],
        [Dense(4, input_shape=(3,)), Dense(4)],
        [Dense(5, input_shape=(3,), use_bias=False), Dense(4)],
        [PReLU(input_shape=(3,))],
    ],
    ids=["fewer", "more", "shapes", "bias", "kinds"],
)
def test_weights_of_other_layers_are_refused(suffix, others, tmp_path):
    model().save_weights(tmp_path / f"w{suffix}")
    second = Sequential([type(layer).from_config(layer.get_config()) for layer in others])
    second.predict(np.zeros((1, 3)), verbose=0)
    before = second.get_weights()
    with pytest.raises(ValueError, match=rf"w{suffix}"):
        second.load_weights(tmp_path / f"w{suffix}")
    for one, other in zip(before, second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


# --- files


def test_the_extension_must_be_known(tmp_path):
    network = model()
    models = r"\*\.npz, \*\.safetensors, \*\.keras"
    with pytest.raises(ValueError, match=rf"saves the model .* {models}, \*\.onnx; got 'm\.pkl'"):
        network.save("m.pkl")
    with pytest.raises(ValueError, match=rf"loads the model .* {models}; got 'm\.onnx'"):
        fa.load_model("m.onnx")
    with pytest.raises(ValueError, match=r"saves the weights .* \*\.weights\.h5; got 'w\.h5'"):
        network.save_weights("w.h5")
    with pytest.raises(TypeError):
        network.save(3)
    with pytest.raises(FileNotFoundError):
        fa.load_model(tmp_path / "none.npz")
    with pytest.raises(FileNotFoundError):
        network.save(tmp_path / "no such folder" / "m.npz")


def test_what_is_not_built_cannot_be_saved(tmp_path):
    network = Sequential([Dense(2)])
    for save in (network.save, network.save_weights):
        with pytest.raises(ValueError, match="not built"):
            save(tmp_path / "m.npz")
    assert os.listdir(tmp_path) == []


def test_what_is_not_finite_is_not_saved(tmp_path):
    network = model()
    network.save(tmp_path / "m.npz")
    network.layers[0].bias[1] = np.nan
    for save in (network.save, network.save_weights):
        with pytest.raises(ValueError, match="layers/dense/vars/1 is not finite"):
            save(tmp_path / "m.npz")
    assert np.isfinite(fa.load_model(tmp_path / "m.npz").layers[0].bias).all()


@pytest.mark.parametrize("suffix", [suffix for suffix, form in FORMATS.items() if form.package])
def test_a_missing_package_is_named(suffix, monkeypatch):
    form = FORMATS[suffix]
    monkeypatch.setitem(sys.modules, form.package, None)
    save = model().save if "model" in form.saves else model().save_weights
    with pytest.raises(ImportError, match=rf"{form.package}.*pip install 'fastact\[{form.extra}\]'"):
        save(f"m{suffix}")


@every_writable
def test_functions_of_the_user_cannot_be_saved(suffix, tmp_path):
    path = tmp_path / f"m{suffix}"
    path.write_bytes(b"old")
    network = Sequential([Dense(2, (np.tanh, lambda x: 1 - np.tanh(x) ** 2), input_shape=(3,))])
    with pytest.raises(ValueError, match="cannot be saved"):
        network.save(path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == [path.name]


FULL_DISK = """
import resource, sys
import fastact as fa
from fastact.layers import Dense
model = fa.Sequential([Dense(500, input_shape=(500,))])
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    model.save(sys.argv[1]) if sys.argv[2] == "model" else model.save_weights(sys.argv[1])
except OSError as error:
    print("refused:", error.strerror)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on the size of files is POSIX's")
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_full_disk_leaves_the_old_file(suffix, tmp_path):
    if FORMATS[suffix].package:
        pytest.importorskip(FORMATS[suffix].package)
    path = tmp_path / f"m{suffix}"
    path.write_bytes(b"old")
    what = "model" if "model" in FORMATS[suffix].saves else "weights"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, path, what], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("refused:"), done
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == [path.name]


def test_an_interrupt_leaves_the_old_file(tmp_path, monkeypatch):
    from fastact.saving import npz

    def interrupted(file, saved):
        file.write(b"half")
        raise KeyboardInterrupt

    network = model()
    network.save(tmp_path / "m.npz")
    before = (tmp_path / "m.npz").read_bytes()
    monkeypatch.setattr(npz, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        network.save(tmp_path / "m.npz")
    assert (tmp_path / "m.npz").read_bytes() == before
    assert os.listdir(tmp_path) == ["m.npz"]


def test_a_path_that_cannot_be_written_is_named_as_it_was_given(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "folder.npz").mkdir()
    before = sorted(os.listdir(tmp_path))
    for path in (tmp_path / "no" / "m.npz", tmp_path / "file" / "m.npz", tmp_path / "folder.npz"):
        for save in (model().save, model().save_weights):
            with pytest.raises(OSError, match=f": {re.escape(repr(str(path)))}$") as caught:
                save(path)
            assert caught.value.filename == str(path)
    assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.parametrize("path", [3, None, b"m.npz"])
def test_a_path_that_is_none_is_a_type_error(path):
    for call in (fa.load_model, model().save, model().save_weights, model().load_weights):
        with pytest.raises(TypeError, match="path must be a string or a path, got "):
            call(path)


@pytest.mark.skipif(os.name == "nt", reason="permissions and links are POSIX's")
def test_permissions_and_links_stay(tmp_path):
    target, link = tmp_path / "target.npz", tmp_path / "link.npz"
    network = model()
    network.save(target)
    target.chmod(0o640)
    link.symlink_to(target)
    network.save(link)
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    fa.load_model(link)


# --- files that are not what they should be


def refused(path, **options):
    """Loading is a ValueError that names the file, and takes little memory."""
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=path.name):
            fa.load_model(path, **options)
        assert tracemalloc.get_traced_memory()[1] < 100e6
    finally:
        tracemalloc.stop()


@every_readable
def test_truncated_and_foreign_files(suffix, tmp_path):
    path = tmp_path / f"m{suffix}"
    model().save(path)
    whole = path.read_bytes()
    for size in (*range(0, 64, 7), *range(64, len(whole), len(whole) // 40), len(whole) - 1):
        path.write_bytes(whole[:size])
        refused(path)
    for foreign in (b"\x89PNG\r\n\x1a\n" + bytes(100), b"PK\x05\x06" + bytes(18), b"{}" * 50, bytes(1000)):
        path.write_bytes(foreign)
        refused(path)


@every_readable
def test_a_changed_byte_is_noticed_or_harmless(suffix, tmp_path):
    path = tmp_path / f"m{suffix}"
    model().save(path)
    whole = np.frombuffer(path.read_bytes(), np.uint8)
    rng = np.random.default_rng(0)
    refusals = []
    for _ in range(300):
        changed = whole.copy()
        changed[rng.integers(0, len(whole), rng.integers(1, 4))] = rng.integers(0, 256)
        path.write_bytes(changed.tobytes())
        try:
            network = fa.load_model(path)
        except ValueError as error:
            refusals.append(str(error))
        else:
            assert network.count_params() == 44
    assert len(refusals) > 0
    assert all(path.name in refusal for refusal in refusals)


@pytest.mark.parametrize("suffix", [".npz", ".keras"])
@pytest.mark.parametrize("stated", [300_000_000, 1000])
def test_a_bomb_is_refused(suffix, stated, tmp_path):
    """300 MB of zeros that take 300 kB in the archive, which admits to them or not."""
    pytest.importorskip("h5py")
    path = tmp_path / f"m{suffix}"
    model().save(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("layers/dense/vars/2.npy", bytes(300_000_000))
    content = path.read_bytes().replace(struct.pack("<I", 300_000_000), struct.pack("<I", stated))
    assert len(content) < 2e6
    path.write_bytes(content)
    refused(path)


def rewritten(path, change):
    """Pass the members of an archive, by name, through a function."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def npy(header: str, content: bytes = b"") -> bytes:
    """An .npy file with any header."""
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + content


HEADERS = {
    "huge": "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 1000000)}",
    "overflowing": "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296)}",
    "negative": "{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -1)}",
    "objects": "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
    "records": "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': ()}",
    "code": "__import__('os').system('touch executed')",
    "nested": "(" * 900,
    "long": " " * 60000 + "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}",
}


@pytest.mark.parametrize("kind", HEADERS)
def test_headers_of_arrays_that_lie(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "m.npz"
    model().save(path)
    rewritten(path, lambda members: members.update({"layers/dense/vars/0.npy": npy(HEADERS[kind], bytes(8))}))
    refused(path)
    assert os.listdir(tmp_path) == ["m.npz"]


class Executed:
    """Unpickling one leaves a file behind."""

    def __reduce__(self):
        return os.mkdir, ("executed",)


def test_pickles_are_not_loaded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model().save("m.npz")
    stream = io.BytesIO()
    np.save(stream, np.array([Executed()], dtype=object), allow_pickle=True)
    path = tmp_path / "m.npz"
    for name in ("config.npy", "layers/dense/vars/0.npy"):
        rewritten(path, lambda members, name=name: members.update({name: stream.getvalue()}))
        refused(path)
    assert os.listdir(tmp_path) == ["m.npz"]


def with_config(path, change) -> None:
    """Pass the configuration in an .npz through a function."""

    def rewrite(members):
        config = json.loads(np.load(io.BytesIO(members["config.npy"])).item())
        stream = io.BytesIO()
        np.save(stream, np.array(json.dumps(change(config) or config).encode()))
        members["config.npy"] = stream.getvalue()

    rewritten(path, rewrite)


def layer(config, k=1):
    return config["config"]["layers"][k]


CHANGES = {
    "class": lambda c: layer(c).update(class_name="os.system"),
    "class that is no text": lambda c: layer(c).update(class_name=["Dense"]),
    "another module's class": lambda c: layer(c).update(
        module="os", class_name="system", config={"command": ""}
    ),
    "units": lambda c: layer(c)["config"].update(units=10**12),
    "units that are no number": lambda c: layer(c)["config"].update(units="5"),
    "input": lambda c: layer(c, 0)["config"].update(batch_shape=[None, 10**12]),
    "input without": lambda c: c["config"]["layers"].pop(0),
    "layers": lambda c: c["config"].update(layers=7),
    "no layers": lambda c: c["config"].update(layers=[]),
    "activation": lambda c: layer(c)["config"].update(activation="eval"),
    "option": lambda c: layer(c)["config"].update(run="touch executed"),
    "dtype": lambda c: c["config"].update(dtype="object"),
    "optimizer": lambda c: c["compile_config"].update(optimizer="os.system"),
    "loss": lambda c: c["compile_config"].update(loss={"class_name": "eval", "config": {}}),
    "random state": lambda c: c["random_state"]["model"]["state"].update(state="touch executed"),
    "random state out of range": lambda c: c["random_state"]["model"]["state"].update(inc=2**200),
    "random state of another kind": lambda c: c["random_state"]["model"].update(bit_generator="MT19937"),
    "random state of nobody": lambda c: c["random_state"].update({"os.system": {}}),
    "random state that is no state": lambda c: c.update(random_state=[1]),
    "nothing": lambda c: {"nothing": 1},
    "nested activations": lambda c: layer(c)["config"].update(activation=nested(10_000)),
    "flood": lambda c: c["config"].update(
        layers=[
            {"class_name": "InputLayer", "config": {"batch_shape": [None, 2**22]}},
            {"class_name": "Activation", "config": {"activation": "relu"}},
            {"class_name": "Dense", "config": {"units": 2**40}},
        ]
    ),
}


def nested(depth: int) -> dict:
    value: dict = {"class_name": "LeakyReLU", "config": {}}
    for _ in range(depth // 100):
        value = {"class_name": "LeakyReLU", "config": {"activation": value}}
    return value


@pytest.mark.parametrize("kind", CHANGES)
def test_configurations_that_lie(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "m.npz"
    model().save(path)
    with_config(path, lambda config: None)
    fa.load_model(path)
    with_config(path, CHANGES[kind])
    refused(path)
    assert os.listdir(tmp_path) == ["m.npz"]


def test_json_that_is_too_deep(tmp_path):
    path = tmp_path / "m.npz"
    model().save(path)
    stream = io.BytesIO()
    np.save(stream, np.array(b"[" * 1_000_000))
    rewritten(path, lambda members: members.update({"config.npy": stream.getvalue()}))
    refused(path)


@pytest.mark.parametrize("length", [0, 2**40, 2**63, 2**64 - 1])
def test_the_length_of_a_header_of_safetensors(length, tmp_path):
    pytest.importorskip("safetensors")
    path = tmp_path / "m.safetensors"
    model().save(path)
    path.write_bytes(struct.pack("<Q", length) + path.read_bytes()[8:])
    refused(path)


def h5_with(h5py, path, change):
    """An archive of Keras whose weights a function has changed."""
    model().save(path)

    def rewrite(members):
        stream = io.BytesIO(members["model.weights.h5"])
        with h5py.File(stream, "r+") as store:
            change(store)
        members["model.weights.h5"] = stream.getvalue()

    rewritten(path, rewrite)


def test_hdf5_that_lies(tmp_path):
    h5py = pytest.importorskip("h5py")
    (tmp_path / "secret").write_bytes(bytes(range(60)) * 2)
    with h5py.File(tmp_path / "other.h5", "w") as store:
        store["0"] = np.zeros((3, 5))
    name = "layers/dense/vars/0"

    def replaced(make):
        def change(store):
            del store[name]
            make(store)

        return change

    layout = h5py.VirtualLayout((3, 5), "f8")
    layout[:] = h5py.VirtualSource(tmp_path / "other.h5", "0", (3, 5))
    secret = [(str(tmp_path / "secret"), 0, 120)]
    changes = {
        "empty": lambda s: s.create_dataset(name, (10**6, 10**6), "f8", chunks=(1, 1000)),
        "zipped": lambda s: s.create_dataset(name, data=np.zeros((3000, 50_000)), compression="gzip"),
        "overflowing": lambda s: s.create_dataset(name, (2**32, 2**32), "f8", chunks=(1, 1000)),
        "external": lambda s: s.create_dataset(name, (3, 5), "f8", external=secret),
        "virtual": lambda s: s.create_virtual_dataset(name, layout),
        "link": lambda s: s.__setitem__(name, h5py.ExternalLink(tmp_path / "other.h5", "0")),
        "text": lambda s: s.create_dataset(name, data="text"),
        "nothing": lambda s: s.create_dataset(name, data=h5py.Empty("f8")),
        "cycle": lambda s: s.__setitem__("layers/dense/vars/0", s["layers"]),
    }
    for kind, make in changes.items():
        path = tmp_path / f"{kind}.keras"
        h5_with(h5py, path, replaced(make))
        refused(path)
