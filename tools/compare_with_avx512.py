"""Compare the AVX-512 kernels with the AVX2 ones, bit for bit, on a machine that has only AVX2.

    python tools/compare_with_avx512.py     # half an hour

This CPU computes the results of every function in the table, of softmax and its kin, and of the losses; then
tools/emulate_avx512.sh runs this same file with their digests in an emulator, whose AVX-512 results must have
the same bits, but for the sign and payload of NaN, or else those of AVX2 in the emulator. Exits with 1 if a
value differs from both.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

if len(sys.argv) == 1:
    os.environ["FASTACT_ISA"] = "avx2"

import numpy as np

import fastact as fa
from fastact import _dispatch
from fastact._table import ACTIVATIONS, GATES, OPERANDS
from fastact.bench.pairs import published

DTYPES = ("float32", "float64", "float16")
#: random mantissas for each sign and exponent
PER_EXPONENT = {"float32": 64, "float64": 8}
LENGTHS = [*range(1, 70), 127, 512, 513, 1000]
ROW_LENGTHS = [*range(1, 36), 63, 64, 100, 1000, 2048, 2049, 5000]
SHOWN = 5  # differing values of a function


def stratified(dtype: str, rng: np.random.Generator) -> np.ndarray:
    """Numbers of every sign and exponent, infinities and NaN, more where functions bend; all float16."""
    if dtype == "float16":
        return rng.permutation(np.arange(1 << 16, dtype=np.uint16)).view(np.float16)
    kind, unsigned = np.dtype(dtype).type, np.dtype(f"u{np.dtype(dtype).itemsize}").type
    mantissa, exponents = np.finfo(dtype).nmant, 2 << np.finfo(dtype).iexp
    high = np.repeat(np.arange(exponents, dtype=unsigned), PER_EXPONENT[dtype]) << unsigned(mantissa)
    low = rng.integers(1 << mantissa, size=high.size, dtype=unsigned)
    first = np.arange(exponents, dtype=unsigned) << unsigned(mantissa)  # powers of 2, 0 and inf
    bits = np.concatenate([high | low, first, first + unsigned(1), first + unsigned((1 << mantissa) - 1)])
    bends = np.array(sorted({p for row in ACTIVATIONS for p in (*row.kinks, *row.roots, *row.interesting)}))
    near = bends * (1 + np.finfo(dtype).eps * np.arange(-20, 21)[:, np.newaxis])
    usual = np.concatenate([near.ravel(), *(rng.uniform(-size, size, 4000) for size in (1, 6, 20, 110, 760))])
    return rng.permutation(np.concatenate([bits.view(kind), usual.astype(kind)]))


def moderate(dtype: str, rng: np.random.Generator) -> np.ndarray:
    """Operands for softmax: most rows have more than one element that counts."""
    size = 10.0 ** np.repeat(rng.uniform(-4, 3, 80), 500)
    return (rng.normal(size=size.size) * size).astype(dtype)


def variants(function, operands: tuple, parameters: tuple) -> np.ndarray:
    """Results in one array: of the whole, of pieces with all tails, of strided operands, in place."""
    results = [function(*operands, *parameters)]
    start = 0
    for n in LENGTHS:
        results.append(function(*(x[start : start + n] for x in operands), *parameters))
        start += n
    results.append(function(*(x[::-7] for x in operands), *parameters))
    place = operands[-1][:3001].copy()
    results.append(function(*(x[:3001] for x in operands[:-1]), place, *parameters, out=place))
    return np.concatenate(results)


def whole(function, operands: tuple, parameters: tuple) -> np.ndarray:
    """The result of the whole alone."""
    return function(*operands, *parameters)


def gradient_of(backward, dy: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Both halves of a gate's gradient, which one kernel computes."""
    return backward(dy, np.concatenate([a, b]))


