"""A layer for each activation that has one in Keras."""

from __future__ import annotations

from functools import partial

import numpy as np

from .. import activations, initializers, regularizers
from .._configurable import serialized
from .._data import NOT_NEGATIVE, POSITIVE, real_number
from .._stages import Nonlinearity, Pair, TrainedSlope, with_parameters
from .._table import ALPHA, NEGATIVE_SLOPE
from .base import Layer


class ActivationLayer(Layer):
    """A layer that is an activation and has no weights."""

    def __init__(self, stage, input_shape, name):
        super().__init__(name, input_shape)
        self.activation = stage

    @property
    def stages(self):
        return [self.activation]


def clipped_relu(x, max_value, negative_slope, threshold):
    y = np.where(x >= threshold, x, negative_slope * (x - threshold))
    return y if max_value is None else np.minimum(y, max_value)


def clipped_relu_derivative(x, max_value, negative_slope, threshold):
    slope = np.where(x > threshold, 1.0, negative_slope)
    return slope if max_value is None else np.where(x < max_value, slope, 0.0)


class ReLU(ActivationLayer):
    """``max(x, 0)``, or what its three parameters make of it.

    From `threshold` on x itself, at most `max_value`; below ``negative_slope (x - threshold)``.

    Parameters
    ----------
    max_value : float, optional
        At least 0.
    negative_slope, threshold : float
        At least 0.
    input_shape : tuple of int, optional
    name : str, optional

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.models import Sequential
    >>> from fastact.layers import ReLU
    >>> Sequential([ReLU(max_value=6)]).predict(np.array([[-1.0, 2.0, 9.0]]), verbose=0)
    array([[0., 2., 6.]], dtype=float32)
    """

    def __init__(self, max_value=None, negative_slope=0.0, threshold=0.0, input_shape=None, name=None):
        def checked(argument, value):
            return real_number(f"ReLU: {argument}", value, *NOT_NEGATIVE)

        self.max_value = None if max_value is None else checked("max_value", max_value)
        self.negative_slope = checked("negative_slope", negative_slope)
        self.threshold = checked("threshold", threshold)
        super().__init__(None, input_shape, name)
        self.activation = self._stage()

    def _stage(self):
        """The activation of fastact that it is, or else plain NumPy."""
        match (self.max_value, self.negative_slope, self.threshold):
            case (None, 0.0, 0.0):
                return Nonlinearity(activations.relu)
            case (6.0, 0.0, 0.0):
                return Nonlinearity(activations.relu6)
            case (None, slope, 0.0):
                return Nonlinearity(activations.leaky_relu, negative_slope=slope)
        options = {name: getattr(self, name) for name in ("max_value", "negative_slope", "threshold")}
        pair = Pair(partial(clipped_relu, **options), partial(clipped_relu_derivative, **options))
        pair.spelling = serialized(self)
        return pair


class LeakyReLU(ActivationLayer):
    """``x if x > 0 else negative_slope x``; Keras's default slope is 0.3.

    Parameters
    ----------
    negative_slope : float
    input_shape : tuple of int, optional
    name : str, optional

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.models import Sequential
    >>> from fastact.layers import LeakyReLU
    >>> Sequential([LeakyReLU(0.5)]).predict(np.array([[-1.0, 2.0]]), verbose=0)
    array([[-0.5,  2. ]], dtype=float32)
    """

    def __init__(self, negative_slope=NEGATIVE_SLOPE.default, input_shape=None, name=None):
        self.negative_slope = negative_slope
        stage = Nonlinearity(activations.leaky_relu, negative_slope=negative_slope)
        super().__init__(stage, input_shape, name)


class ELU(ActivationLayer):
    """``x if x > 0 else alpha (e^x - 1)``.

    Parameters
    ----------
    alpha : float
    input_shape : tuple of int, optional
    name : str, optional

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.models import Sequential
    >>> from fastact.layers import ELU
    >>> Sequential([ELU()]).predict(np.array([[0.0, 2.0]]), verbose=0)
    array([[0., 2.]], dtype=float32)
    """

    def __init__(self, alpha=ALPHA.default, input_shape=None, name=None):
        self.alpha = alpha
        super().__init__(Nonlinearity(activations.elu, alpha=alpha), input_shape, name)


class Softmax(ActivationLayer):
    """``e^(x / temperature)`` over its sum along an axis.

    Parameters
    ----------
    axis : int
        Of an array with the rows along axis 0, which it cannot be itself.
    temperature : float
        Greater than 0; above 1 it makes the results more equal. Keras has none.
    input_shape : tuple of int, optional
    name : str, optional

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.models import Sequential
    >>> from fastact.layers import Softmax
    >>> Sequential([Softmax()]).predict(np.array([[1.0, 1.0]]), verbose=0)
    array([[0.5, 0.5]], dtype=float32)
    """

    def __init__(self, axis=-1, temperature=1.0, input_shape=None, name=None):
        if not isinstance(axis, int) or isinstance(axis, bool) or axis == 0:
            raise ValueError(f"Softmax: axis must be an integer other than 0, got {axis!r}")
        self.axis = axis
        self.temperature = real_number("Softmax: temperature", temperature, *POSITIVE)
        given = {"axis": axis, "temperature": self.temperature}
        options = {name: value for name, value in given.items() if value != self.arguments()[name]}
        super().__init__(with_parameters(activations.softmax, **options), input_shape, name)

    def get_config(self):
        config = super().get_config()
        if self.temperature == 1:  # of which Keras knows nothing
            del config["temperature"]
        return config


class PReLU(Layer):
    """``x if x > 0 else weight x``, the weight trained, one for each element of a row.

    Parameters
    ----------
    alpha_initializer : str or initializer
    alpha_regularizer : str or regularizer, optional
    shared_axes : list of int, optional
        Axes of the input, counted from 1, along which all elements have the same weight.
    input_shape : tuple of int, optional
    name : str, optional

    Attributes
    ----------
    alpha : ndarray
        The weight, a view into the model's parameters.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, Delving deep into rectifiers, ICCV 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.models import Sequential
    >>> from fastact.layers import PReLU
    >>> model = Sequential([PReLU(alpha_initializer="ones")])
    >>> model.predict(np.array([[-1.0, 2.0]]), verbose=0)
    array([[-1.,  2.]], dtype=float32)
    >>> model.count_params()
    2
    """

    def __init__(
        self,
        alpha_initializer="zeros",
        alpha_regularizer=None,
        shared_axes=None,
        input_shape=None,
        name=None,
    ):
        super().__init__(name, input_shape)
        self.alpha_initializer = initializers.get(alpha_initializer, "alpha_initializer")
        self.alpha_regularizer = regularizers.get(alpha_regularizer, "alpha_regularizer")
        if shared_axes is not None and not all(isinstance(axis, int) and axis > 0 for axis in shared_axes):
            raise ValueError(f"PReLU: shared_axes must be a list of integers from 1, got {shared_axes!r}")
        self.shared_axes = None if shared_axes is None else list(shared_axes)
        self.slope = TrainedSlope([self.alpha_regularizer])

    @property
    def stages(self):
        return [self.slope]

    @property
    def alpha(self):
        return self.slope.weights[0] if self.built else None

    def build(self, input_shape, dtype, rng):
        shared = self.shared_axes or ()
        if max(shared, default=0) > len(input_shape):
            raise ValueError(f"PReLU: shared_axes {shared} do not fit rows of shape {input_shape}")
        shape = tuple(1 if axis in shared else n for axis, n in enumerate(input_shape, 1))
        self.slope.weights = [self.alpha_initializer(shape, dtype, rng)]
        super().build(input_shape, dtype, rng)
