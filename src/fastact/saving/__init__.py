"""Models in files: a module for each format, which the extension of the file's name chooses."""

from __future__ import annotations

import os
from importlib import import_module
from typing import NamedTuple

from .._data import file_name
from ._files import replacing
from ._model import Saved, load_arrays, restored, snapshot

__all__ = ["FORMATS", "load_model", "load_weights", "save_model", "save_weights"]


class Format(NamedTuple):
    """A format: the module here that writes and reads it, and what of a model it saves and loads.

    `package` must be installed for it, which the extra of fastact named `extra` does.
    """

    module: str
    package: str | None = None
    extra: str | None = None
    saves: tuple[str, ...] = ("model", "weights")
    loads: tuple[str, ...] = ("model", "weights")


FORMATS: dict[str, Format] = {
    ".npz": Format("npz"),
    ".safetensors": Format("safetensors", package="safetensors", extra="safetensors"),
    ".keras": Format("keras", package="h5py", extra="keras", saves=("model",)),
    ".weights.h5": Format("hdf5", package="h5py", extra="keras", saves=("weights",), loads=("weights",)),
    ".onnx": Format("onnx", package="onnx", extra="onnx", saves=("model",), loads=()),
}


def chosen(path, action: str, what: str):
    """The module that `saves` or `loads` the model or its weights to or from `path`."""
    name = file_name("path", path)
    suffixes = [suffix for suffix, form in FORMATS.items() if what in getattr(form, action)]
    suffix = next((s for s in FORMATS if name.lower().endswith(s)), None)
    if suffix not in suffixes:
        raise ValueError(
            f"path: what {action} the {what} must be named *{', *'.join(suffixes)}; got {name!r}"
        )
    form = FORMATS[suffix]
    if form.package is not None:
        try:
            import_module(form.package)
        except ImportError as error:
            raise ImportError(
                f"{suffix} files need {form.package}: pip install 'fastact[{form.extra}]'"
            ) from error
    return import_module(f".{form.module}", __name__)


def written(path, module, saved: Saved) -> None:
    with replacing(path) as file:
        module.write(file, saved)


def read(path, module) -> Saved:
    """What a file holds; whatever its parsers stumble over is a ValueError that names the file."""
    with open(path, "rb") as file:
        try:
            return module.read(file)
        except Exception as error:
            raise unreadable(path, error) from error


def unreadable(path, error) -> ValueError:
    reason = str(error) or type(error).__name__
    return ValueError(f"{os.fspath(path)!r} is damaged or was not written for fastact: {reason}")


def save_model(model, path) -> None:
    """Write a model to a file: layers, weights, and how and how far it was trained.

    Parameters
    ----------
    model : Sequential
        Built. What it is compiled with is saved with it, the state of the optimizer too.
    path : str or path
        Its extension chooses the format: ``.npz`` (NumPy's, no pickle), ``.safetensors``, ``.keras`` (for
        Keras 3, too) or ``.onnx`` (the outputs alone, which other programs compute from it; it cannot be
        loaded again). A file of that name is replaced once the new one is complete.

    Raises
    ------
    ValueError
        If the format has no place for something in the model, such as a function of the user's own.
    ImportError
        If the format needs a package that is not installed; the message says which.

    See Also
    --------
    load_model, save_weights
    """
    module = chosen(path, "saves", "model")
    written(path, module, snapshot(model))


def load_model(path, compile=True):
    """A model from a file that `Sequential.save`, or Keras, wrote.

    Nothing in the file is executed, and it is refused if it is not what it should be, or would need more
    memory than a file of its size can honestly need.

    Parameters
    ----------
    path : str or path
        Ends in ``.npz``, ``.safetensors`` or ``.keras``.
    compile : bool
        Whether to compile the model as it was, with the state of its optimizer.

    Returns
    -------
    Sequential

    Raises
    ------
    ValueError
        If the file is damaged, was not written for fastact, or holds what fastact does not have.
    ImportError
        If the format needs a package that is not installed; the message says which.

    See Also
    --------
    fastact.models.Sequential.save

    Examples
    --------
    >>> import os, tempfile
    >>> import fastact as fa
    >>> from fastact.layers import Dense
    >>> model = fa.Sequential([Dense(2, input_shape=(3,))])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "model.npz")
    ...     model.save(path)
    ...     again = fa.load_model(path)
    >>> bool((model.get_weights()[0] == again.get_weights()[0]).all())
    True
    """
    module = chosen(path, "loads", "model")
    saved = read(path, module)
    try:
        return restored(saved, compile)
    except Exception as error:
        raise unreadable(path, error) from error


def save_weights(model, path) -> None:
    """Write the weights of a model alone; see `Sequential.save_weights`."""
    module = chosen(path, "saves", "weights")
    written(path, module, snapshot(model).weights_alone())


def load_weights(model, path) -> None:
    """Set the weights of a model from a file; see `Sequential.load_weights`."""
    module = chosen(path, "loads", "weights")
    saved = read(path, module)
    try:
        load_arrays(model, saved.arrays)
    except Exception as error:
        raise ValueError(f"{os.fspath(path)!r}: {error}") from error
