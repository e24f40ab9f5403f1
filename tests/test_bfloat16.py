"""bfloat16 of ml_dtypes is kept, once it is enabled; each test has a process of its own, as NumPy remembers."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest

pytest.importorskip("ml_dtypes", reason="ml_dtypes is not installed")

AFTER = "import numpy as np, fastact as fa, ml_dtypes; fa.enable_bfloat16(); fa.enable_bfloat16()"
BEFORE = "import numpy as np, ml_dtypes, fastact as fa"


def run(start: str, body: str) -> None:
    code = f"{start}\nbf16 = np.dtype(ml_dtypes.bfloat16)\n{dedent(body)}"
    result = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("start", [AFTER, BEFORE], ids=["enabled", "imported before"])
def test_every_function_is_that_of_float32_rounded_once(start):
    run(
        start,
        """
        from fastact._table import ACTIVATIONS
        x = np.arange(1 << 16, dtype=np.uint16).view(bf16)
        x = x[np.isfinite(x.astype(np.float32))]
        for row in ACTIVATIONS:
            if row.variant_of:
                continue
            function = getattr(fa, row.name)
            values = [p.typical for p in row.parameters]
            for f in (function, function.derivative):
                got = f(x, *values)
                right = f(x.astype(np.float32), *values)
                assert got.dtype == bf16, f
                with np.errstate(all="ignore"):
                    np.testing.assert_array_equal(got.astype(np.float32), right.astype(bf16).astype(np.float32))
            dy = x[::-1]
            got = function.backward(dy, x, *values)
            right = function.backward(dy.astype(np.float32), x.astype(np.float32), *values)
            assert got.dtype == bf16, function
            with np.errstate(all="ignore"):
                np.testing.assert_array_equal(got.astype(np.float32), right.astype(bf16).astype(np.float32))
        """,
    )


def test_conversions_round_to_nearest_even_and_keep_every_value():
    run(
        AFTER,
        """
        every = np.arange(1 << 16, dtype=np.uint16).view(bf16)
        number = ~np.isnan(every.astype(np.float32))
        assert (fa.linear(every).view(np.uint16) == every.view(np.uint16))[number].all()
        assert np.isnan(fa.linear(every)[~number].astype(np.float32)).all()
        """,
    )


def test_softmax_adds_up_in_more_than_bfloat16():
    run(
        AFTER,
        """
        y = fa.softmax(np.zeros(200_000, bf16))
        assert y.dtype == bf16
        assert abs(y.astype(float).sum() - 1) <= 2.0**-7
        assert fa.log_softmax.backward(y, y).dtype == bf16
        assert fa.glu(np.ones((2, 6), bf16)).dtype == bf16
        """,
    )


@pytest.mark.parametrize(
    "start", [AFTER, "import numpy as np, fastact as fa, ml_dtypes"], ids=["enabled", "not"]
)
def test_a_temperature_may_be_bfloat16(start):
    run(
        start,
        """
        x = np.arange(6, dtype=np.float32).reshape(2, 3)
        right = fa.softmax(x, temperature=2)
        assert (fa.softmax(x, temperature=ml_dtypes.bfloat16(2)) == right).all()
        assert (fa.softmax(x, temperature=np.array([2, 2], bf16)) == right).all()
        """,
    )


def test_without_enabling_it_is_float32_and_other_types_are_not_disturbed():
    run(
        "import numpy as np, fastact as fa, ml_dtypes",
        "assert fa.silu(np.ones(3, bf16)).dtype == np.float32",
    )
    run(
        AFTER,
        """
        for given, result in ((np.float16, np.float16), (np.int8, np.float32), (np.int64, np.float64)):
            assert fa.silu(np.ones(3, given)).dtype == result
            assert fa.elu(np.ones(3, given)).dtype == result
        assert fa.elu(np.ones(3, bf16), np.ones(3, np.float32)).dtype == np.float32
        """,
    )


def test_parameters_and_dtypes_count_as_with_float16():
    run(
        AFTER,
        """
        x = np.array([-1, 1], bf16)
        with np.errstate(all="raise"):
            for function in (fa.elu, fa.elu.derivative, lambda x, *a, **k: fa.elu.backward(x, x, *a, **k)):
                assert function(x, 0.2).dtype == bf16
                assert function(x, 1e39).dtype == bf16
                for parameter in (np.float64(0.2), np.full(2, 0.2)):
                    assert function(x, parameter).dtype == np.float64
                for dtype in (np.float32, np.float64, bf16):
                    assert function(x, dtype=dtype).dtype == dtype
                assert function(x, casting="unsafe").dtype == bf16
            assert fa.elu(x, signature="ff->f").dtype == np.float32
            assert fa.threshold(x, x, 1e39).dtype == bf16
            for function in (fa.elu.backward, fa.relu.backward, fa.gelu.backward, fa.prelu.backward_weight):
                for other in (1, 1.0, *(np.ones(2, dtype) for dtype in (bool, np.int8, np.uint8))):
                    assert function(other, x).dtype == function(x, other).dtype == bf16
        """,
    )


def test_the_configuration_names_it_once_it_is_enabled():
    run(
        "import numpy as np, fastact as fa, ml_dtypes; from fastact._config import config",
        """
        assert config()["dtypes"] == "float32, float64, float16"
        fa.enable_bfloat16()
        assert config()["dtypes"] == "float32, float64, float16, bfloat16"
        """,
    )
