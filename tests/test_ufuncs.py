"""Wherever operands stand in memory and whatever surrounds them, the bits of a result are the same."""

from __future__ import annotations

import warnings
from functools import cache

import numpy as np
import pytest
from conftest import every_float, every_member, public, ufunc

import fastact as fa

SPECIAL = (
    np.nan,
    np.inf,
    -np.inf,
    0.0,
    -0.0,
    1e-45,
    -1e-310,
    6e-8,
    -1e-38,
    3e38,
    -3e38,
    6e4,
    -6e4,
    1e308,
    -1e308,
    -90.0,
    750.0,
)


@cache
def drawn(n: int, dtype, seed: int) -> np.ndarray:
    """What finite_or_not copies: to draw numbers takes longer than to test what becomes of them."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(n) * np.exp(rng.uniform(-8, 6, n))
    special = rng.random(n) < 0.15
    x[special] = rng.choice(SPECIAL, special.sum())
    with np.errstate(over="ignore"):
        x = x.astype(dtype)
    x.flags.writeable = False
    return x


def finite_or_not(n: int, dtype, seed: int = 0) -> np.ndarray:
    """n numbers of every kind, mixed."""
    return drawn(n, dtype, seed).copy()


def operands(kind: str, shape, dtype) -> list[np.ndarray]:
    """x, or dy and x (or y)."""
    count = 1 if kind in ("function", "derivative") else 2
    return [finite_or_not(int(np.prod(shape)), dtype, seed).reshape(shape) for seed in range(count)]


def bits(a) -> np.ndarray:
    """The bits of each element; of NaN, the usual ones, for a product of two keeps either's sign."""
    a = np.array(a, np.asarray(a).dtype.newbyteorder("="), order="C")
    a[np.isnan(a)] = np.nan
    return a.view(f"u{a.dtype.itemsize}")


def assert_same_bits(got, right) -> None:
    assert np.asarray(got).dtype.newbyteorder("=") == np.asarray(right).dtype
    assert np.shape(got) == np.shape(right)
    # bytes are quick to compare, but of NaN and of another byte order they tell nothing
    if np.asarray(got).tobytes() != np.asarray(right).tobytes():
        assert np.array_equal(bits(got), bits(right))


# -- position, length and layout ----------------------------------------------------------------

LENGTHS = [*range(71), 511, 512, 513, 1023, 1024, 1025]


@every_float
@every_member
def test_lengths_and_offsets(row, kind, dtype):
    function = public(row, kind)
    arrays = operands(kind, 1100, dtype)
    whole = function(*arrays)
    for offset in range(33):
        for n in LENGTHS:
            if n <= 70 or offset in (0, 1, 8, 31):
                here = slice(offset, offset + n)
                assert_same_bits(function(*(a[here] for a in arrays)), whole[here])


@every_float
@every_member
def test_neighbours(row, kind, dtype):
    """Sorted, numbers of one size stand together and may take a way of their own; shuffled, they may not."""
    function = public(row, kind)
    x = np.linspace(-20, 20, 9999).astype(dtype)
    shuffled = np.random.default_rng(0).permutation(x.size)
    arrays = [x] * len(operands(kind, 1, dtype))
    assert_same_bits(function(*(a[shuffled] for a in arrays)), function(*arrays)[shuffled])


def strided(step):
    def view(shape, dtype):
        room = np.empty((shape[0] + 2, shape[1] * abs(step) + 2), dtype)
        inner = room[1:-1, 1:-1]
        return room, inner[:, ::step] if step > 0 else inner[:, ::step][:, : shape[1]]

    return view


def transposed(shape, dtype):
    room = np.empty((shape[1] + 2, shape[0] + 2), dtype)
    return room, room[1:-1, 1:-1].T


def fortran(shape, dtype):
    room = np.empty(shape, dtype, order="F")
    return room, room


def upside_down(shape, dtype):
    room = np.empty((shape[0] + 2, shape[1] + 2), dtype)
    return room, room[-2:0:-1, -2:0:-1]


def unaligned(shape, dtype):
    room = np.empty(int(np.prod(shape)) * np.dtype(dtype).itemsize + 2, np.uint8)
    return room, room[1:-1].view(dtype).reshape(shape)


def swapped(shape, dtype):
    room = np.empty((shape[0] + 2, shape[1] + 2), np.dtype(dtype).newbyteorder())
    return room, room[1:-1, 1:-1]


