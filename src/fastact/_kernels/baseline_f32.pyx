# The float32 kernels, compiled for any CPU of the platform; setup.py has the flags.
include "math_f32.pxi"
include "activations.pxi"
include "rows.pxi"
include "half.pxi"
include "table.pxi"
include "cross_entropy.pxi"
include "training.pxi"
