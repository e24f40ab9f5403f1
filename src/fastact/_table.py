"""The table of activations: what registration, docstrings, documentation, tests and benchmarks read.

A row holds the facts of one activation. Its formula as code stands in `_kernels/formulas/activations.pxi`,
its textbook twin in `reference/activations.py`, that of a derivative from the result in `bench/from_output.py`;
nothing else needs to know that it exists. `GATES` and `SOFTMAX_FAMILY` are tables of their own.
"""

from collections.abc import Callable
from math import inf, nan
from typing import NamedTuple

#: what each kind of function takes in front of the parameters
OPERANDS = {
    "function": ("x",),
    "derivative": ("x",),
    "backward": ("dy", "x"),
    "backward_from_output": ("dy", "y"),
}


class Parameter(NamedTuple):
    """A parameter of an activation: `allowed` says in words what `accepts` tests.

    One without a default has an example in its place, for tests and documentation.
    """

    name: str
    says: str
    default: float | None = None
    example: float | None = None
    allowed: str = "a number"
    accepts: Callable = lambda value: value == value

    @property
    def typical(self) -> float:
        """The default, or the example."""
        return self.example if self.default is None else self.default


#: size of x up to which rows with a `far` formula are held to their accuracy in float32
PROMISED_FAR = 1e5


