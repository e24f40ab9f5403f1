"""What layers are made of: products with weights, activations and their like, each with its way back.

A stage computes (`stage(x)`), and binds itself to the fixed arrays of a training step
(`stage.bind(step, x)`): it appends what it does forward, and hands back its result with a function
that, given the gradient of the result, appends what it does backward.
"""

from __future__ import annotations

import inspect
from functools import cache, partial

import numpy as np

from . import _table, activations
from ._data import POSITIVE, real_number
from ._kernels.training import Elementwise, Mask, Product, Rowwise

#: activations with parameters for which Keras has a layer
KERAS_LAYERS = {"leaky_relu": "LeakyReLU", "elu": "ELU", "softmax": "Softmax"}
#: a function of the user's may overflow as it likes
QUIET = np.errstate(all="ignore")
#: beyond so many elements NumPy's way to a loop costs little, and shares the work out among threads
DIRECT = 32768


class Stage:
    """What all stages share.

    Attributes
    ----------
    weights, gradients, regularizers : list
        One each for each weight; the first two are views into the flat arrays of the model.
    computes : bool
        Whether it does anything outside of training.
    """

    name: str
    computes = True

    #: what a loss that takes the stage over leaves to be done before it
    before_loss: tuple[Stage, ...] = ()

    def __init__(self, regularizers=()):
        self.weights: list[np.ndarray] = []
        self.gradients: list[np.ndarray] = []
        self.regularizers = list(regularizers)

    @property
    def kind(self) -> str:
        """The name without parameters, by which losses know it."""
        return self.name

    def __getstate__(self):
        return vars(self) | {"gradients": []}


class Affine(Stage):
    """``x @ kernel + bias`` over the last axis of x."""

    name = "affine"

    def __call__(self, x):
        kernel, *biases = self.weights
        z = np.dot(x, kernel)
        for bias in biases:
            Rowwise("add_to_rows", z.reshape(-1, kernel.shape[1]), bias)()
        return z

    def bind(self, step, x):
        kernel, *biases = self.weights
        z = step.room(*x.shape[:-1], kernel.shape[1])
        x_rows, z_rows = x.reshape(-1, x.shape[-1]), z.reshape(-1, z.shape[-1])
        step.forward.append(Product(x_rows, kernel, z_rows))
        step.forward += [Rowwise("add_to_rows", z_rows, bias) for bias in biases]

        def backward(dz, needed):
            dz_rows = dz.reshape(z_rows.shape)
            step.backward += [Rowwise("sum_of_rows", dz_rows, gradient) for gradient in self.gradients[1:]]
            step.backward.append(Product(x_rows.T, dz_rows, self.gradients[0]))
            if needed:
                dx = step.room(*x.shape)
                step.backward.append(Product(dz_rows, kernel.T, dx.reshape(x_rows.shape)))
                return dx

        return z, backward


@cache
def parameters_of(function) -> list[inspect.Parameter]:
    """What an activation takes beside the array, and may be given in a layer."""
    if isinstance(function, np.ufunc):
        return []
    _, *parameters = inspect.signature(function).parameters.values()
    others = ("out", "where")
    return [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD and p.name not in others]


