"""Arrays of other libraries: what kind of result they give, and when it is computed."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import public
from test_softmax import every_row

import fastact as fa
from fastact._table import BY_NAME, GATES

REASON = "the extra 'oracles' is not installed"
X = np.random.default_rng(0).standard_normal((8, 6))
SOME = [BY_NAME[name] for name in ("relu", "silu", "leaky_relu", "softplus")]
some_activations = pytest.mark.parametrize("activation", SOME, ids=lambda row: row.name)
every_gate = pytest.mark.parametrize(
    "function", [getattr(fa, gate.name) for gate in GATES], ids=lambda f: f.__name__
)
#: a gradient with respect to the result of a gated linear unit of X, along each axis
DY = [np.random.default_rng(1).standard_normal(shape) for shape in ((4, 6), (8, 3))]


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


@pytest.mark.parametrize("axis", [0, 1])
@every_gate
def test_dask_stays_lazy_by_halves(function, axis, lazy):
    dask = pytest.importorskip("dask.array", reason=REASON)
    lazy_dy = dask.from_array(DY[axis], chunks=(2, 3))
    right = function.backward(DY[axis], X, axis)
    results = [(function(lazy, axis), function(X, axis)), (function.backward(lazy_dy, lazy, axis), right)]
    results += [
        (function.backward(DY[axis], lazy, axis), right),
        (function.backward(lazy_dy, X, axis), right),
    ]
    for got, expected in results:
        assert type(got) is type(lazy)
        np.testing.assert_array_equal(got.compute(), expected)


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


def placed(labelled, axis, data):
    """Data with the labels that X has, but for those along an axis, which are other ones."""
    dim = labelled.dims[axis]
    along = [name for name, coordinate in labelled.coords.items() if dim in coordinate.dims]
    rest = labelled.drop_vars(along).isel({dim: slice(data.shape[axis])})
    return rest.copy(data=data).assign_coords({dim: range(100, 100 + data.shape[axis])})


@pytest.mark.parametrize("axis", [0, 1])
@every_gate
def test_xarray_by_halves(function, axis, labelled):
    x = labelled.assign_coords(row=range(8), both=(("row", "column"), X), of_all="scalar").assign_attrs(
        unit="m"
    )
    other = x.dims[1 - axis]
    dy = placed(x, axis, DY[axis])
    y, right = function(x, axis), function.backward(DY[axis], X, axis)
    np.testing.assert_array_equal(y.values, function(X, axis))
    for dx in (function.backward(dy, x, axis), function.backward(DY[axis], x, axis)):
        assert dx.identical(x.copy(data=right))
    of_dy = function.backward(dy, X, axis)
    np.testing.assert_array_equal(of_dy.values, right)
    for got in (y, of_dy):
        assert type(got) is type(x)
        assert got.dims == x.dims
        assert set(got.coords) == {other, "of_all"}
        assert got.coords[other].equals(x.coords[other])
        assert got.attrs == x.attrs
    variable = function(x.variable, axis), function.backward(DY[axis], x.variable, axis)
    for got, expected in zip(variable, (y.values, right), strict=True):
        assert type(got) is type(x.variable)
        np.testing.assert_array_equal(got.values, expected)


@every_gate
def test_xarray_of_dask_stays_lazy_by_halves(function, labelled):
    pytest.importorskip("dask.array", reason=REASON)
    chunked = labelled.chunk(row=2)
    for got, right in (
        (function(chunked), function(X)),
        (function.backward(DY[1], chunked), function.backward(DY[1], X)),
    ):
        assert type(got) is type(labelled)
        assert got.chunks
        np.testing.assert_array_equal(got.values, right)


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


@pytest.mark.parametrize("axis", [0, 1])
@every_gate
def test_pandas_by_halves(function, axis, frame):
    pandas = pytest.importorskip("pandas", reason=REASON)
    values = frame.to_numpy()
    labels = [frame.index, frame.columns]
    labels[axis] = range(50, 50 + DY[axis].shape[axis])
    dy = pandas.DataFrame(DY[axis], *labels)
    right = function.backward(DY[axis], values, axis)
    for dx in (function.backward(dy, frame, axis), function.backward(DY[axis], frame, axis)):
        pandas.testing.assert_frame_equal(dx, pandas.DataFrame(right, frame.index, frame.columns))
    labels[axis] = None
    pandas.testing.assert_frame_equal(
        function(frame, axis), pandas.DataFrame(function(values, axis), *labels)
    )
    pandas.testing.assert_frame_equal(function.backward(dy, values, axis), pandas.DataFrame(right, *labels))


@every_gate
def test_a_series_by_halves(function, frame):
    pandas = pytest.importorskip("pandas", reason=REASON)
    column = frame["b"]
    right = pandas.Series(function(column.to_numpy()), name="b")
    pandas.testing.assert_series_equal(function(column), right)
    dx = function.backward(right, column)
    pandas.testing.assert_series_equal(
        dx, pandas.Series(function.backward(right.to_numpy(), column.to_numpy()), column.index, name="b")
    )


@every_gate
def test_out_of_operands_with_labels(function, labelled, frame):
    """out is what is returned, whatever has labels."""
    for x in (labelled, frame):
        values, kept = np.asarray(x), x > 0
        some = np.asarray(kept)
        half = kept[kept.columns[:3]] if x is frame else kept[:, :3]
        for call, arrays, where, right in (
            (function, (x,), half, np.where(some[:, :3], function(values), 0)),
            (function.backward, (DY[1], x), kept, np.where(some, function.backward(DY[1], values), 0)),
        ):
            out = np.zeros_like(right)
            assert call(*arrays, out=out, where=where) is out
            np.testing.assert_array_equal(out, right)
            assert call(*arrays, out=out) is out
            np.testing.assert_array_equal(out, call(*map(np.asarray, arrays)))


@some_activations
def test_masked_arrays_stay_masked(activation):
    masked = np.ma.masked_array(X, X > 1)
    got = public(activation)(masked)
    assert type(got) is np.ma.MaskedArray
    np.testing.assert_array_equal(got.mask, masked.mask)
    np.testing.assert_array_equal(got.compressed(), public(activation)(masked.compressed()))


@pytest.mark.parametrize("axis", [0, 1])
@every_gate
def test_masks_by_halves(function, axis):
    x = np.ma.masked_array(X, X > 1)
    dy = np.ma.masked_array(DY[axis], DY[axis] > 1)
    of_a, of_b = np.split(x.mask, 2, axis)
    y = function(x, axis)
    assert type(y) is np.ma.MaskedArray
    np.testing.assert_array_equal(y.mask, of_a | of_b)
    np.testing.assert_array_equal(y.data[~y.mask], function(X, axis)[~y.mask])
    right = function.backward(DY[axis], X, axis)
    nothing = np.zeros_like(dy.mask)
    for args, mask_a, mask_b in (
        ((DY[axis], x), of_b, of_a | of_b),
        ((dy, X), dy.mask, dy.mask),
        ((dy, x), dy.mask | of_b, dy.mask | of_a | of_b),
        ((DY[axis], np.ma.masked_array(X)), nothing, nothing),
    ):
        mask = np.concatenate([mask_a, mask_b], axis)
        out = np.ma.zeros(X.shape)
        dx = function.backward(*args, axis)
        assert function.backward(*args, axis, out=out) is out
        for got in (dx, out):
            assert type(got) is np.ma.MaskedArray
            np.testing.assert_array_equal(np.ma.getmaskarray(got), mask)
            np.testing.assert_array_equal(got.data[~mask], right[~mask])


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
