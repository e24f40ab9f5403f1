"""Every function and derivative against higher precision, by the figures of the documentation (in ULP)."""

from __future__ import annotations

import numpy as np
import oracle
import pytest
from conftest import defaults, every_float, every_row, every_row_that, every_row_with_parameters, public

import fastact as fa
from fastact._table import BY_NAME, PROMISED_FAR, ROW_BOUNDS, SOFTMAX_FAMILY

every_kind = pytest.mark.parametrize("kind", ["function", "derivative"])

FLOAT32, FLOAT16 = 1.0, 0.51
#: float64: these functions, and 4 for the others and for derivatives
TWO_ULP = {
    *("linear", "relu", "relu6", "leaky_relu", "prelu", "elu", "selu", "celu"),
    *("hard_sigmoid", "hard_silu", "hard_tanh", "hard_shrink", "soft_shrink", "threshold"),
    *("sigmoid", "log_sigmoid", "softplus", "softsign", "tanh", "exponential"),
}
#: and these, both forms
EIGHT_ULP = {"gelu", "gelu_tanh"}
#: what parameters are tried besides their defaults, as far as the row allows them; exact in every dtype
OTHER_PARAMETERS = (0.25, 1.75, 3.0)


def float64_bound(row, kind) -> float:
    if row.name in EIGHT_ULP:
        return 8.0
    return 2.0 if kind == "function" and row.name in TWO_ULP else 4.0


def distances(row, kind, x, parameters, right) -> np.ndarray:
    """ULP distances of the library's answers from the right ones; near roots the absolute criterion holds."""
    with np.errstate(all="raise"):
        got = public(row, kind)(x, *parameters)
    assert got.dtype == x.dtype
    return oracle.errors(row, kind, x, right, got)


def assert_within(bound, distance, x) -> None:
    worst = np.argmax(distance)
    assert distance[worst] <= bound, (
        f"{distance[worst]:.4g} ULP at {x[worst]!r}; {np.sum(distance > bound)} over"
    )


@every_row
@every_kind
def test_float16_everywhere(row, kind):
    x = oracle.away_from_kinks(row, oracle.inputs(row, np.float16, 0))
    parameters = defaults(row, np.float16)
    assert_within(FLOAT16, distances(row, kind, x, parameters, oracle.textbook(row, kind, x, parameters)), x)


@every_row
@every_kind
def test_float32(row, kind):
    x = oracle.away_from_kinks(row, oracle.inputs(row, np.float32, 400))
    parameters = defaults(row, np.float32)
    assert_within(FLOAT32, distances(row, kind, x, parameters, oracle.textbook(row, kind, x, parameters)), x)


@every_row
@every_kind
def test_float64(row, kind):
    x = oracle.away_from_kinks(row, oracle.inputs(row, np.float64, 16))
    parameters = defaults(row)
    distance = distances(row, kind, x, parameters, oracle.exact(row, kind, x, parameters))
    assert_within(float64_bound(row, kind), distance, x)


@every_row
@every_kind
def test_float64_where_the_textbook_finds_the_largest_errors(row, kind):
    """Of 200,000 where functions bend: multiple precision of all would take a minute."""
    x = oracle.away_from_kinks(row, np.random.default_rng(1).uniform(-10, 10, 200_000))
    parameters = defaults(row)
    x = oracle.suspects(x, distances(row, kind, x, parameters, oracle.textbook(row, kind, x, parameters)), 3)
    distance = distances(row, kind, x, parameters, oracle.exact(row, kind, x, parameters))
    assert_within(float64_bound(row, kind), distance, x)


@pytest.mark.parametrize("value", OTHER_PARAMETERS)
@every_row_with_parameters
@every_kind
def test_other_parameters_cost_one_more_ulp(row, kind, value):
    parameters = tuple(value if p.accepts(value) else p.typical for p in row.parameters)
    x = oracle.away_from_kinks(row, oracle.inputs(row, np.float32, 50))
    right = oracle.textbook(row, kind, x, parameters)
    assert_within(FLOAT32 + 1, distances(row, kind, x, parameters, right), x)
    x = oracle.away_from_kinks(row, oracle.inputs(row, np.float64, 4))
    right = oracle.exact(row, kind, x, parameters)
    assert_within(float64_bound(row, kind) + 1, distances(row, kind, x, parameters, right), x)