LAYOUTS = {f"step {step}": strided(step) for step in (1, 2, 3, 7, -1, -2, -3, -7)}
LAYOUTS |= {f.__name__: f for f in (transposed, fortran, upside_down, unaligned, swapped)}
every_layout = pytest.mark.parametrize("layout", LAYOUTS)


class Room:
    """An array in the midst of memory that must not change."""

    def __init__(self, layout: str, values: np.ndarray):
        self.room, self.view = LAYOUTS[layout](values.shape, values.dtype)
        self.room.reshape(-1, order="A").view(np.uint8)[...] = 0xA5
        self.view[...] = values
        self.before = self.room.tobytes("A"), self.view.copy()

    def assert_surroundings_untouched(self) -> None:
        self.view[...] = self.before[1]
        assert self.room.tobytes("A") == self.before[0]

    def assert_untouched(self) -> None:
        assert self.room.tobytes("A") == self.before[0]


@every_layout
@every_float
@every_member
def test_layouts_of_operands_and_results(row, kind, dtype, layout):
    function = public(row, kind)
    for shape in [(3, 5), (17, 67), (2, 700)]:
        arrays = operands(kind, shape, dtype)
        right = function(*arrays)
        rooms = [Room(layout, a) for a in arrays]
        for room in rooms:
            room.view.flags.writeable = False
        assert_same_bits(function(*(room.view for room in rooms)), right)
        for room in rooms:
            room.assert_untouched()
        assert_same_bits(function(*(rooms[0].view, *arrays[1:])), right)
        out = Room(layout, np.zeros(shape, dtype))
        assert function(*arrays, out=out.view) is out.view
        assert_same_bits(out.view, right)
        out.assert_surroundings_untouched()
        out = Room(layout, np.zeros(shape, dtype))
        function(*(room.view for room in rooms), out=out.view)
        assert_same_bits(out.view, right)
        out.assert_surroundings_untouched()


#: views of an array of shape (4, 6, 600), of two axes and three, most with rows long enough to go past NumPy's iterator
VIEWS = {
    "every second": lambda a: a[..., ::2],
    "reversed": lambda a: a[..., ::-1],
    "all reversed": lambda a: a[::-1, ::-1, ::-1],
    "first columns": lambda a: a[..., :500],
    "every second row": lambda a: a[:, ::2],
    "rows reversed": lambda a: a[:, ::-1, 1:],
    "one row of many": lambda a: a[:, 2:3, ::3],
    "a plane": lambda a: a[:, 3, 100:],
    "short rows": lambda a: a[..., :7],
    "transposed": lambda a: a.transpose(1, 0, 2),
    "turned": lambda a: a.T,
    "spread": lambda a: np.broadcast_to(a[:, :1], a.shape),
    "one number": lambda a: np.broadcast_to(a[:1, :1, :1], a.shape),
    "no rows": lambda a: a[:, :0, ::2],
}


@pytest.mark.parametrize("view", VIEWS)
@every_float
@every_member
def test_views_of_many_axes(row, kind, dtype, view):
    """As of contiguous arrays; and in the order that NumPy gives results, also beside an operand of another order."""
    function, seen = public(row, kind), VIEWS[view]
    arrays = operands(kind, (4, 6, 600), dtype)
    views = [seen(a) for a in arrays]
    plain = [np.ascontiguousarray(v) for v in views]
    right = function(*plain)
    for mixed in (views, [views[0], *plain[1:]]):
        y = function(*mixed)
        assert_same_bits(y, right)
        assert y.strides == np.fmax(mixed[0], mixed[-1]).strides
    if "spread" in view or "one number" in view:
        return
    out = seen(np.zeros((4, 6, 600), dtype))
    assert function(*views, out=out) is out
    assert_same_bits(out, right)
    function(*views, out=views[-1])
    assert_same_bits(views[-1], right)


