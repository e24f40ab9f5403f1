# The float64 kernels, compiled for CPUs with AVX-512 (x86-64-v4); setup.py has the flags.
include "math_f64.pxi"
include "activations.pxi"
include "rows.pxi"
include "softmax.pxi"
include "sparsemax.pxi"
include "table_f64.pxi"
include "cross_entropy.pxi"
include "training.pxi"