@every_row_that(lambda row: row.name in oracle.DEFINITIONS)
@every_kind
def test_the_textbook_is_right_enough_to_judge_float32(row, kind):
    x = oracle.away_from_kinks(row, oracle.inputs(row, np.float32, 2))
    parameters = defaults(row, np.float32)
    right = oracle.exact(row, kind, x, parameters)
    textbook = oracle.textbook(row, kind, x, parameters)
    unit = np.spacing(np.abs(np.clip(right, -3e38, 3e38).astype(np.float32))).astype(np.longdouble)
    beyond = np.ldexp(np.longdouble(1), 128)
    with np.errstate(invalid="ignore"):
        error = np.abs(np.clip(textbook, -beyond, beyond) - np.clip(right, -beyond, beyond)) / unit
    near_root = np.any([np.abs(x - root) < 0.5 for root in row.roots] or [np.zeros(len(x), bool)], axis=0)
    assert np.max(error[~near_root]) < 1e-3
    assert np.max(error) < (0.1 if kind == "derivative" else 1e-3)


@pytest.mark.parametrize("name", oracle.DEFINITIONS)
def test_the_definitions_of_derivatives_are_difference_quotients(name):
    function, derivative = oracle.DEFINITIONS[name]
    parameters = [oracle.mpf(v) for v in (0.25, 0.75)][: function.__code__.co_argcount - 1]
    step = oracle.mpf(10) ** -25
    for x in map(oracle.mpf, (-7.3, -2.1, -0.9, -0.31, 0.32, 1.7, 5.2, 12.5)):
        quotient = (function(x + step, *parameters) - function(x - step, *parameters)) / (2 * step)
        assert abs(quotient - derivative(x, *parameters)) < oracle.mpf(10) ** -30


SINES = {"sin": (np.sin, np.cos), "cos": (np.cos, lambda x: -np.sin(x))}


@pytest.mark.parametrize("name", SINES)
@every_kind
def test_sine_of_large_float32(name, kind):
    rng = np.random.default_rng(8)
    half_turns = np.arange(-64_000, 64_000) * (np.pi / 2)
    beyond = np.abs(half_turns) > PROMISED_FAR
    x = np.concatenate([half_turns[~beyond], rng.uniform(-PROMISED_FAR, PROMISED_FAR, 300_000)]).astype(
        np.float32
    )
    right = SINES[name][kind == "derivative"](x.astype(np.longdouble))
    assert_within(FLOAT32, distances(BY_NAME[name], kind, x, (), right), x)
    x = np.concatenate(
        [half_turns[beyond], rng.standard_normal(20_000) * 2.0 ** rng.uniform(10, 120, 20_000)]
    )
    x = np.concatenate(
        [x.astype(np.float32), oracle.near(np.float32, 2.0**20), oracle.near(np.float32, 3.4e38)]
    )
    right = SINES[name][kind == "derivative"](x.astype(np.float64)).astype(np.longdouble)
    assert_within(FLOAT32, distances(BY_NAME[name], kind, x, (), right), x)


@pytest.mark.parametrize("name", SINES)
@every_kind
def test_sine_of_large_float64(name, kind):
    rng = np.random.default_rng(9)
    x = rng.standard_normal(50_000) * 2.0 ** rng.uniform(5, 1000, 50_000)
    multiples = np.arange(1, 4_000_000, 173) * (np.pi / 2)  # next to a zero, where the reduction shows
    x = np.concatenate(
        [x, multiples, -multiples, oracle.near(np.float64, 2.0**20), oracle.near(np.float64, 1.7e308)]
    )
    x = np.concatenate([x, *(rng.uniform(-limit, limit, 200_000) for limit in (10, 2.0**20))])
    right = SINES[name][kind == "derivative"](x)  # within half an ULP and a bit
    got = public(BY_NAME[name], kind)(x)
    assert_within(
        float64_bound(BY_NAME[name], kind), oracle.ulp_distance(got, right.astype(np.longdouble)), x
    )


# -- softmax ------------------------------------------------------------------------------------

