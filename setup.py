"""Build the kernels: one set of sources, compiled once for each instruction set."""

import os
import platform
import shlex
import sys
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools._distutils.ccompiler import new_compiler
from setuptools._distutils.errors import CompileError, LinkError
from setuptools._distutils.sysconfig import customize_compiler

HERE = Path(__file__).parent
KERNELS = "src/fastact/_kernels"

sys.path[:0] = [str(HERE / "src/fastact"), str(HERE / KERNELS)]
import _table  # noqa: E402  (from src/fastact, without importing the package that is not built yet)
import render  # noqa: E402

COMPILE = [
    "-O3",  # GCC 12's cost model does not vectorise these loops at -O2
    "-g0",  # the flags of some Pythons carry -g: 3x the size of the wheel
    "-fno-math-errno",  # a square root might set errno otherwise, and its loop stays scalar
    "-fno-trapping-math",  # without it GCC does not turn a clamp into a select: 3x slower below AVX-512
    "-fno-thread-jumps",  # GCC 12 otherwise merges the two bounds of a clamp into a tree of branches: 1.3x slower
    "-fno-tree-loop-distribute-patterns",  # to zero 256 bytes GCC would write `rep stos`, which takes 40 ns
    # GCC stops to inline when a file has grown by two fifths, and a loop with a call in it stays scalar: 5x slower
    "-DCYTHON_INLINE=inline __attribute__((always_inline))",
    "-ffp-contract=off",  # the sources say where to fuse, so AVX2, AVX-512 and NEON agree to the last bit
    f"-ffile-prefix-map={HERE}=.",  # the same wheel from any folder
]

#: extra flags of each instruction set; a machine that is not x86-64 has the baseline alone
INSTRUCTION_SETS = {"baseline": []}
if platform.machine().lower() in ("x86_64", "amd64"):
    INSTRUCTION_SETS |= {
        "avx2": ["-march=x86-64-v3"],
        "avx512": ["-march=x86-64-v4", "-mprefer-vector-width=512"],  # GCC prefers 256 bits: 1.6x slower
    }

#: which of them to build, if not all: for a quick build while kernels change
BUILT = os.environ.get("FASTACT_BUILD_ISA", "").split() or list(INSTRUCTION_SETS)
if unknown := sorted(set(BUILT) - set(INSTRUCTION_SETS)):
    known = ", ".join(INSTRUCTION_SETS)
    sys.exit(f"FASTACT_BUILD_ISA: no instruction set {', '.join(unknown)}; here there are: {known}")

OPENMP = "-fopenmp"

#: Reordering arithmetic breaks these kernels by millions of ULP, and linking with such a flag sets
#: flush-to-zero for the whole process that imports the result (GCC bug 55522).
FORBIDDEN = {"-ffast-math", "-Ofast", "-funsafe-math-optimizations", "-fassociative-math", "-freciprocal-math",
             "-ffinite-math-only", "-fno-signed-zeros"}  # fmt: skip


def refuse_fast_math() -> None:
    """Take the forbidden flags out of the environment that the compiler and the linker are given."""
    for variable in ("CFLAGS", "CPPFLAGS", "LDFLAGS", "CC", "LDSHARED"):
        flags = shlex.split(os.environ.get(variable, ""))
        refused = [flag for flag in flags if flag in FORBIDDEN]
        if refused:
            warnings.warn(f"{variable}: ignoring {' '.join(refused)}, which breaks fastact", stacklevel=2)
            os.environ[variable] = shlex.join(flag for flag in flags if flag not in FORBIDDEN)


def openmp() -> list[str]:
    """The flag for OpenMP, if a library that uses it can be built: not with every compiler on macOS, or MSVC."""
    compiler = new_compiler()
    customize_compiler(compiler)
    with TemporaryDirectory() as folder:
        source = Path(folder, "uses_openmp.c")
        source.write_text(
            "#include <omp.h>\n#include <pthread.h>\nint threads(void) { return omp_get_max_threads(); }\n"
        )
        try:
            objects = compiler.compile([str(source)], output_dir="/", extra_postargs=[OPENMP, "-fPIC"])
            compiler.link_shared_object(objects, f"{folder}/uses_openmp.so", extra_postargs=[OPENMP])
        except (CompileError, LinkError):
            return []
    return [OPENMP]


def extension(module: str, flags: list[str]) -> Extension:
    return Extension(
        f"fastact._kernels.{module}",
        [f"{KERNELS}/{module}.pyx"],
        include_dirs=[np.get_include(), KERNELS],
        depends=[str(header) for header in Path(KERNELS).rglob("*.h")],
        define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION"), ("Py_LIMITED_API", "0x030B0000")],
        extra_compile_args=COMPILE + flags,
        extra_link_args=[flag for flag in flags if flag == OPENMP],
        py_limited_api=True,
    )


refuse_fast_math()
render.write(_table.ACTIVATIONS, _table.GATES)
modules = {"cpu": [], "ufuncs": openmp(), "training": []}
for name in BUILT:
    modules |= dict.fromkeys((f"{name}_f32", f"{name}_f64"), INSTRUCTION_SETS[name])

setup(
    ext_modules=cythonize(
        [extension(module, flags) for module, flags in modules.items()],
        compiler_directives={
            "language_level": 3,
            "cdivision": True,  # a check for zero in front of each division keeps a loop scalar: 15x slower
            "boundscheck": False,
            "wraparound": False,
            "initializedcheck": False,
            "embedsignature": True,
            "freethreading_compatible": True,
        },
        nthreads=os.cpu_count() or 1,
    ),
    options={"build_ext": {"parallel": os.cpu_count() or 1}},
)
