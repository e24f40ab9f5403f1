# Building blocks for float32 results: computed in double, so plain formulas lose nothing and one rounding is left.
#
# A double carries 29 bits more than the result needs. They pay for short polynomials, and its
# exponent for the tails: nothing between the smallest float32 subnormal and the largest float32
# overflows or underflows on the way.
include "math_common.pxi"
include "polynomials_f32.pxi"

ctypedef float real
ctypedef in_f32 real_in
ctypedef out_f32 real_out


cdef struct Exponential:
    double value      # e^x
    double fraction   # the same here; see math_f64.pxi


cdef inline double exp_reduced(double x, double* scale) noexcept nogil:
    # e^x = scale (1 + result), scale a power of two; beyond +-700 as at +-700, which float32 cannot tell from 0 and infinity
    cdef double bounded = clamp(x, -700.0, 700.0)
    cdef double shifted = mul_add(bounded, LOG2_E, ROUND_TO_INTEGER)
    cdef double r = mul_add(ROUND_TO_INTEGER - shifted, LN2, bounded)
    scale[0] = power_of_two(shifted)
    return mul_add(r * r, exp_tail(r), r)


cdef inline Exponential exponential_of(double x, double x_low) noexcept nogil:
    # e^x; x_low, the part of the argument below double precision, cannot be seen in float32
    cdef double scale
    cdef double tail = exp_reduced(x, &scale)
    cdef Exponential e
    e.value = mul_add(scale, tail, scale)
    e.fraction = e.value
    return e


cdef inline double scaled(double a, Exponential e) noexcept nogil:
    # a 2^n, where e^x = e.fraction 2^n
    return a


cdef inline double expm1(double x) noexcept nogil:
    # e^x - 1 for x <= 700
    cdef double scale
    cdef double tail = exp_reduced(x, &scale)
    return with_sign_of(x, mul_add(scale, tail, scale - 1))


cdef inline double product_low(double a, double b, double p) noexcept nogil:
    # what p = a b lost to rounding: nothing that float32 could show
    return 0


cdef inline double difference_low(double a, double b, double d) noexcept nogil:
    # what d = a - b lost to rounding: nothing that float32 could show
    return 0


cdef inline double gelu_tanh_argument(double x, double* low) noexcept nogil:
    # GELU_LINEAR x + GELU_CUBIC x^3 for abs(x) <= 40
    low[0] = 0
    return x * mul_add(x * x, GELU_CUBIC, GELU_LINEAR)
