# Building blocks for float32 results: computed in double, so plain formulas lose nothing and one rounding is left.
#
# A double carries 29 bits more than the result needs. They pay for short polynomials, and its
# exponent for the tails: nothing between the smallest float32 subnormal and the largest float32
# overflows or underflows on the way, so e^-x for either sign of x serves the sigmoid.
ctypedef float real
include "math_common.pxi"
include "polynomials_f32.pxi"

ctypedef in_f32 real_in
ctypedef out_f32 real_out

cdef extern from *:
    """
    #define LIMIT 700.0f   /* e^x is 0 or infinite in float32 well before, and a normal double at it */
    #define NORMAL_LIMIT 37.0f  /* e^(-t^2/2) is 0 before in float32 */
    #define GELU_TANH_LIMIT 21.0f  /* the argument of the sigmoid is within LIMIT there */
    """
    const float LIMIT, NORMAL_LIMIT, GELU_TANH_LIMIT

cdef extern from "<math.h>" nogil:
    float absolute "fabsf"(float x)
    float with_sign_of "copysignf"(float x, float sign)


cdef inline double exp_reduced(double x, double* scale) noexcept nogil:
    # e^x = scale (1 + result) for abs(x) <= LIMIT, scale a power of two
    cdef double shifted = mul_add(x, LOG2_E, ROUND_TO_BIASED)
    cdef double r = mul_add(ROUND_TO_BIASED - shifted, LN2, x)
    scale[0] = power_of_two(shifted)
    return mul_add(r * r, exp_tail(r), r)


cdef inline double exp(double x, double x_low) noexcept nogil:
    # e^(x + x_low) for abs(x) <= LIMIT; x_low, what x lost to rounding, cannot be seen in float32
    cdef double scale
    cdef double tail = exp_reduced(x, &scale)
    return mul_add(scale, tail, scale)


cdef inline double expm1(double x) noexcept nogil:
    # e^x - 1 for abs(x) <= LIMIT, but 0 for x = -0
    cdef double scale
    cdef double tail = exp_reduced(x, &scale)
    return mul_add(scale, tail, scale - 1)


cdef inline double times_exp(double a, double x, double x_low) noexcept nogil:
    # a e^(x + x_low) for abs(x) <= LIMIT
    return a * exp(x, x_low)


cdef inline double gated(double a, double x, double x_low) noexcept nogil:
    # a sigmoid(x + x_low) for abs(x) <= LIMIT
    return a / (1 + exp(-x, -x_low))


cdef inline double gated_derivative(double slope, double x, double x_low) noexcept nogil:
    # sigmoid(x) + slope sigmoid'(x) at x + x_low, for abs(x) <= LIMIT
    cdef double s = 1 / (1 + exp(-x, -x_low))
    return s * mul_add(slope, 1 - s, 1)


cdef inline double product_low(double a, double b, double p) noexcept nogil:
    # what p = a b lost to rounding: nothing that float32 could show
    return 0


cdef inline double difference_low(double a, double b, double d) noexcept nogil:
    # what d = a - b lost to rounding: nothing that float32 could show
    return 0


cdef inline double gelu_tanh_argument(double x, double* low) noexcept nogil:
    # GELU_LINEAR x + GELU_CUBIC x^3
    low[0] = 0
    return x * mul_add(x * x, GELU_CUBIC, GELU_LINEAR)
