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
LABELS = np.arange(8) % 6
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


@pytest.mark.parametrize(
    "call",
    [
        lambda x: fa.softmax(x, where=X > -1),
        lambda x: fa.softmax(x, where=[True, False] * 3),
        lambda x: fa.softmax(x, axis=(1,), where=X > -1),
        lambda x: fa.softmax(x.T, axis=0, where=X.T > -1),
        lambda x: fa.softmax(x, temperature=np.arange(1.0, 9.0)),
        lambda x: fa.softmax.backward(X, x),
        lambda x: fa.softmax.backward(x, X),
        lambda x: fa.softmax.backward(x[:1], x),
        lambda x: fa.logsumexp.backward(np.arange(8.0), x),
        lambda x: fa.logsumexp.backward(fa.logsumexp(x), X),
        lambda x: fa.softmax_cross_entropy(x, LABELS),
        lambda x: fa.softmax_cross_entropy(x, list(LABELS)),
        lambda x: fa.softmax_cross_entropy(x, fa.softmax(X)),
        lambda x: fa.softmax_cross_entropy.backward(1.0, x, LABELS),
        lambda x: fa.softmax_cross_entropy.backward(np.arange(8.0), x, LABELS),
        lambda x: fa.softmax_cross_entropy.backward(fa.logsumexp(x), X, LABELS),
    ],
)
def test_dask_beside_arrays_in_memory(call, lazy):
    """Rows lie in several blocks, and what stands beside them is cut into the same."""
    got = call(lazy)
    assert type(got) is type(lazy)
    np.testing.assert_array_equal(got.compute(), call(X))


def test_rows_of_dask_in_several_blocks_are_refused(lazy):
    for call in (
        lambda: fa.softmax(lazy, axis=0),
        lambda: fa.softmax(lazy, axis=None),
        lambda: fa.softmax.backward(X, lazy, axis=0),
        lambda: fa.softmax_cross_entropy(lazy, LABELS[:6], axis=0),
    ):
        with pytest.raises(
            ValueError, match=r"each row of a Dask array must lie in one block: rechunk\({0: -1}\)"
        ):
            call()


def test_dask_takes_a_dtype(lazy):
    single, x = lazy.astype("f4"), X.astype("f4")
    for function in (fa.relu, fa.elu, fa.leaky_relu):
        got = function(single, dtype="f8")
        assert (type(got), got.dtype) == (type(lazy), np.float64)
        np.testing.assert_array_equal(got.compute(), function(x, dtype="f8"))


def test_dask_beside_other_blocks(lazy):
    got = fa.softmax.backward(lazy.rechunk((3, 6)), lazy)
    assert type(got) is type(lazy)
    np.testing.assert_array_equal(got.compute(), fa.softmax.backward(X, X))
    labels = lazy.map_blocks(lambda block: np.abs(block[:, 0]).astype(int), dtype=int, drop_axis=1)
    losses = fa.softmax_cross_entropy(lazy, labels)
    assert type(losses) is type(lazy)
    np.testing.assert_array_equal(losses.compute(), fa.softmax_cross_entropy(X, np.abs(X[:, 0]).astype(int)))


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


@pytest.mark.parametrize("axis", [-1, 0, (0, 1)])
@every_row
def test_operands_of_xarray_are_matched_by_name(row, axis):
    """By position, a square array and its transpose would be taken for each other."""
    xarray = pytest.importorskip("xarray", reason=REASON)
    square = xarray.DataArray(X[:6], dims=("row", "column"), coords={"column": list("abcdef")})
    function = getattr(fa, row.name)
    kept = square > 0
    right = function(X[:6], axis=axis, where=X[:6] > 0)
    for where in (kept, kept.T, kept[:, ::-1], kept.T[::-1]):
        np.testing.assert_array_equal(function(square, axis=axis, where=where), right)
    dy = function(square, axis=axis)
    right = function.backward(dy.values, X[:6], axis)
    others = [dy] if dy.ndim == 0 else [dy, dy.T, dy[..., ::-1] if "column" in dy.dims else dy]
    for other in others:
        dx = function.backward(other, square, axis)
        assert dx.dims == square.dims
        assert list(dx.coords["column"].values) == list("abcdef")
        np.testing.assert_array_equal(dx, right)