[SPARSEMAX] = (row for row in SOFTMAX_FAMILY if row.name == "sparsemax")
LENGTHS = (1, 2, 3, 7, 16, 17, 33, 100, 511, 512, 513, 1000, 2048, 2049, 5000)


def rows_of(length, dtype, rng):
    """Rows of every kind that softmax meets, by name."""
    normal = rng.standard_normal((4, length))
    half = np.where(rng.random((4, length)) < 0.5, -np.inf, normal)
    half[:, 0] = normal[:, 0]
    winner = normal - 40
    winner[:, length // 2] = 0
    near_0 = normal - np.log(np.exp(normal).sum(axis=-1, keepdims=True))
    kinds = {
        "normal": normal,
        "logsumexp near 0": near_0,
        "wide": 30 * normal,
        "half -inf": half,
        "winner": winner,
        "equal": np.full((2, length), 0.3),
    }
    return {kind: rows.astype(dtype) for kind, rows in kinds.items()}


def exact_rows(x):
    """softmax, log_softmax and logsumexp in long double, with log1p for the dominant element."""
    largest = x.max(axis=-1, keepdims=True).astype(np.longdouble)
    shifted = x - largest
    e = np.exp(shifted)
    rest = e.copy()
    np.put_along_axis(rest, np.argmax(x, axis=-1)[:, None], 0, axis=-1)
    rest = np.sum(rest, axis=-1, keepdims=True)
    return e / (1 + rest), shifted - np.log1p(rest), (largest + np.log1p(rest))[:, 0]


def exact_sparsemax(x):
    """The same of sparsemax, whose threshold follows from the largest elements, as many as exceed it."""
    falling = np.sort(x.astype(np.longdouble), axis=-1)[:, ::-1]
    thresholds = (np.cumsum(falling, axis=-1) - 1) / np.arange(1, x.shape[1] + 1)
    last = np.count_nonzero(falling > thresholds, axis=-1)[:, None] - 1
    return np.maximum(x - np.take_along_axis(thresholds, last, axis=-1), 0)


@every_float
@pytest.mark.parametrize("length", LENGTHS)
def test_softmax_and_its_kin(length, dtype):
    bound = ROW_BOUNDS[dtype.__name__]
    for kind, x in rows_of(length, dtype, np.random.default_rng(length)).items():
        share, log_share, log_sum = exact_rows(x)
        wide = x.astype(np.longdouble)
        cooler = exact_rows((wide - wide.max(axis=-1, keepdims=True)) / np.longdouble(0.7))
        for got, right in (
            (fa.softmax(x), share),
            (fa.softmin(-x), share),
            (fa.log_softmax(x), log_share),
            (fa.softmax(x, temperature=0.7), cooler[0]),
            (fa.log_softmax(x, temperature=0.7), cooler[1]),
        ):
            assert got.dtype == dtype
            assert oracle.ulp_distance(got, right).max() <= bound, kind
        got, right = fa.sparsemax(x), exact_sparsemax(x)
        distance = oracle.ulp_distance(got, right)
        assert distance[np.abs(got - right) > SPARSEMAX.near_0].max(initial=0) <= bound, kind
        largest = np.maximum(np.abs(log_sum), np.abs(x.max(axis=-1))).astype(dtype)
        assert (np.abs(fa.logsumexp(x) - log_sum) / np.spacing(largest)).max() <= bound, kind
        if dtype != np.float16:
            sums = fa.softmax(x).astype(np.longdouble).sum(axis=-1)
            assert np.abs(sums - 1).max() <= 2 * np.finfo(dtype).eps, kind


@pytest.mark.parametrize("row", SOFTMAX_FAMILY, ids=lambda row: row.name)
def test_docstrings_of_softmax_and_its_kin_state_the_bounds(row):
    text = " ".join(getattr(fa, row.name).__doc__.split())
    assert ", ".join(f"{dtype} {bound:g}" for dtype, bound in ROW_BOUNDS.items()) in text


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("lost", [0.0, 0.5])
def test_a_long_softmax_row_sums_to_one(dtype, lost):
    rng = np.random.default_rng(5)
    x = rng.standard_normal(262_144).astype(dtype)
    x[rng.random(len(x)) < lost] = -np.inf
    assert abs(fa.softmax(x).astype(np.longdouble).sum() - 1) <= 2 * np.finfo(dtype).eps