def row_variants(function, operands: tuple, parameters: tuple = ()) -> np.ndarray:
    """The same for functions of rows: rows of many lengths, in chunks and not, and the other axis."""
    results = []
    for n in ROW_LENGTHS:
        rows = [x[: n * min(20, x.size // n)].reshape(-1, n) for x in operands]
        results.append(function(*rows).ravel())
    results.append(function(*(x[:9900].reshape(33, 300) for x in operands), axis=0).ravel())
    return np.concatenate(results)


@np.errstate(all="ignore")
def target_of(dy: np.ndarray) -> np.ndarray:
    """Probabilities, or NaN."""
    return 1 / (1 + np.abs(dy))


def one_a_row(function):
    """A gradient with one number for each row, the first of the operand's."""
    return lambda dy, x, axis=-1, **options: function(np.take(dy, 0, axis), x, axis=axis, **options)


def labels_of(x: np.ndarray, axis: int) -> np.ndarray:
    """A label for each row, every class in turn."""
    n = x.shape[axis]
    return np.arange(x.size // n) % n


def of_labels(function):
    """The loss of labels, or its gradient."""
    return lambda *operands, axis=-1, **options: function(
        *operands, labels_of(operands[-1], axis), axis=axis, **options
    )


def row_cases(dtype: str, dy: np.ndarray, x: np.ndarray):
    """The softmax family and the fused losses, each with its gradients."""
    for f in (fa.softmax, fa.log_softmax, fa.softmin, fa.sparsemax):
        yield f"{f.__name__}(x) {dtype}", f, (x,)
        yield f"{f.__name__}.masked(x) {dtype}", lambda x, f=f, axis=-1: f(x, axis, where=x > -1), (x,)
        yield f"{f.__name__}.backward(dy, x) {dtype}", f.backward, (dy, x)
        yield f"{f.__name__}.backward_from_output(dy, y) {dtype}", f.backward_from_output, (dy, x)
    for f in (fa.softmax, fa.log_softmax):
        yield f"{f.__name__}(x, temperature=0.7) {dtype}", partial(f, temperature=0.7), (x,)
    yield f"logsumexp(x) {dtype}", fa.logsumexp, (x,)
    yield f"logsumexp.backward(dy, x) {dtype}", one_a_row(fa.logsumexp.backward), (dy, x)
    loss = fa.softmax_cross_entropy
    for smoothing in (0.0, 0.1):
        said = f"label_smoothing={smoothing}) {dtype}"
        of = partial(of_labels(loss), label_smoothing=smoothing)
        yield f"softmax_cross_entropy(x, labels, {said}", of, (x,)
        of = one_a_row(of_labels(partial(loss.backward, label_smoothing=smoothing)))
        yield f"softmax_cross_entropy.backward(dy, x, labels, {said}", of, (dy, x)
    target = target_of(dy)
    yield f"softmax_cross_entropy(x, target) {dtype}", lambda t, x, axis=-1: loss(x, t, axis), (target, x)
    of = lambda t, x, axis=-1: loss.backward(np.take(x, 0, axis), x, t, axis)  # noqa: E731
    yield f"softmax_cross_entropy.backward(dy, x, target) {dtype}", of, (target, x)


def cases(inputs: dict):
    """Each function to compare: a label, the function, its operands and parameters, and how to call it."""
    for dtype in DTYPES:
        x, dy, logits = (inputs[f"{name}/{dtype}"] for name in ("x", "dy", "logits"))
        for row in ACTIVATIONS:
            default = tuple(x.dtype.type(p.typical) for p in row.parameters)
            other = tuple(x.dtype.type(1.5 * value + 0.25) for value in default)
            for kind, names in OPERANDS.items():
                if kind == "backward_from_output" and row.from_output is None:
                    continue
                name = row.name if kind == "function" else f"{row.name}.{kind}"
                for parameters in {default: 0, other: 0}:
                    label = f"{name}({', '.join((*names, *map(str, parameters)))}) {dtype}"
                    yield label, published(row, kind), (dy, x)[-len(names) :], parameters, variants
            if row.trained is not None:
                function = published(row, f"backward_{row.trained}")
                yield f"{function.__name__}(dy, x) {dtype}", function, (dy, x), (), variants
        for gate in GATES:
            function = getattr(fa, gate.name)
            yield f"{gate.name}.ufunc(a, b) {dtype}", function.ufunc, (dy, x), (), variants
            of_a, of_b = function.backward.ufunc_a, function.backward.ufunc_b
            yield f"{gate.name}.backward.ufunc_a(dy, b) {dtype}", of_a, (dy, x), (), variants
            yield f"{gate.name}.backward.ufunc_b(dy, a, b) {dtype}", of_b, (dy, dy[::-1], x), (), variants
            gradient = partial(gradient_of, function.backward)
            yield f"{gate.name}.backward(dy, [a, b]) {dtype}", gradient, (dy, dy[::-1], x), (), whole
        target = target_of(dy)
        loss = fa.sigmoid_cross_entropy
        yield f"sigmoid_cross_entropy(x, target) {dtype}", loss, (x, target), (), whole
        yield (
            f"sigmoid_cross_entropy.backward(dy, x, target) {dtype}",
            loss.backward,
            (dy, x, target),
            (),
            whole,
        )
        for what, some, last in (("moderate", logits[::-1], logits), ("all", dy, x)):
            for label, function, operands in row_cases(dtype, some, last):
                yield f"{label}, {what} x", function, operands, (), row_variants


def subnormals_live() -> bool:
    """Whether neither flush-to-zero nor denormals-are-zero is set."""
    kinds = [np.finfo(dtype) for dtype in DTYPES[:2]]
    return all(np.array([f.smallest_subnormal]) * 1 != 0 and np.array([f.tiny]) / 2 != 0 for f in kinds)


def compute(case) -> np.ndarray:
    """The results of a case; a floating-point warning is an error."""
    _, function, operands, parameters, how = case
    with np.errstate(all="raise"):
        return how(function, operands, parameters)


def digest(values: np.ndarray) -> str:
    """A hash of the bits, with all NaN alike. (The values themselves, some 400 MB, do not fit into the emulator.)"""
    return hashlib.blake2b(
        np.where(np.isnan(values), values.dtype.type(np.nan), values).tobytes()
    ).hexdigest()


def show_differences(case, expected: np.ndarray) -> int:
    """How many values of a case are not as expected; print the first of them."""
    label, _, operands, _, how = case
    got = compute(case)
    unsigned = f"u{got.itemsize}"
    where = np.flatnonzero(
        (got.view(unsigned) != expected.view(unsigned)) & ~(np.isnan(got) & np.isnan(expected))
    )
    print(f"{label:<64} {got.size:>7} values, {where.size} differ", flush=True)
    for i in where[:SHOWN]:
        # the operands go the same ways as the results
        at = [how(lambda *arguments, k=k, **_: arguments[k], operands, ())[i] for k in range(len(operands))]
        print(f"    [{i}] of {at}: avx512 gave {expected[i]!r}, {_dispatch.INSTRUCTION_SET} gives {got[i]!r}")
    return where.size


def with_avx512(inputs: dict, expected: dict) -> int:
    """Compare all cases with the digests of the real CPU's results, and what differs with AVX2 here."""
    fa.show_config()
    suspects, values, count = {}, 0, 0
    assert subnormals_live()
    for case in cases(inputs):
        got = compute(case)
        values, count = values + got.size, count + 1
        same = digest(got) == expected[case[0]]
        print(f"{case[0]:<64} {got.size:>7} values{'' if same else ' DIFFER'}", flush=True)
        if not same:
            suspects[case[0]] = got
    assert subnormals_live()
    print(f"{count} cases, {values} values; {len(suspects)} cases differ", flush=True)
    if not suspects:
        return 0
    # Bochs 2.7 makes 0 of an FMA in which 62 bits cancel, and rounds some float16 otherwise than a CPU, with AVX2
    # too: that says nothing about AVX-512.
    print("The same with AVX2 in the emulator:", flush=True)
    np.savez("avx512.npz", **suspects, **inputs)
    again = [sys.executable, "-S", __file__, "avx512.npz"]
    return subprocess.run(again, env={**os.environ, "FASTACT_ISA": "avx2"}).returncode


def with_avx2(inputs: dict, suspects: dict) -> int:
    """Whether any value of the cases that are in doubt is not what AVX-512 gave."""
    differing = [show_differences(case, suspects[case[0]]) for case in cases(inputs) if case[0] in suspects]
    return int(any(differing))


def in_the_emulator(path: str) -> int:
    with np.load(path) as file:
        inputs = {name: file[name] for name in file.files if "/" in name}
        others = {name: file[name] for name in file.files if "/" not in name}
    return (with_avx512 if _dispatch.INSTRUCTION_SET == "avx512" else with_avx2)(inputs, others)


def on_this_machine() -> int:
    rng = np.random.default_rng(512)
    found = {}
    for dtype in DTYPES:
        found |= {f"x/{dtype}": stratified(dtype, rng), f"logits/{dtype}": moderate(dtype, rng)}
        found[f"dy/{dtype}"] = rng.permutation(found[f"x/{dtype}"])
    found |= {case[0]: digest(compute(case)) for case in cases(found)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "avx2.npz")
        np.savez(path, **found)
        script = Path(__file__).with_name("emulate_avx512.sh")
        return subprocess.run(["bash", script, sys.executable, __file__, path]).returncode


if __name__ == "__main__":
    sys.exit(in_the_emulator(sys.argv[1]) if len(sys.argv) > 1 else on_this_machine())
