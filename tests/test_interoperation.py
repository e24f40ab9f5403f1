"""Arrays of other libraries: what kind of result they give, and when it is computed."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import public
from test_softmax import every_row

import fastact as fa
from fastact._table import BY_NAME

REASON = "the extra 'oracles' is not installed"
X = np.random.default_rng(0).standard_normal((8, 6))
SOME = [BY_NAME[name] for name in ("relu", "silu", "leaky_relu", "softplus")]
some_activations = pytest.mark.parametrize("activation", SOME, ids=lambda row: row.name)


# -- Dask ---------------------------------------------------------------------------------------


@pytest.fixture
def lazy():
    """X as a Dask array of four blocks."""
    return pytest.importorskip("dask.array", reason=REASON).from_array(X, chunks=(2, 6))


@some_activations
def test_dask_stays_lazy(activation, lazy):
    function = public(activation)
    for got, right in (
        (function(lazy), function(X)),
        (public(activation, "backward")(lazy, lazy), public(activation, "backward")(X, X)),
    ):
        assert type(got) is type(lazy)
        np.testing.assert_array_equal(got.compute(), right)


@every_row
def test_dask_stays_lazy_by_rows(row, lazy):
    function = getattr(fa, row.name)
    columns = lazy.rechunk((8, 2))
    results = [(function(lazy), function(X)), (function(columns, axis=0), function(X, axis=0))]
    results.append((function(lazy, where=lazy > -1), function(X, where=X > -1)))
    dy = function(lazy)
    results.append((function.backward(dy, lazy), function.backward(function(X), X)))
    if row.tempered:
        results.append((function(lazy, temperature=0.5), function(X, temperature=0.5)))
    for got, right in results:
        assert type(got) is type(lazy)
        np.testing.assert_array_equal(got.compute(), right)


def test_two_processes_of_dask_give_the_same_bits(lazy):
    distributed = pytest.importorskip("distributed", reason=REASON)
    results = [fa.silu(lazy), fa.softmax(lazy), fa.elu(lazy, alpha=0.5), fa.logsumexp(lazy)]
    right = [fa.silu(X), fa.softmax(X), fa.elu(X, alpha=0.5), fa.logsumexp(X)]
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        for got, expected in zip(client.gather(client.compute(results)), right, strict=True):
            np.testing.assert_array_equal(got, expected)


# -- xarray, pandas, masked arrays --------------------------------------------------------------


@pytest.fixture
def labelled():
    xarray = pytest.importorskip("xarray", reason=REASON)
    return xarray.DataArray(X, dims=("row", "column"), coords={"column": list("abcdef")})


@some_activations
def test_xarray_keeps_its_labels(activation, labelled):
    got = public(activation)(labelled)
    assert type(got) is type(labelled)
    assert got.dims == labelled.dims
    assert list(got.coords["column"].values) == list("abcdef")
    np.testing.assert_array_equal(got.values, public(activation)(X))


@every_row
def test_xarray_keeps_its_labels_by_rows(row, labelled):
    function = getattr(fa, row.name)
    for axis in (0, 1, None):
        got = function(labelled, axis=axis)
        assert type(got) is type(labelled)
        assert got.dims == (
            ()
            if row.reduces and axis is None
            else labelled.dims[1 - axis :][:1]
            if row.reduces
            else labelled.dims
        )
        np.testing.assert_array_equal(got.values, function(X, axis=axis))
    np.testing.assert_array_equal(function(labelled, where=labelled > 0).values, function(X, where=X > 0))


@pytest.fixture
def frame():
    """A DataFrame with a missing value."""
    pandas = pytest.importorskip("pandas", reason=REASON)
    return pandas.DataFrame(np.where(X[2, 1] == X, np.nan, X), columns=list("abcdef"), index=range(10, 18))


@some_activations
def test_pandas_keeps_labels_and_missing_values(activation, frame):
    function = public(activation)
    got = function(frame)
    assert type(got) is type(frame)
    assert got.index.equals(frame.index)
    assert got.columns.equals(frame.columns)
    assert got.isna().equals(frame.isna())
    column = function(frame["b"])
    assert type(column) is type(frame["b"])
    np.testing.assert_array_equal(column.to_numpy(), got["b"].to_numpy())


@pytest.mark.parametrize("axis", [-1, 0, 1])
@every_row
def test_pandas_by_rows(row, axis, frame):
    function = getattr(fa, row.name)
    got = function(frame, axis=axis)
    right = function(frame.to_numpy(), axis=axis)
    np.testing.assert_array_equal(np.asarray(got), right)
    if not row.reduces:
        assert type(got) is type(frame)
        assert got.columns.equals(frame.columns)
    np.testing.assert_array_equal(np.asarray(function(frame["a"])), function(frame["a"].to_numpy()))


@some_activations
def test_masked_arrays_stay_masked(activation):
    masked = np.ma.masked_array(X, X > 1)
    got = public(activation)(masked)
    assert type(got) is np.ma.MaskedArray
    np.testing.assert_array_equal(got.mask, masked.mask)
    np.testing.assert_array_equal(got.compressed(), public(activation)(masked.compressed()))


@every_row
def test_what_is_masked_takes_no_part_in_its_row(row):
    masked = np.ma.masked_array(X, X > 1)
    got = getattr(fa, row.name)(masked)
    right = getattr(fa, row.name)(X, where=X <= 1)
    assert type(got) is np.ma.MaskedArray
    if not row.reduces:
        np.testing.assert_array_equal(got.mask, masked.mask)
        right = np.ma.masked_array(right, masked.mask)
    np.testing.assert_array_equal(got.compressed(), np.ma.compressed(right))


# -- scikit-learn -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function", [fa.silu, fa.leaky_relu, fa.softmax], ids=["silu", "leaky_relu", "softmax"]
)
def test_a_step_of_a_pipeline(function):
    pipeline = pytest.importorskip("sklearn.pipeline", reason="scikit-learn is not installed")
    preprocessing = pytest.importorskip("sklearn.preprocessing", reason="scikit-learn is not installed")
    steps = pipeline.make_pipeline(
        preprocessing.StandardScaler(), preprocessing.FunctionTransformer(function, check_inverse=False)
    )
    scaled = preprocessing.StandardScaler().fit_transform(X)
    np.testing.assert_array_equal(steps.fit_transform(X), function(scaled))