@every_float
@every_member
def test_results_over_operands(row, kind, dtype):
    function = public(row, kind)
    count = len(operands(kind, 1, dtype))
    n = 1060
    for k in range(count):
        for shift in [*range(-17, 18), -512, -511, 511, 512, 513]:
            for step in (1, 2, -1):
                arrays = operands(kind, 3 * n, dtype)
                out = arrays[k][1 + max(shift, 0) :][:n]
                arrays[k] = arrays[k][1 + max(-shift, 0) :][:n][::step]
                arrays = [a[: len(arrays[k])] for a in arrays]
                right = function(*(a.copy() for a in arrays))
                out = out[: len(right)]
                function(*arrays, out=out)
                assert_same_bits(out, right)
    arrays = operands(kind, (40, 40), dtype)
    right = function(*arrays)
    function(*arrays, out=arrays[-1].T)
    assert_same_bits(arrays[-1].T, right)
    if count == 2:
        x = operands(kind, n, dtype)[1]
        right = function(x.copy(), x.copy())
        assert_same_bits(function(x, x, out=x), right)


@every_float
@every_member
def test_scalars_and_empty_arrays(row, kind, dtype):
    function = public(row, kind)
    arrays = operands(kind, 7, dtype)
    right = function(*arrays)
    for i in range(7):
        for scalars in ([a[i] for a in arrays], [a[i : i + 1].reshape(()) for a in arrays]):
            result = function(*scalars)
            assert type(result) is dtype
            assert_same_bits(result, right[i])
    for shape in [(0,), (3, 0), (0, 3)]:
        result = function(*operands(kind, shape, dtype))
        assert result.shape == shape
        assert result.dtype == dtype


@every_float
@every_member
def test_broadcasting(row, kind, dtype):
    raw = ufunc(row, kind)
    shapes = [(600, 1), (5, 1, 1), (3,), (5, 1, 3)][: raw.nin]
    arrays = [
        np.abs(finite_or_not(int(np.prod(shape)), dtype, k)).reshape(shape) for k, shape in enumerate(shapes)
    ]
    full = [np.ascontiguousarray(a) for a in np.broadcast_arrays(*arrays)]
    assert_same_bits(raw(*arrays), raw(*full))
    one = [full[0].ravel(), *(a.ravel()[:1] for a in full[1:])]
    spread = [one[0], *(np.full_like(one[0], a[0]) for a in one[1:])]
    assert_same_bits(raw(*one), raw(*spread))


# -- what else a ufunc can do -------------------------------------------------------------------


@every_float
@every_member
def test_where(row, kind, dtype):
    function = public(row, kind)
    arrays = operands(kind, (30, 41), dtype)
    keep = np.random.default_rng(3).random((30, 41)) < 0.5
    out = np.full((30, 41), 42, dtype)
    function(*arrays, out=out, where=keep)
    assert_same_bits(out, np.where(keep, function(*arrays), dtype(42)))


@every_member
def test_out_and_dtype_of_another_type(row, kind):
    function = public(row, kind)
    single, double = operands(kind, 1100, np.float32), operands(kind, 1100, np.float64)
    out = np.empty(1100)
    assert_same_bits(function(*single, out=out), function(*single).astype(np.float64))
    out = np.empty(1100, np.float32)
    with np.errstate(over="ignore", under="ignore"):
        assert_same_bits(
            function(*double, out=out, casting="same_kind"), function(*double).astype(np.float32)
        )
    assert_same_bits(function(*single, dtype=np.float64), function(*(a.astype(np.float64) for a in single)))
    with pytest.raises(TypeError):
        function(*single, out=np.empty(1100, np.int32))
    with pytest.raises(TypeError):
        function(*double, out=out, casting="safe")


@every_float
@every_member
def test_reduce_accumulate_outer(row, kind, dtype):
    raw = ufunc(row, kind)
    x = np.abs(np.random.default_rng(2).standard_normal(23)).astype(dtype)
    if raw.nin != 2:
        with pytest.raises(ValueError, match="reduce only supported for binary functions"):
            raw.reduce(x)
        return
    running = [x[0]]
    for value in x[1:]:
        running.append(raw(running[-1], value))
    assert_same_bits(raw.accumulate(x), np.array(running))
    assert_same_bits(raw.reduce(x), running[-1])
    assert_same_bits(raw.reduce(np.stack([x, x]), axis=0), raw(x, x))
    assert_same_bits(raw.outer(x, x[:5]), raw(x[:, None], x[None, :5]))
    indexed = x.copy()
    raw.at(indexed, [3, 5], x[:2])
    right = x.copy()
    right[[3, 5]] = raw(x[[3, 5]], x[:2])
    assert_same_bits(indexed, right)


