"""The table of activations: what registration, docstrings, documentation, tests and benchmarks read.

A row holds the facts of one activation. Its formula as code stands in `_kernels/activations.pxi`,
its textbook twin in `reference.py`; nothing else needs to know that it exists.
"""

from collections.abc import Callable
from math import inf
from typing import NamedTuple


class Parameter(NamedTuple):
    """A parameter of an activation: `allowed` says in words what `accepts` tests."""

    name: str
    default: float
    says: str
    allowed: str = "a number"
    accepts: Callable = lambda value: value == value


class Activation(NamedTuple):  # not a dataclass, whose making would be a third of the time of the import
    """A row: the facts of one activation.

    Attributes
    ----------
    name, aliases : the canonical name, and others that `fastact.get` knows.
    summary : one line for the docstring.
    formula, derivative : as text, in x and the parameters.
    from_output : the derivative in y = f(x), as text, or None where y does not determine it;
        `from_output_needs` says what the parameters must fulfil for that.
    parameters : in the order of the signature.
    limits : f(-inf), f(inf), f'(-inf), f'(inf).
    kinks : point -> derivative chosen there.
    roots : points near which the derivative is held to an absolute error.
    interesting : points near which tests look closer (switches, roots, saturation).
    variant_of : the activation whose option this row is, or None.
    source : where the function comes from.
    """

    name: str
    summary: str
    formula: str
    derivative: str
    limits: tuple[float, float, float, float]
    source: str
    from_output: str | None = None
    from_output_needs: Parameter | None = None
    aliases: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    kinks: dict[float, float] = {}  # noqa: RUF012
    roots: tuple[float, ...] = ()
    interesting: tuple[float, ...] = ()
    variant_of: str | None = None


POSITIVE = {"allowed": "greater than 0", "accepts": lambda value: value > 0}
NOT_NEGATIVE = {"allowed": "at least 0", "accepts": lambda value: value >= 0}

NEGATIVE_SLOPE = Parameter(name="negative_slope", default=0.01, says="slope for x <= 0")
ALPHA = Parameter(name="alpha", default=1.0, says="minus the limit at -infinity")
BETA = Parameter(name="beta", default=1.0, says="sharpness of the bend at 0", **POSITIVE)