def test_labels_and_temperatures_of_xarray_are_matched_by_name(labelled):
    xarray = pytest.importorskip("xarray", reason=REASON)
    cube = xarray.DataArray(X.reshape(2, 2, 2, 6), dims=("a", "b", "c", "class"), coords={"a": [10, 20]})
    labels = xarray.DataArray(LABELS.reshape(2, 2, 2), dims=("a", "b", "c"), coords={"a": [10, 20]})
    loss = fa.softmax_cross_entropy
    bare = loss(cube.values, labels.values)
    for target in (labels, labels.transpose("c", "a", "b"), labels[::-1]):
        np.testing.assert_array_equal(loss(cube, target), bare)
        dx = loss.backward(loss(cube, labels).T, cube, target)
        assert dx.dims == cube.dims
        np.testing.assert_array_equal(dx, loss.backward(bare, cube.values, labels.values))
    target = fa.softmax(cube)
    np.testing.assert_array_equal(loss(cube, target.T), loss(cube.values, target.values))
    temperature = xarray.DataArray([1.0, 2.0], dims="b")
    got = fa.softmax(cube, temperature=temperature)
    np.testing.assert_array_equal(got, fa.softmax(cube.values, temperature=np.array([[1.0], [2.0]])))
    with pytest.raises(ValueError, match=r"must not have the dimensions of the rows, \('column',\)"):
        fa.logsumexp.backward(labelled, labelled)
    for wrong in (labels.rename(c="other"), labels[0], target.rename(c="other")):
        with pytest.raises(ValueError, match="target must have the dimensions of logits"):
            loss(cube, wrong)
    with pytest.raises(ValueError, match="operands of xarray must have the same coordinates"):
        fa.softmax.backward(labelled.assign_coords(column=list("abcdex")), labelled)


def test_xarray_beside_arrays_without_names(labelled):
    for got in (fa.softmax.backward(X, labelled), fa.softmax.backward(labelled, X)):
        assert got.dims == labelled.dims
        np.testing.assert_array_equal(got, fa.softmax.backward(X, X))
    kept = fa.logsumexp(labelled, axis=0, keepdims=True)
    assert kept.dims == labelled.dims
    assert list(kept.coords["column"].values) == list("abcdef")
    np.testing.assert_array_equal(kept, fa.logsumexp(X, axis=0, keepdims=True))
    dx = fa.logsumexp.backward(kept, labelled, axis=0, keepdims=True)
    np.testing.assert_array_equal(dx, fa.logsumexp.backward(kept.values, X, axis=0, keepdims=True))
    with pytest.raises(TypeError, match="softmax: takes a DataArray of xarray, not a Dataset"):
        fa.softmax(labelled.to_dataset(name="x"))


def test_xarray_of_dask_stays_lazy(labelled):
    dask = pytest.importorskip("dask.array", reason=REASON)
    lazy = labelled.chunk({"row": 2})
    for got in (fa.softmax.backward(labelled.T, lazy), fa.softmax(lazy, where=labelled > -9)):
        assert isinstance(got.data, dask.Array)
    np.testing.assert_array_equal(fa.softmax.backward(labelled.T, lazy), fa.softmax.backward(X, X))


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