class Nonlinearity(Stage):
    """An activation of fastact, with parameters other than its defaults if there are `options`.

    The gradient is taken from the input, which is more accurate than from the output; what that
    costs, an exponential at most, is small beside the products of matrices around it.
    """

    #: parameters beside those that are positional
    further: frozenset[str] = frozenset()

    def __init__(self, function, **options):
        super().__init__()
        self.function, self.options = function, options
        self.name = function.__name__
        if options:
            self.name += f"({', '.join(f'{name}={value!r}' for name, value in options.items())})"
        if self.name == "linear":
            self.computes = False
        elif not isinstance(function, np.ufunc):
            self._check()

    def _check(self) -> None:
        """Refuse an activation whose parameters are missing, unknown or not allowed."""
        for parameter in parameters_of(self.function):
            if parameter.default is parameter.empty and parameter.name not in self.options:
                raise ValueError(
                    f"activation {self.name!r} cannot be used alone: it has no default {parameter.name}"
                )
        unknown = (
            self.options.keys()
            - {parameter.name for parameter in parameters_of(self.function)}
            - self.further
        )
        if unknown:
            raise ValueError(
                f"activation {self.function.__name__!r} has no parameter {min(unknown)!r} in a layer"
            )
        for parameter in self._row_parameters():
            value = self.options.get(parameter.name, 0)
            if np.size(value) != 1:
                raise ValueError(
                    f"activation {self.function.__name__!r}: {parameter.name} must be one number in a layer, "
                    f"got {value!r}"
                )
        if np.ndim(self.function(np.zeros((2, 2, 2)), **self.options)) != 3:
            raise ValueError(
                f"activation {self.name!r} cannot be used in a layer: it makes one number of a row"
            )

    @property
    def kind(self):
        return self.function.__name__

    @property
    def spelling(self):
        """How the activation is written in a configuration."""
        name = self.function.__name__
        if not self.options:
            return name
        keras_name = None if self.further else KERAS_LAYERS.get(name)
        return {
            "module": "keras.layers" if keras_name else "fastact.activations",
            "class_name": keras_name or name,
            "config": dict(self.options),
            "registered_name": None,
        }

    def _row_parameters(self):
        """The parameters of which each is a number."""
        row = _table.BY_NAME.get(self.function.__name__)
        return row.parameters if row else ()

    def _operation(self, member, dtype):
        """The function behind `member`, the activation or its backward, and its operands after x."""
        if isinstance(member, np.ufunc):
            return member, []
        if self.options.get("approximate") not in (None, False, "none"):
            return member.tanh, []
        values = {p.name: p.default for p in parameters_of(self.function)} | self.options
        if self.function.__name__ in _table.BY_NAME:
            return member.ufunc, [np.asarray(values[p.name], dtype) for p in self._row_parameters()]
        if self.function is activations.softmax and values["axis"] == -1:
            return member.ufunc, []
        return member, [values["axis"]]

    def _bound(self, kind: str, arrays: tuple[np.ndarray, ...], out: np.ndarray):
        """The activation, or its "backward", on fixed arrays."""
        member = self.function.backward if kind else self.function
        function, operands = self._operation(member, out.dtype)
        row = self.function.__name__
        if out.size > DIRECT or row not in _table.BY_NAME:
            return partial(function, *arrays, *operands, out)
        loop = "_".join(
            filter(None, [row, "tanh" if function is getattr(member, "tanh", None) else "", kind])
        )
        return Elementwise(loop, (*arrays, *operands), out, len(operands))

    def __call__(self, x):
        return self.function(x, **self.options)

    def bind(self, step, x):
        y = step.room(*self(x).shape)
        step.forward.append(self._bound("", (x,), y))

        def backward(dy, needed):
            if not needed:
                return None
            dx = step.room(*x.shape)
            step.backward.append(self._bound("backward", (dy, x), dx))
            return dx

        return y, backward


class Tempered(Nonlinearity):
    """softmax or log_softmax of ``x / temperature``."""

    further = frozenset({"temperature"})

    def __init__(self, function, temperature, **options):
        temperature = real_number(f"{function.__name__}: temperature", temperature, *POSITIVE)
        super().__init__(function, temperature=temperature, **options)
        self.before_loss = (Division(temperature),)

    def bind(self, step, x):
        axis, temperature = self.options.get("axis", -1), self.options["temperature"]
        y = step.room(*x.shape)
        step.forward.append(partial(self.function, x, axis, y, temperature=temperature))

        def backward(dy, needed):
            if not needed:
                return None
            dx = step.room(*x.shape)
            step.backward.append(partial(self.function.backward_from_output, dy, y, axis, dx))
            step.backward.append(partial(np.divide, dx, temperature, dx))
            return dx

        return y, backward


class Division(Stage):
    """``x / divisor``, where a loss has taken over the softmax after it."""

    name = "division"

    def __init__(self, divisor: float):
        super().__init__()
        self.divisor = divisor

    def __call__(self, x):
        return x / self.divisor

    def bind(self, step, x):
        y = step.room(*x.shape)
        step.forward.append(partial(np.divide, x, self.divisor, y))

        def backward(dy, needed):
            if not needed:
                return None
            dx = step.room(*x.shape)
            step.backward.append(partial(np.divide, dy, self.divisor, dx))
            return dx

        return y, backward


