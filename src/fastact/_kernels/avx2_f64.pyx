# The float64 kernels, compiled for CPUs with AVX2 and FMA (x86-64-v3); setup.py has the flags.
include "kernels_f64.pxi"
