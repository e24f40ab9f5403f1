# The float64 kernels, compiled for any CPU of the platform; setup.py has the flags.
include "kernels_f64.pxi"