def same_dtype_as_multiply(function, dy, x) -> bool:
    """Whether operands promote as NumPy's do, but for integers, which become floats."""
    return function(dy, x).dtype == fa.relu(np.multiply(dy, x)).dtype


@pytest.mark.parametrize("number", [1, 1.0, -2.5])
@every_float
@every_member
def test_a_python_number_beside_an_operand_widens_nothing(row, kind, dtype, number):
    if not kind.startswith("backward"):
        return
    function = public(row, kind)
    x = operands(kind, 5, dtype)[0]
    array = np.full(5, number, dtype)
    for pair, right in (((number, x), (array, x)), ((x, number), (x, array))):
        assert_same_bits(function(*pair), function(*right))
        for keywords in ({"dtype": np.float64}, {"out": np.empty(5)}):
            got = function(*pair, **keywords).copy()
            assert_same_bits(got, function(*right, **keywords))


@pytest.mark.parametrize("other", [np.bool_, np.int8, np.uint8])
@every_member
def test_small_integers_beside_float16_widen_nothing(row, kind, other):
    function = public(row, kind)
    x, *rest = operands(kind, 5, np.float16)
    small = np.array([1, 0, 1, 0, 1], other)
    narrow = small.astype(np.float16)
    if rest:
        assert_same_bits(function(small, *rest), function(narrow, *rest))
        assert_same_bits(function(x, small), function(x, narrow))
    for k in range(len(row.parameters)):
        values = [p.default if p.default is not None else 1.0 for p in row.parameters]
        given = [*values[:k], other(1), *values[k + 1 :]]
        if row.consistent(*given) and all(p.accepts(v) for p, v in zip(row.parameters, given, strict=True)):
            assert function(x, *rest, *given).dtype == np.float16


def test_numbers_and_arrays_promote_as_in_numpy():
    for dtype in (np.float16, np.float32, np.float64, np.int32, np.int64):
        for x in (np.ones(2, dtype), dtype(1)):
            for number in (1, 1.0):
                for function in (
                    fa.relu.backward,
                    fa.gelu.backward,
                    fa.elu.backward,
                    fa.prelu.backward_weight,
                ):
                    assert same_dtype_as_multiply(function, number, x)
                    assert same_dtype_as_multiply(function, x, number)
    for x in (np.ones(2, np.float16), np.ones(2, np.float32), np.ones(2, ">f2")):
        for arguments in ((1.0, x, x), (x, 1, x), (x, x, 2.0), (1, x, 0.5)):
            assert fa.sigmoid_cross_entropy.backward(*arguments).dtype == x.dtype.newbyteorder("=")
        for number in (1.0, 1e6):
            assert fa.softmax.backward(number, x).dtype == x.dtype.newbyteorder("=")
    for wrong in (1j, "1", None, np.longdouble(1)):
        with pytest.raises(TypeError):
            fa.relu.backward(np.float16([1]), wrong)


class Tagged(np.ndarray):
    """A subclass."""


@every_member
def test_subclasses_stay(row, kind):
    arrays = [a.view(Tagged) for a in operands(kind, 5, np.float32)]
    assert type(public(row, kind)(*arrays)) is Tagged


@every_float
@every_member
def test_no_warnings(row, kind, dtype):
    function = public(row, kind)
    count = len(operands(kind, 1, dtype))
    with np.errstate(over="ignore", under="ignore"):
        special = np.array(SPECIAL).astype(dtype)
    mixed = operands(kind, 5000, dtype)
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        for value in special:
            for n in (1, 2, 3, 4, 7, 8, 15, 16, 17, 33, 67):
                for position in {*range(n)} if n <= 17 else {0, 1, n // 2, n - 1}:
                    x = np.ones(n, dtype)
                    x[position] = value
                    function(*[x] * count)
            function(*[np.full(67, value)] * count)
            function(*[np.full((67, 2), value)[:, 0]] * count)
        function(*mixed)


@every_member
def test_earlier_flags_survive(row, kind):
    """A pending floating-point flag of the caller is neither lost nor reported by a call."""
    x = np.array([1e308])
    with np.errstate(over="warn"), pytest.warns(RuntimeWarning, match="overflow"):
        _ = x * x
    arrays = operands(kind, 100, np.float64)
    with np.errstate(all="raise"):
        public(row, kind)(*arrays)