class Pair(Stage):
    """Any function with its derivative, elementwise callables of x that return arrays."""

    name = "custom"

    def __init__(self, function, derivative):
        super().__init__()
        self.function, self.derivative = function, derivative
        self.spelling = (function, derivative)

    @QUIET
    def __call__(self, x):
        y = np.ascontiguousarray(self.function(x), x.dtype)
        if y.shape != x.shape:
            raise ValueError(f"activation {self.function!r} does not keep the shape {x.shape}, got {y.shape}")
        return y

    def bind(self, step, x):
        y = step.room(*x.shape)
        step.forward.append(QUIET(lambda: np.copyto(y, self.function(x), casting="same_kind")))

        def backward(dy, needed):
            if not needed:
                return None
            dx = step.room(*x.shape)
            step.backward.append(lambda: np.multiply(dy, self.derivative(x), out=dx, casting="same_kind"))
            return dx

        return y, backward


class TrainedSlope(Stage):
    """prelu, with one weight for each element of a row; along axes of length 1 they share it."""

    name = "prelu"

    def __call__(self, x):
        return activations.prelu(x, self.weights[0])

    def bind(self, step, x):
        [weight] = self.weights
        slopes, y = step.room(*x.shape), step.room(*x.shape)  # NumPy would allocate a buffer to broadcast
        step.forward.append(partial(np.copyto, slopes, weight))
        step.forward.append(partial(activations.prelu.ufunc, x, slopes, y))

        def backward(dy, needed):
            by_row = step.room(*x.shape)
            step.backward.append(partial(activations.prelu.backward_weight, dy, x, by_row))
            shared = tuple(k + 1 for k, n in enumerate(weight.shape) if n != x.shape[k + 1])
            for_rows = self.gradients[0].reshape(1, *weight.shape)
            step.backward.append(
                partial(np.add.reduce, by_row, (0, *shared), None, for_rows, keepdims=True)
                if shared
                else Rowwise("sum_of_rows", by_row.reshape(len(x), -1), self.gradients[0].ravel())
            )
            if needed:
                dx = step.room(*x.shape)
                step.backward.append(partial(activations.prelu.backward.ufunc, dy, x, slopes, dx))
                return dx

        return y, backward


class Masking(Stage):
    """While training, some elements are 0, and the others grow by as much as that takes away."""

    name = "dropout"
    computes = False

    def __init__(self, rate: float, seed: int | None):
        super().__init__()
        self.rate, self.seed = rate, seed
        self.rng = None if seed is None else np.random.default_rng(seed)

    def __call__(self, x):
        return x

    def bind(self, step, x):
        mask, y = step.room(*x.shape), step.room(*x.shape)

        def draw():
            (self.rng or step.rng).random(dtype=mask.dtype, out=mask)

        apply = Mask(x, mask, self.rate, y)
        step.forward += [draw, apply]

        def backward(dy, needed):
            if not needed:
                return None
            dx = step.room(*x.shape)
            step.backward.append(Mask(dy, mask, self.rate, dx))
            return dx

        return y, backward


class Reshaping(Stage):
    """Each row as one line of numbers, in place."""

    name = "flatten"

    def __call__(self, x):
        return x.reshape(len(x), -1)

    def bind(self, step, x):
        return self(x), lambda dy, needed: dy.reshape(x.shape)


def with_parameters(function, **options) -> Nonlinearity:
    """The stage of an activation of fastact with some of its parameters."""
    kind = Tempered if "temperature" in options and hasattr(function, "tempered") else Nonlinearity
    return kind(function, **options)


def nonlinearity(activation, argument: str = "activation") -> Stage:
    """The stage of an activation, as `fastact.layers.Dense` describes how to give one."""
    if activation is None:
        activation = "linear"
    if isinstance(activation, (Nonlinearity, Pair)):
        return activation
    if isinstance(activation, (tuple, list)):
        if len(activation) != 2 or not all(map(callable, activation)):
            raise TypeError(
                f"{argument} as a pair must be (forward, derivative), two callables; got {activation!r}"
            )
        return Pair(*activation)
    if isinstance(activation, dict) and isinstance(activation.get("class_name"), str):
        options = {
            name: value
            for name, value in activation.get("config", {}).items()
            if name not in ("name", "trainable", "dtype")
        }
        return with_parameters(activations.get(activation["class_name"]), **options)
    [stage] = getattr(activation, "stages", ()) or [None]
    if isinstance(stage, (Nonlinearity, Pair)):
        return stage
    options = {}
    if isinstance(activation, partial) and not activation.args:
        activation, options = activation.func, activation.keywords
    try:
        function = activations.get(activation)
    except TypeError:
        raise TypeError(
            f"{argument} must be a name, a function of fastact, a pair (forward, derivative), "
            f"a layer that is an activation, or None; got {activation!r}"
        ) from None
    try:
        return with_parameters(function, **options)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{argument}: {error}") from None