@pytest.mark.parametrize("axis", [-1, 0, 1, (1,), None])
@every_row
def test_pandas_by_rows(row, axis, frame):
    function = getattr(fa, row.name)
    got = function(frame, axis=axis)
    right = function(frame.to_numpy(), axis=axis)
    np.testing.assert_array_equal(np.asarray(got), right)
    np.testing.assert_array_equal(np.asarray(function(frame["a"])), function(frame["a"].to_numpy()))
    if not row.reduces:
        assert type(got) is type(frame)
        assert got.index.equals(frame.index)
        assert got.columns.equals(frame.columns)
        same = function.backward(got.iloc[::-1, ::-1], frame, axis)  # in another order
        np.testing.assert_array_equal(same, function.backward(right, frame.to_numpy(), axis))
    elif axis is not None:
        assert got.index.equals(frame.columns if axis == 0 else frame.index)
        kept = function(frame, axis=axis, keepdims=True)
        np.testing.assert_array_equal(kept, function(frame.to_numpy(), axis, keepdims=True))


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
def test_frames_of_nullable_and_mixed_dtypes_by_halves(function):
    pandas = pytest.importorskip("pandas", reason=REASON)
    whole = pandas.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    missing = pandas.DataFrame({"a": [1.0, np.nan], "b": [3.0, 4.0]})
    truths = pandas.DataFrame({"a": [True, False], "b": [3.0, 4.0]})
    for frame, right in [
        (whole.convert_dtypes(), whole),
        (missing.convert_dtypes(), missing),
        (missing.astype("Float64"), missing),
        (truths, truths.astype(float)),
    ]:
        pandas.testing.assert_frame_equal(function(frame), function(right))
        pandas.testing.assert_frame_equal(function.backward(1.0, frame), function.backward(1.0, right))
    with pytest.raises(TypeError, match="operands of pandas must be numbers, got dtype"):
        function(pandas.DataFrame({"a": ["x"], "b": [1.0]}))


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


def test_a_loss_of_a_frame_and_its_labels(frame):
    pandas = pytest.importorskip("pandas", reason=REASON)
    loss = fa.softmax_cross_entropy
    logits = frame.fillna(0.0)
    labels = pandas.Series(LABELS, index=frame.index)
    right = loss(logits.to_numpy(), LABELS)
    for target in (labels, labels[::-1], LABELS):
        got = loss(logits, target)
        assert got.index.equals(frame.index)
        np.testing.assert_array_equal(got, right)
        dx = loss.backward(got, logits, target)
        assert dx.columns.equals(frame.columns)
        np.testing.assert_array_equal(dx, loss.backward(right, logits.to_numpy(), LABELS))
    narrow = loss.backward(1.0, logits.astype(np.float32), labels)
    assert set(narrow.dtypes) == {np.dtype(np.float32)}
    with pytest.raises(ValueError, match="operands of pandas must have the same labels along an axis"):
        loss(logits, labels.reset_index(drop=True))
    with pytest.raises(ValueError, match="target must be from 0 to 5, got 9 in row 1"):
        loss(logits.to_numpy(), pandas.Series([0, 9, 2, 0, 0, 0, 0, 0], index=frame.index))
    with pytest.raises(TypeError, match="operands of pandas must be numbers, got dtype category"):
        fa.softmax(labels.astype("category"))


@pytest.mark.parametrize("dtype", ["Int8", "Int64", "Float32", "Float64"])
@every_row
def test_what_is_missing_takes_no_part(row, dtype):
    """The number that stands beneath NA is not seen."""
    pandas = pytest.importorskip("pandas", reason=REASON)
    function = getattr(fa, row.name)
    column = pandas.Series([1, None, 3], dtype=dtype, index=list("xyz"), name="logits")
    result = np.float32 if dtype in ("Int8", "Float32") else np.float64
    present = np.array([1, 3], result)
    got = function(column)
    if row.reduces:
        assert got == function(present)
    else:
        assert (got.index.equals(column.index), got.name) == (True, "logits")
        assert got.dtype == ("Float32" if result is np.float32 else "Float64")
        assert list(got.isna()) == [False, True, False]
        np.testing.assert_array_equal(got.dropna().to_numpy(result), function(present))
        dx = function.backward(pandas.Series([5, 7, 2], dtype=dtype, index=list("xyz")), column)
        assert list(dx.isna()) == [False, True, False]
        right = function.backward(np.array([5, 2], result), present)
        np.testing.assert_array_equal(dx.dropna().to_numpy(result), right)
    frame = pandas.DataFrame({"a": column, "b": [1.0, np.nan, 2.0]}, index=column.index).astype({"a": dtype})
    rows = function(frame)
    with_b = np.array([[1, 1], [3, 2]], result)
    if row.reduces:
        np.testing.assert_array_equal(rows.to_numpy(float)[::2], function(with_b.astype(float)))
    else:
        assert rows.loc["y"].isna().tolist()[0]
        np.testing.assert_array_equal(rows.to_numpy(float)[::2], function(with_b.astype(float)))


