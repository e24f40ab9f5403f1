# The float64 kernels, compiled for CPUs with AVX-512 (x86-64-v4); setup.py has the flags.
include "kernels_f64.pxi"
