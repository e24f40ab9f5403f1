"""The layers that models are made of: Dense, Activation, Dropout, Flatten."""

from __future__ import annotations

from .. import initializers, regularizers, utils
from .._data import FRACTION, flag, real_number, whole_number
from .._stages import Affine, Masking, Reshaping, nonlinearity
from .base import Layer


class Dense(Layer):
    """Fully connected: ``activation(x @ kernel + bias)``.

    Parameters
    ----------
    units : int
        Number of outputs, at least 1.
    activation : str, activation, (forward, derivative) or None
        A name, a function of fastact or one with its parameters
        (``functools.partial(fastact.elu, alpha=0.5)``), a layer such as ``LeakyReLU(0.2)``, or any two
        callables that take and return arrays.
    use_bias : bool
    kernel_initializer, bias_initializer : str or initializer
    kernel_regularizer, bias_regularizer : str or regularizer, optional
    input_shape : tuple of int, optional
        Shape of a row of input, for the first layer: ``(3,)``. `input_dim` is the same as a number.
    name : str, optional

    Attributes
    ----------
    kernel, bias : ndarray
        Views into the model's parameters; bias is None without one.

    See Also
    --------
    Activation : an activation as a layer of its own.

    Examples
    --------
    >>> from fastact.models import Sequential
    >>> from fastact.layers import Dense
    >>> model = Sequential([Dense(5, input_shape=(3,), activation="relu"), Dense(1)])
    >>> [w.shape for w in model.get_weights()]
    [(3, 5), (5,), (5, 1), (1,)]
    """

    def __init__(
        self,
        units,
        activation=None,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        kernel_regularizer=None,
        bias_regularizer=None,
        input_shape=None,
        input_dim=None,
        name=None,
    ):
        if input_dim is not None:
            if input_shape is not None:
                raise ValueError("Dense: give input_shape or input_dim, not both")
            input_shape = (input_dim,)
        super().__init__(name, input_shape)
        self.input_dim = None
        self.units = whole_number("Dense: units", units, 1)
        self.use_bias = flag("Dense: use_bias", use_bias)
        self.activation = nonlinearity(activation, "Dense: activation")
        self.kernel_initializer = initializers.get(kernel_initializer, "kernel_initializer")
        self.bias_initializer = initializers.get(bias_initializer, "bias_initializer")
        self.kernel_regularizer = regularizers.get(kernel_regularizer, "kernel_regularizer")
        self.bias_regularizer = regularizers.get(bias_regularizer, "bias_regularizer")
        self.affine = Affine([self.kernel_regularizer, self.bias_regularizer][: 1 + self.use_bias])

    @property
    def stages(self):
        return [self.affine, self.activation]

    @property
    def kernel(self):
        return self.affine.weights[0] if self.built else None

    @property
    def bias(self):
        return self.affine.weights[1] if self.built and self.use_bias else None

    def build(self, input_shape, dtype, rng):
        self.affine.weights = [self.kernel_initializer((input_shape[-1], self.units), dtype, rng)]
        if self.use_bias:
            self.affine.weights.append(self.bias_initializer((self.units,), dtype, rng))
        super().build(input_shape, dtype, rng)


class Activation(Layer):
    """An activation as a layer.

    Parameters
    ----------
    activation : str, activation, (forward, derivative) or None
        As for `Dense`.
    input_shape : tuple of int, optional
    name : str, optional

    See Also
    --------
    Dense : has an activation of its own.

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.models import Sequential
    >>> from fastact.layers import Activation
    >>> Sequential([Activation("relu")]).predict(np.array([[-1.0, 2.0]]), verbose=0)
    array([[0., 2.]], dtype=float32)
    """

    def __init__(self, activation, input_shape=None, name=None):
        super().__init__(name, input_shape)
        self.activation = nonlinearity(activation, "Activation: activation")

    @property
    def stages(self):
        return [self.activation]


class Flatten(Layer):
    """A row of any shape as a row of numbers.

    Parameters
    ----------
    input_shape : tuple of int, optional
    name : str, optional

    Examples
    --------
    >>> from fastact.models import Sequential
    >>> from fastact.layers import Dense, Flatten
    >>> Sequential([Flatten(input_shape=(28, 28)), Dense(10)]).count_params()
    7850
    """

    def __init__(self, input_shape=None, name=None):
        super().__init__(name, input_shape)
        self.reshaping = Reshaping()

    @property
    def stages(self):
        return [self.reshaping]


class Dropout(Layer):
    """While training, a random share of the inputs is 0 and the others grow by ``1 / (1 - rate)``.

    Parameters
    ----------
    rate : float
        The share, at least 0 and less than 1.
    seed : int, optional
        Without one, the random numbers are those of the `fit`.
    input_shape : tuple of int, optional
    name : str, optional

    References
    ----------
    N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, Dropout: a simple way to
    prevent neural networks from overfitting, JMLR 15, 2014.

    Examples
    --------
    >>> import numpy as np
    >>> from fastact.models import Sequential
    >>> from fastact.layers import Dropout
    >>> Sequential([Dropout(0.5)]).predict(np.ones((1, 3)), verbose=0)
    array([[1., 1., 1.]], dtype=float32)
    """

    def __init__(self, rate, seed=None, input_shape=None, name=None):
        super().__init__(name, input_shape)
        self.rate = real_number("Dropout: rate", rate, *FRACTION)
        self.seed = utils.checked_seed(seed, "Dropout: seed")
        self.masking = Masking(self.rate, self.seed)

    @property
    def stages(self):
        return [self.masking]