@every_row
def test_nullable_arrays_without_labels(row):
    pandas = pytest.importorskip("pandas", reason=REASON)
    function = getattr(fa, row.name)
    array = pandas.array([1, None, 3], dtype="Int64")
    got = function(array)
    if row.reduces:
        assert got == function([1, 3])
    else:
        assert list(got.isna()) == [False, True, False]
        np.testing.assert_array_equal(got[[0, 2]].to_numpy(float), function([1, 3]))


def test_a_missing_label_counts_as_ignored():
    pandas = pytest.importorskip("pandas", reason=REASON)
    labels = LABELS.astype(object)
    labels[2] = None
    target = pandas.Series(labels, dtype="Int64")
    got = fa.softmax_cross_entropy(pandas.DataFrame(X), target)
    assert got.isna().tolist() == [k == 2 for k in range(8)]
    np.testing.assert_array_equal(
        got.dropna().to_numpy(float), fa.softmax_cross_entropy(np.delete(X, 2, 0), np.delete(LABELS, 2))
    )


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


@pytest.mark.parametrize("axis", [-1, 0, (0, 1), None])
@pytest.mark.parametrize("dtype", [np.int8, np.float16, np.float32, np.float64])
@every_row
def test_gradients_of_masked_arrays_are_those_of_the_masked_function(row, dtype, axis):
    """What is masked takes no part, whatever stands beneath."""
    x = (3 * X).astype(dtype)
    mask = X > 1
    mask[3] = True
    fill = np.inf if row.negated else -np.inf
    function = getattr(fa, row.name)
    float_dtype = function(x).dtype
    minimal = np.where(mask, float_dtype.type(fill), x)
    dy = np.ones(8 if axis == -1 else 6, float_dtype) if row.reduces else X.astype(float_dtype)
    dy = np.ones((), float_dtype) if row.reduces and axis in ((0, 1), None) else dy
    dy_without = dy if row.reduces else np.where(mask, 0, dy)
    right = function.backward(dy_without, minimal, axis)
    for gradient in (dy, dy_without) if row.reduces else (dy, np.ma.masked_array(dy, mask)):
        got = function.backward(gradient, np.ma.masked_array(x, mask), axis)
        assert type(got) is np.ma.MaskedArray
        assert got.dtype == float_dtype
        np.testing.assert_array_equal(got.mask, mask)
        np.testing.assert_array_equal(got.compressed(), right[~mask])
    if not row.reduces:
        y = np.ma.masked_array(function(x, axis, where=~mask), mask)
        y.data[mask] = 77
        got = function.backward_from_output(dy, y, axis)
        np.testing.assert_array_equal(got.mask, mask)
        y_without = np.where(mask, float_dtype.type(row.masked), y.data)
        right = function.backward_from_output(dy_without, y_without, axis)
        np.testing.assert_array_equal(got.compressed(), right[~mask])


@every_row
def test_a_masked_result_goes_where_the_caller_wants_it(row):
    masked = np.ma.masked_array(X, X > 1)
    right = getattr(fa, row.name)(masked)
    for out in (np.empty(right.shape), np.ma.masked_array(np.empty(right.shape), False)):
        assert getattr(fa, row.name)(masked, out=out) is out
        np.testing.assert_array_equal(np.ma.getdata(out)[~right.mask], right.compressed())
    np.testing.assert_array_equal(out.mask, right.mask)