class Activation(NamedTuple):  # not a dataclass, whose making would be a third of the time of the import
    """A row: the facts of one activation.

    Attributes
    ----------
    name, aliases : the canonical name, and others that `fastact.get` knows.
    summary : one line for the docstring.
    formula, derivative : as text, in x and the parameters.
    from_output : the derivative in y = f(x), as text, or None where y does not determine it;
        `from_output_needs` is the parameter that must fulfil more for that.
    parameters : in the order of the signature.
    limits : f(-inf), f(inf), f'(-inf), f'(inf).
    kinks : point -> derivative chosen there.
    roots : points near which the derivative is held to an absolute error.
    interesting : points near which tests look closer (switches, roots, saturation).
    variant_of : the activation whose option this row is, or None.
    trained : the parameter that has a gradient of its own (`backward_weight`), of the formula
        `name_derivative_weight`, or None.
    consistent : what the parameters must fulfil together.
    far : size of x from which on `name_far`, and `name_derivative_far`, take the place of the kernel, or None.
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
    trained: str | None = None
    consistent: Callable = lambda *parameters: True
    far: float | None = None

    @property
    def required(self) -> dict[str, float]:
        """Examples of the parameters without a default, by name."""
        return {p.name: p.example for p in self.parameters if p.default is None}

    def parameters_of(self, kind: str) -> tuple[Parameter, ...]:
        """The parameters that a kind of function takes, with what it allows them to be."""
        if kind == f"backward_{self.trained}":
            return ()
        needed = self.from_output_needs if kind == "backward_from_output" else None
        return tuple(needed if needed and needed.name == p.name else p for p in self.parameters)


POSITIVE = {"allowed": "greater than 0", "accepts": lambda value: value > 0}
NOT_NEGATIVE = {"allowed": "at least 0", "accepts": lambda value: value >= 0}

NEGATIVE_SLOPE = Parameter(name="negative_slope", default=0.01, says="slope for x <= 0")
ALPHA = Parameter(name="alpha", default=1.0, says="minus the limit at -infinity")
THRESHOLD = Parameter(name="threshold", default=0.5, says="half the width of the dead zone", **NOT_NEGATIVE)
BEND = Parameter(name="b", default=4.0, says="size of the bend at 0", **NOT_NEGATIVE)
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
        from_output_needs=NEGATIVE_SLOPE._replace(**NOT_NEGATIVE),
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
        from_output_needs=ALPHA._replace(**NOT_NEGATIVE),
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
    Activation(
        name="relu6",
        summary="Rectified linear unit, cut off at 6.",
        formula="min(max(x, 0), 6)",
        derivative="1 if 0 < x < 6 else 0",
        from_output="1 if 0 < y < 6 else 0",
        limits=(0, 6, 0, 0),
        kinks={0.0: 0.0, 6.0: 0.0},
        source="A. Krizhevsky, Convolutional deep belief networks on CIFAR-10, 2010.",
    ),
    Activation(
        name="prelu",
        summary="Rectified linear unit with a trained slope below 0.",
        formula="x if x > 0 else weight x",
        derivative="1 if x > 0 else weight",
        parameters=(Parameter(name="weight", example=0.25, says="slope for x <= 0; broadcasts against x"),),
        limits=(-inf, inf, 0.25, 1),
        kinks={0.0: 0.25},
        trained="weight",
        source="K. He, X. Zhang, S. Ren, J. Sun, Delving deep into rectifiers, ICCV 2015.",
    ),
    Activation(
        name="celu",
        summary="Continuously differentiable exponential linear unit.",
        formula="max(x, 0) + min(0, alpha (e^(x/alpha) - 1))",
        derivative="1 if x > 0 else e^(x/alpha)",
        from_output="1 if y > 0 else y / alpha + 1",
        parameters=(Parameter(name="alpha", default=1.0, says="minus the limit at -infinity", **POSITIVE),),
        limits=(-1, inf, 0, 1),
        kinks={0.0: 1.0},
        source="J. T. Barron, Continuously differentiable exponential linear units, arXiv:1704.07483, 2017.",
    ),
    Activation(
        name="mish",
        summary="A self-regularized non-monotonic activation.",
        formula="x tanh(log(1 + e^x))",
        derivative="t + x (1 - t^2) / (1 + e^-x), t = tanh(log(1 + e^x))",
        limits=(-0.0, inf, -0.0, 1),
        roots=(-1.1924312145154783,),
        interesting=(-104.0, -88.7, -20.0, 20.0),
        source="D. Misra, Mish: a self regularized non-monotonic activation function, BMVC 2020.",
    ),
    Activation(
        name="dish",
        summary="An algebraic relative of silu.",
        formula="x/2 (1 + x / sqrt(1 + x^2))",
        derivative="(1 + 2 u - u^3) / 2, u = x / sqrt(1 + x^2)",
        limits=(-0.0, inf, -0.0, 1),
        roots=(-0.7861513777574233,),
        interesting=(-4096.0, -1.0, 1.0),
        source="The activation of that name in thinc (Explosion, 2022).",
    ),
    Activation(
        name="log_sigmoid",
        aliases=("logsigmoid",),
        summary="Logarithm of the logistic sigmoid.",
        formula="min(x, 0) - log(1 + e^-abs(x))",
        derivative="1 / (1 + e^x)",
        from_output="1 - e^y",
        limits=(-inf, -0.0, 1, 0),
        interesting=(-16.6, 16.6, 88.7, 104.0),
        source="The log-likelihood of a logistic regression.",
    ),
    Activation(
        name="hard_sigmoid",
        aliases=("hardsigmoid",),
        summary="A sigmoid of straight lines.",
        formula="min(max(x + 3, 0), 6) / 6",
        derivative="1/6 if -3 < x < 3 else 0",
        from_output="1/6 if 0 < y < 1 else 0",
        limits=(0, 1, 0, 0),
        kinks={-3.0: 0.0, 3.0: 0.0},
        source="A. Howard et al., Searching for MobileNetV3, ICCV 2019.",
    ),
    Activation(
        name="hard_silu",
        aliases=("hard_swish", "hardswish"),
        summary="x times hard_sigmoid.",
        formula="x min(max(x + 3, 0), 6) / 6",
        derivative="0 if x <= -3, 1 if x >= 3, else (2 x + 3) / 6",
        limits=(-0.0, inf, 0, 1),
        kinks={-3.0: 0.0, 3.0: 1.0},
        roots=(-1.5,),
        source="A. Howard et al., Searching for MobileNetV3, ICCV 2019.",
    ),
    Activation(
        name="hard_tanh",
        aliases=("hardtanh",),
        summary="A tanh of straight lines.",
        formula="min(max(x, min_value), max_value)",
        derivative="1 if min_value < x < max_value else 0",
        from_output="1 if min_value < y < max_value else 0",
        parameters=(
            Parameter(name="min_value", default=-1.0, says="lower bound", allowed="at most max_value"),
            Parameter(name="max_value", default=1.0, says="upper bound", allowed="at least min_value"),
        ),
        consistent=lambda min_value, max_value: min_value <= max_value,
        limits=(-1, 1, 0, 0),
        kinks={-1.0: 0.0, 1.0: 0.0},
        source="R. Collobert, Large scale machine learning, 2004.",
    ),
    Activation(
        name="tanh_shrink",
        aliases=("tanhshrink",),
        summary="What tanh takes away.",
        formula="x - tanh(x)",
        derivative="tanh(x)^2",
        limits=(-inf, inf, 1, 1),
        interesting=(-1.0, -0.35, 0.35, 1.0, 9.01, 19.06),
        source="The activation of that name in Torch.",
    ),
    Activation(
        name="hard_shrink",
        aliases=("hardshrink",),
        summary="0 for all that is small.",
        formula="x if abs(x) > threshold else 0",
        derivative="1 if abs(x) > threshold else 0",
        from_output="0 if y = 0 else 1",
        parameters=(THRESHOLD,),
        limits=(-inf, inf, 1, 1),
        kinks={-0.5: 0.0, 0.5: 0.0},
        source="D. L. Donoho, I. M. Johnstone, Ideal spatial adaptation by wavelet shrinkage, Biometrika 81, 1994.",
    ),
    Activation(
        name="soft_shrink",
        aliases=("softshrink",),
        summary="0 for all that is small, and the rest moved towards it.",
        formula="sign(x) max(abs(x) - threshold, 0)",
        derivative="1 if abs(x) > threshold else 0",
        from_output="0 if y = 0 else 1",
        parameters=(THRESHOLD,),
        limits=(-inf, inf, 1, 1),
        kinks={-0.5: 0.0, 0.5: 0.0},
        source="D. L. Donoho, De-noising by soft-thresholding, IEEE Transactions on Information Theory 41, 1995.",
    ),
    Activation(
        name="threshold",
        summary="A fixed value for all that is not above a threshold.",
        formula="x if x > threshold else value",
        derivative="1 if x > threshold else 0",
        parameters=(
            Parameter(name="threshold", example=0.25, says="what x must exceed"),
            Parameter(name="value", example=-0.5, says="result for all other x"),
        ),
        limits=(-0.5, inf, 0, 1),
        kinks={0.25: 0.0},
        source="The activation of that name in Torch.",
    ),
    Activation(
        name="softsign",
        aliases=("soft_sign",),
        summary="A sigmoid with algebraic tails.",
        formula="x / (1 + abs(x))",
        derivative="1 / (1 + abs(x))^2",
        from_output="(1 - abs(y))^2",
        limits=(-1, 1, 0, 0),
        source="J. Bergstra, G. Desjardins, P. Lamblin, Y. Bengio, Quadratic polynomials learn better image "
        "features, 2009.",
    ),
    Activation(
        name="squareplus",
        summary="A smooth rectifier without transcendental functions.",
        formula="(x + sqrt(x^2 + b)) / 2",
        derivative="(1 + x / sqrt(x^2 + b)) / 2",
        from_output="4 y^2 / (4 y^2 + b)",
        from_output_needs=BEND._replace(**POSITIVE),
        parameters=(BEND,),
        limits=(0, inf, 0, 1),
        interesting=(-4096.0, 4096.0),
        source="J. T. Barron, Squareplus: a softplus-like algebraic rectifier, arXiv:2112.11687, 2021.",
    ),
    Activation(
        name="sparse_plus",
        summary="A smooth rectifier that is exactly 0 below -1.",
        formula="0 if x <= -1, x if x >= 1, else (x + 1)^2 / 4",
        derivative="min(max((x + 1) / 2, 0), 1)",
        from_output="1 if y >= 1 else sqrt(y)",
        limits=(0, inf, 0, 1),
        kinks={-1.0: 0.0, 1.0: 1.0},
        source="The integral of sparse_sigmoid; in JAX and Keras.",
    ),
    Activation(
        name="sparse_sigmoid",
        summary="A sigmoid of straight lines.",
        formula="min(max((x + 1) / 2, 0), 1)",
        derivative="1/2 if -1 < x < 1 else 0",
        from_output="1/2 if 0 < y < 1 else 0",
        limits=(0, 1, 0, 0),
        kinks={-1.0: 0.0, 1.0: 0.0},
        source="A. F. T. Martins, R. F. Astudillo, From softmax to sparsemax, ICML 2016 (two classes).",
    ),
    Activation(
        name="sin",
        summary="Sine.",
        formula="sin(x)",
        derivative="cos(x)",
        limits=(nan, nan, nan, nan),
        far=2.0**20,
        source="V. Sitzmann et al., Implicit neural representations with periodic activation functions, NeurIPS 2020.",
    ),
    Activation(
        name="cos",
        summary="Cosine.",
        formula="cos(x)",
        derivative="-sin(x)",
        limits=(nan, nan, nan, nan),
        far=2.0**20,
        source="The other half of a Fourier feature.",
    ),
)


class Gate(NamedTuple):
    """A row of the gated linear units: half a of the input times an activation of half b."""

    name: str
    gate: str
    source: str


GLU = "Y. N. Dauphin, A. Fan, M. Auli, D. Grangier, Language modeling with gated convolutional networks, ICML 2017."
GLU_VARIANTS = "N. Shazeer, GLU variants improve transformer, arXiv:2002.05202, 2020."

#: largest errors that the tests allow the functions, in ULP
GATE_BOUNDS = {"float32": 1.0}

GATES: tuple[Gate, ...] = (
    Gate(name="glu", gate="sigmoid", source=GLU),
    Gate(name="swiglu", gate="silu", source=GLU_VARIANTS),
    Gate(name="geglu", gate="gelu", source=GLU_VARIANTS),
    Gate(name="reglu", gate="relu", source=GLU_VARIANTS),
)

BY_NAME: dict[str, Activation] = {row.name: row for row in ACTIVATIONS}

assert len(BY_NAME) == len(ACTIVATIONS), "two rows with one name"


class RowActivation(NamedTuple):
    """A row: the facts of one function of the softmax family, which takes a row as a whole.

    Attributes
    ----------
    name, summary, formula, source : as of an activation.
    backward : the gradient, as text, in dy and y, the result, or x.
    from_output : whether y alone determines the gradient.
    negated : whether it falls with x.
    reduces : whether it gives one number a row.
    tempered : whether it takes a temperature.
    masked : the result where `where` is False.
    near_0 : an absolute error that is allowed where terms cancel.
    """

    name: str
    summary: str
    formula: str
    backward: str
    source: str
    from_output: bool = True
    negated: bool = False
    reduces: bool = False
    tempered: bool = False
    masked: float = 0.0
    near_0: float = 0.0


BRIDLE = "J. S. Bridle, Probabilistic interpretation of feedforward classification network outputs, Neurocomputing, 1990."

#: largest errors that the tests allow the functions, in ULP; of one that reduces in ULP of m where that is larger
ROW_BOUNDS = {"float16": 0.51, "float32": 1.0, "float64": 4.0}

SOFTMAX_FAMILY = (
    RowActivation(
        name="softmax",
        summary="Softmax: positive numbers along an axis that sum to 1.",
        formula="y_i = e^(x_i - m) / sum_j e^(x_j - m), m = max(x)",
        backward="y (dy - sum(dy y))",
        tempered=True,
        source=BRIDLE,
    ),
    RowActivation(
        name="log_softmax",
        summary="Logarithm of softmax, accurate where one element dominates.",
        formula="y_i = (x_i - m) - log(sum_j e^(x_j - m)), m = max(x)",
        backward="dy - e^y sum(dy)",
        tempered=True,
        masked=-inf,
        source=BRIDLE,
    ),
    RowActivation(
        name="softmin",
        summary="Softmin: softmax of -x, positive numbers along an axis that sum to 1.",
        formula="y = softmax(-x)",
        backward="-y (dy - sum(dy y))",
        negated=True,
        source=BRIDLE,
    ),
    RowActivation(
        name="sparsemax",
        summary="Sparsemax: the point of the probability simplex next to x, often with zeros.",
        formula="y_i = max(x_i - t, 0), t such that sum_i y_i = 1",
        backward="dy - mean(dy where y > 0) where y > 0, else 0",
        near_0=2.0**-52,
        source="A. F. T. Martins, R. F. Astudillo, From softmax to sparsemax, ICML 2016.",
    ),
    RowActivation(
        name="logsumexp",
        summary="Logarithm of the sum of exponentials along an axis.",
        formula="y = m + log(sum_j e^(x_j - m)), m = max(x)",
        backward="dy softmax(x)",
        from_output=False,
        reduces=True,
        source="N. J. Higham, Accuracy and Stability of Numerical Algorithms, SIAM, 2002, chapter 27.",
    ),
)