ACTIVATIONS: tuple[Activation, ...] = (
    Activation(
        name="linear",
        aliases=("identity",),
        summary="The identity.",
        formula="x",
        derivative="1",
        from_output="1",
        limits=(-inf, inf, 1, 1),
        source="The activation of a layer that has none.",
    ),
    Activation(
        name="relu",
        summary="Rectified linear unit.",
        formula="max(x, 0)",
        derivative="1 if x > 0 else 0",
        from_output="1 if y > 0 else 0",
        limits=(0, inf, 0, 1),
        kinks={0.0: 0.0},
        source="V. Nair, G. E. Hinton, Rectified linear units improve restricted Boltzmann machines, ICML 2010.",
    ),
    Activation(
        name="leaky_relu",
        aliases=("leakyrelu",),
        summary="Rectified linear unit that lets a little through below 0.",
        formula="x if x > 0 else negative_slope x",
        derivative="1 if x > 0 else negative_slope",
        from_output="1 if y > 0 else negative_slope",
        from_output_needs=Parameter(name="negative_slope", default=0.01, says="", **NOT_NEGATIVE),
        parameters=(NEGATIVE_SLOPE,),
        limits=(-inf, inf, 0.01, 1),
        kinks={0.0: 0.01},
        source="A. L. Maas, A. Y. Hannun, A. Y. Ng, Rectifier nonlinearities improve neural network "
        "acoustic models, ICML 2013.",
    ),
    Activation(
        name="elu",
        summary="Exponential linear unit.",
        formula="x if x > 0 else alpha (e^x - 1)",
        derivative="1 if x > 0 else alpha e^x",
        from_output="1 if y > 0 else y + alpha",
        from_output_needs=Parameter(name="alpha", default=1.0, says="", **NOT_NEGATIVE),
        parameters=(ALPHA,),
        limits=(-1, inf, 0, 1),
        kinks={0.0: 1.0},
        source="D.-A. Clevert, T. Unterthiner, S. Hochreiter, Fast and accurate deep network learning by "
        "exponential linear units, ICLR 2016.",
    ),
    Activation(
        name="selu",
        summary="Self-normalizing exponential linear unit: lambda = 1.0507009873554805, alpha = 1.6732632423543772.",
        formula="lambda x if x > 0 else lambda alpha (e^x - 1)",
        derivative="lambda if x > 0 else lambda alpha e^x",
        from_output="lambda if y > 0 else y + lambda alpha",
        limits=(-1.7580993408473768, inf, 0, 1.0507009873554805),
        kinks={0.0: 1.7580993408473768},
        source="G. Klambauer, T. Unterthiner, A. Mayr, S. Hochreiter, Self-normalizing neural networks, NIPS 2017.",
    ),
    Activation(
        name="gelu",
        summary="Gaussian error linear unit.",
        formula="x Phi(x), Phi the distribution function of a standard normal variable",
        derivative="Phi(x) + x phi(x), phi its density",
        limits=(-0.0, inf, -0.0, 1),
        roots=(-0.7517915246935645,),
        interesting=(-14.0, -13.0, -8.3, -5.5, 5.5, 8.3),
        source="D. Hendrycks, K. Gimpel, Gaussian error linear units, arXiv:1606.08415, 2016. The tail after "
        "M. M. Shepherd, J. G. Laframboise, Chebyshev approximation of (1 + 2x) exp(x^2) erfc x, "
        "Mathematics of Computation 36, 1981.",
    ),
    Activation(
        name="gelu_tanh",
        variant_of="gelu",
        summary="Gaussian error linear unit, the form with tanh.",
        formula="x sigmoid(v), v = 2 sqrt(2/pi) (x + 0.044715 x^3)",
        derivative="sigmoid(v) + x v' sigmoid(v) (1 - sigmoid(v)), v' = 2 sqrt(2/pi) (1 + 0.134145 x^2)",
        limits=(-0.0, inf, -0.0, 1),
        roots=(-0.7524614220710162,),
        interesting=(-10.0, -7.1, -5.0, 5.0, 7.1),
        source="D. Hendrycks, K. Gimpel, Gaussian error linear units, arXiv:1606.08415, 2016.",
    ),
    Activation(
        name="silu",
        aliases=("swish",),
        summary="Sigmoid-weighted linear unit, also called swish.",
        formula="x / (1 + e^-x)",
        derivative="s + x s (1 - s), s = 1 / (1 + e^-x)",
        limits=(-0.0, inf, -0.0, 1),
        roots=(-1.2784645427610738,),
        interesting=(-104.0, -91.86, -88.7, 88.7),
        source="S. Elfwing, E. Uchibe, K. Doya, Sigmoid-weighted linear units for neural network function "
        "approximation in reinforcement learning, Neural Networks 107, 2018.",
    ),
    Activation(
        name="sigmoid",
        aliases=("logistic", "expit"),
        summary="Logistic sigmoid.",
        formula="1 / (1 + e^-x)",
        derivative="e^-x / (1 + e^-x)^2",
        from_output="y (1 - y)",
        limits=(0, 1, 0, 0),
        interesting=(-104.0, -88.7, -16.0, 16.0, 88.7),
        source="P. F. Verhulst, 1845; the classic activation of neural networks.",
    ),
    Activation(
        name="tanh",
        summary="Hyperbolic tangent.",
        formula="(e^x - e^-x) / (e^x + e^-x)",
        derivative="1 / cosh(x)^2",
        from_output="(1 - y) (1 + y)",
        limits=(-1, 1, 0, 0),
        interesting=(-9.01, -0.35, 0.35, 9.01, 19.06),
        source="The classic activation of neural networks, centred on 0.",
    ),
    Activation(
        name="softplus",
        summary="A smooth rectifier.",
        formula="log(1 + e^(beta x)) / beta",
        derivative="1 / (1 + e^(-beta x))",
        from_output="1 - e^(-beta y)",
        parameters=(BETA,),
        limits=(0, inf, 0, 1),
        interesting=(-104.0, -88.7, -16.6, 16.6, 20.0, 36.7),
        source="C. Dugas, Y. Bengio, F. Belisle, C. Nadeau, R. Garcia, Incorporating second-order functional "
        "knowledge for better option pricing, NIPS 2000.",
    ),
    Activation(
        name="exponential",
        aliases=("exp",),
        summary="The exponential function.",
        formula="e^x",
        derivative="e^x",
        from_output="y",
        limits=(0, inf, 0, inf),
        interesting=(-103.97, -87.3, 88.72, -745.1, -708.4, 709.78),
        source="The output of a Poisson regression.",
    ),
)

BY_NAME: dict[str, Activation] = {row.name: row for row in ACTIVATIONS}

assert len(BY_NAME) == len(ACTIVATIONS), "two rows with one name"