def test_masked_logits_probabilities_and_labels_of_a_loss():
    loss = fa.softmax_cross_entropy
    mask = (X > 1) & (np.arange(6) != LABELS[:, None])
    masked = np.ma.masked_array(X, mask)
    right = loss(np.where(mask, -np.inf, X), LABELS)
    np.testing.assert_array_equal(loss(masked, LABELS), right)
    dx = loss.backward(2.0, masked, LABELS)
    np.testing.assert_array_equal(dx.mask, mask)
    right = loss.backward(2.0, np.where(mask, -np.inf, X), LABELS)
    np.testing.assert_array_equal(dx.compressed(), right[~mask])
    target = np.ma.masked_array(fa.softmax(X), mask)
    right = loss(np.where(mask, -np.inf, X), np.where(mask, 0, target.data))
    np.testing.assert_array_equal(loss(X, target), right)
    with pytest.raises(ValueError, match="label_smoothing must be 0 beside masked logits"):
        loss(masked, LABELS, label_smoothing=0.1)
    labels = np.ma.masked_array(np.where(LABELS == 2, 1000, LABELS), LABELS == 2)
    ignored = np.where(LABELS == 2, -1, LABELS)
    for index in (None, 4):
        kept = np.where(ignored == 4, -1, ignored) if index else ignored
        for got, right in (
            (loss(X, labels, ignore_index=index), loss(X, kept, ignore_index=-1)),
            (
                loss.backward(1.0, X, labels, ignore_index=index),
                loss.backward(1.0, X, kept, ignore_index=-1),
            ),
        ):
            assert type(got) is np.ma.MaskedArray
            np.testing.assert_array_equal(got.data, right)
            rows = got.mask if got.ndim == 1 else got.mask.all(axis=1)
            np.testing.assert_array_equal(rows, LABELS == 2)


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


@pytest.mark.parametrize("axis", [-1, 0, None])
@every_row
def test_a_gradient_that_is_masked_alone_counts_as_zero_there(row, axis):
    """The function took all elements into account."""
    if row.reduces:
        pytest.skip("its gradient has one value a row")
    function = getattr(fa, row.name)
    dy = np.ma.masked_array(X, X > 1)
    for got, right in (
        (function.backward(dy, X, axis), function.backward(dy.filled(0), X, axis)),
        (
            function.backward_from_output(dy, function(X, axis), axis),
            function.backward_from_output(dy.filled(0), function(X, axis), axis),
        ),
    ):
        np.testing.assert_array_equal(got.mask, dy.mask)
        np.testing.assert_array_equal(got.compressed(), right[~dy.mask])


@pytest.mark.parametrize("axis", [-1, (1,)])
@every_row
def test_what_dask_cannot_do_is_refused(row, axis, lazy):
    function = getattr(fa, row.name)
    out = function(lazy, axis)
    with pytest.raises(TypeError, match=f"^{row.name}: out must not be an array of Dask"):
        function(lazy, axis, out)
    with pytest.raises(
        TypeError, match=f"^{row.name}: out must be None where an operand is an array of Dask"
    ):
        function(lazy, axis, function(X, axis))
    masked = lazy.map_blocks(lambda block: np.ma.masked_array(block, block > 1), meta=np.ma.masked_array([]))
    with pytest.raises(TypeError, match=f"^{row.name}: takes no array of Dask whose blocks are masked"):
        function(masked, axis)


def test_out_is_checked_beside_labels(frame):
    with pytest.raises(TypeError, match="softmax: out must be an array, got list"):
        fa.softmax(frame, out=[0, 0])
    assert type(fa.softmax(frame, out=(None,))) is type(frame)
    with pytest.raises(ValueError, match="softmax: out must be an array or a tuple of one, got a tuple of 2"):
        fa.softmax(X, out=(X, X))
