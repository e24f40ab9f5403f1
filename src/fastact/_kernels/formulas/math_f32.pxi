# Building blocks for float32 results: computed in double, so plain formulas lose nothing and one rounding is left.
#
# A double carries 29 bits more than the result needs. They pay for short polynomials, and its
# exponent for the tails: nothing between the smallest float32 subnormal and the largest float32
# overflows or underflows on the way, so e^-x for either sign of x serves the sigmoid.
from libc.stdint cimport int32_t, uint8_t, uint32_t

ctypedef float real
include "math_common.pxi"

cdef extern from "formulas/lanes.h" nogil:
    ctypedef float lanes  # to Cython. Arithmetic is C's; there are no comparisons, and no choices between two values
    ctypedef int32_t lanes_of_int
    const Py_ssize_t LANE_COUNT, TABLE_SIZE
    lanes load_lanes(const float* start)
    lanes load_some_lanes(const float* start, Py_ssize_t n)
    void store_lanes(float* start, lanes x)
    void store_some_lanes(float* start, lanes x, Py_ssize_t n)
    lanes in_all_lanes(float x)
    lanes first_lanes(lanes x, Py_ssize_t n)
    lanes_of_int bits_of_lanes(lanes x)
    lanes lanes_from_bits(lanes_of_int bits)
    lanes lanes_mul_add(lanes a, lanes b, lanes c)
    lanes lanes_absolute(lanes x)
    lanes lanes_with_sign_of(lanes x, lanes sign)
    lanes lanes_where_positive(lanes x, float y)
    lanes lanes_minus_where_positive(lanes x, lanes y)
    lanes lanes_larger(lanes a, lanes b)
    lanes lanes_smaller(lanes a, lanes b)
    lanes lanes_unless_equal(lanes a, lanes b, lanes x, float other)
    float largest_lane(lanes x)
    lanes lanes_at_most(lanes x, float high)
    lanes lanes_at_least(lanes x, float low)
    lanes farther(lanes farthest, lanes x)
    bint any_at_least(lanes farthest, float limit)
    lanes look_up(const float* table, lanes_of_int i)
    lanes_of_int look_up_upper(const uint8_t* table, lanes_of_int i)
    lanes look_up_half(const float* table, lanes_of_int i, int32_t first)
    bint all_in_half(lanes x, float limit)

include "polynomials_f32.pxi"

ctypedef in_f32 real_in
ctypedef out_f32 real_out

# Bounds of arguments. Variables, not constants: GCC would push a constant bound through the
# conversion to double, and compare in double, twice as often (sigmoid 1.15x, exponential 1.3x slower).
cdef float LIMIT = 700              # e^x is 0 or infinite in float32 well before, and a normal double at it
cdef float LARGE = 1e30
cdef float TANH_LIMIT = 20          # tanh is 1 from 9.02 on
cdef float HARD_LIMIT = 3               # hard_sigmoid and hard_silu bend there
cdef float NORMAL_LIMIT = 37        # e^(-x^2/2) is 0 from 14.4 on
cdef float GELU_TANH_LIMIT = 21     # the argument of the sigmoid is within LIMIT there

cdef double RAISED_ONE = 1

cdef extern from "<math.h>" nogil:
    float absolute "fabsf"(float x)
    float with_sign_of "copysignf"(float x, float sign)

cdef extern from "portable.h" nogil:
    float mul_add_f32(float a, float b, float c)
    uint32_t bits_of_float(float x)
    float float_from_bits(uint32_t bits)

cdef extern from *:
    """
    #define ROUND_F32 12582912.0f           /* 1.5 * 2^23: adding it leaves the nearest integer in the low bits */
    /* pi / 2 in pieces of 24 bits, the first rounded down, so that x - n HALF_PI_1_F32 is exact for abs(x) < 2^20 and
       n times the second has the sign of n, which keeps sin(-0) at -0 */
    #define HALF_PI_1_F32 0x1.921fb4p+0f
    #define HALF_PI_2_F32 0x1.4442d2p-24f
    #define HALF_PI_3_F32 -0x1.ee59dap-50f
    """
    const float ROUND_F32, HALF_PI_1_F32, HALF_PI_2_F32, HALF_PI_3_F32


cdef inline double reduced(double x, double* scale) noexcept nogil:
    # r of e^x = scale e^r, abs(r) <= ln(2) / 2, scale a power of two
    cdef double shifted = mul_add(x, LOG2_E, ROUND_TO_BIASED)
    scale[0] = power_of_two(shifted)
    return mul_add(ROUND_TO_BIASED - shifted, LN2, x)


cdef inline double exp_reduced(double x, double* scale) noexcept nogil:
    # e^x = scale (1 + result) for abs(x) <= LIMIT, scale a power of two
    cdef double r = reduced(x, scale)
    return mul_add(r * r, exp_tail(r), r)


cdef inline double exp(double x, double x_low) noexcept nogil:
    # e^(x + x_low) for abs(x) <= LIMIT; x_low, what x lost to rounding, cannot be seen in float32
    cdef double scale
    cdef double tail = exp_reduced(x, &scale)
    return mul_add(scale, tail, scale)


cdef inline double raised_exp(double x, double x_low) noexcept nogil:
    # RAISED_ONE e^(x + x_low) for abs(x) <= LIMIT: what e^x is used for may be subnormal, but not this
    return exp(x, x_low)


cdef inline double precise_exp(double x) noexcept nogil:
    # e^x for abs(x) <= LIMIT to more digits: all of a double where the derivatives of silu, gelu_tanh and mish cancel
    cdef double scale
    cdef double r = reduced(x, &scale)
    return mul_add(scale, mul_add(r * r, precise_exp_tail(r), r), scale)


cdef inline double expm1(double x) noexcept nogil:
    # e^x - 1 for abs(x) <= LIMIT, but 0 for x = -0
    cdef double scale
    cdef double tail = exp_reduced(x, &scale)
    return mul_add(scale, tail, scale - 1)


cdef inline double times_expm1(double a, double a_low, double x) noexcept nogil:
    # a (e^x - 1) for abs(x) <= LIMIT; a_low cannot be seen in float32
    return a * expm1(x)


cdef inline double precise_expm1(double x) noexcept nogil:
    # e^x - 1 for abs(x) <= LIMIT to more digits, for what is squared
    cdef double scale
    cdef double r = reduced(x, &scale)
    return mul_add(scale, mul_add(r * r, precise_exp_tail(r), r), scale - 1)


cdef inline double ratio_to_2(double t) noexcept nogil:
    # t / (2 + t) for t >= 0
    return t / (2 + t)


cdef inline double log1p_unit(double z) noexcept nogil:
    # log(1 + z) for 0 <= z <= 1
    return z * log1p_ratio(z)


cdef inline double times_log1p_exp(double a, double x, double x_low) noexcept nogil:
    # a log(1 + e^(x + x_low)) for -LIMIT <= x <= 0
    return a * log1p_unit(exp(x, x_low))


cdef inline double times_exp(double a, double x, double x_low) noexcept nogil:
    # a e^(x + x_low) for abs(x) <= LIMIT
    return a * exp(x, x_low)


cdef inline double gated(double a, double x, double x_low) noexcept nogil:
    # a sigmoid(x + x_low) for abs(x) <= LIMIT
    return a * (1 / (1 + exp(-x, -x_low)))


cdef inline double gated_slope(double a, double x) noexcept nogil:
    # a sigmoid'(x) for abs(x) <= LIMIT, of the same e^-x and quotient as gated
    cdef double z = exp(-x, 0)
    cdef double s = 1 / (1 + z)
    return a * (z * s * s)


cdef inline double logistic(double x, double x_low) noexcept nogil:
    # sigmoid(x + x_low) for abs(x) <= LIMIT
    return gated(1, x, x_low)


cdef inline double gated_derivative(double slope, double x, double x_low) noexcept nogil:
    # sigmoid(x) + slope sigmoid'(x) at x + x_low, for abs(x) <= LIMIT; digits cancel in one sum only
    cdef double z = precise_exp(-x)
    cdef double d = 1 + z
    return mul_add(slope, z, d) / (d * d)


cdef inline double product_low(double a, double b, double p) noexcept nogil:
    # what p = a b lost to rounding: nothing that float32 could show
    return 0


cdef inline double difference_low(double a, double b, double d) noexcept nogil:
    # what d = a - b lost to rounding: nothing that float32 could show
    return 0


cdef inline float chosen(bint where, float x, float other) noexcept nogil:
    # x where that is so, else the other: with bits, for GCC multiplies what a choice is between before it chooses
    cdef uint32_t mask = -<uint32_t>where
    return float_from_bits(bits_of_float(x) & mask | bits_of_float(other) & ~mask)


cdef inline float one_unless_nan(float x) noexcept nogil:
    cdef uint32_t one = 0x3f800000
    return float_from_bits(one | -<uint32_t>(x != x))


cdef inline float sum_over(float x, float shift, double divisor) noexcept nogil:
    # (x + shift) / divisor for abs(x) <= 2 shift. What the sum lost is added in float: to widen, add and
    # multiply in double takes 1.6x as long.
    cdef float high = <float>(1 / divisor)
    cdef float low = <float>(1 / divisor - high)
    cdef float s = x + shift
    return mul_add_f32(s, high, mul_add_f32(s, low, (x - (s - shift)) * high))


cdef inline float product_over(float x, float shift, double divisor) noexcept nogil:
    # x (x + shift) / divisor for abs(x) <= 2 shift. A zero keeps the sign of x through all sums, as `high` is
    # rounded down and what the product has too much is subtracted.
    cdef float high = <float>((1 - 6e-8) / divisor)
    cdef float low = <float>(1 / divisor - high)
    cdef float s = x + shift
    cdef float p = x * s
    cdef float excess = mul_add_f32(-x, x - (s - shift), mul_add_f32(-x, s, p))
    return mul_add_f32(p, high, mul_add_f32(p, low, excess * -high))


cdef inline float inverse_of_one_plus(float t, float* low) noexcept nogil:
    # w of 1 / (1 + t) = w + low, for 0 <= t <= 1e30; in float, which takes half as long as double
    cdef float one = 1
    cdef float d = one + t
    cdef float d_low = one - (d - t) if t > one else t - (d - one)
    cdef float w = one / d
    low[0] = w * mul_add_f32(-w, d_low, mul_add_f32(-w, d, one))
    return w


cdef inline float part_of_one_plus(float t) noexcept nogil:
    # t / (1 + t), rounded as if once, for 0 <= t <= LARGE. What the quotient leaves of t is less than an ULP, so
    # 1 / (1 + t) to an eighth is enough for it, which the bits of a float, nearly its logarithm, give at once
    # (J. F. Blinn, IEEE Computer Graphics and Applications 17(4), 1997).
    cdef float one = 1
    cdef float d = one + t
    cdef float part = d - t
    cdef float d_low = (t - (d - part)) + (one - part)
    cdef float q = t / d
    cdef float left = mul_add_f32(-q, d_low, mul_add_f32(-q, d, t))
    return mul_add_f32(left, float_from_bits(<uint32_t>0x7ef311c3 - bits_of_float(d)), q)


cdef inline float times_sum(float a, float b, float b_low) noexcept nogil:
    # a (b + b_low) for b_low within an ULP of b, rounded as if once
    cdef float p = a * b
    return p + mul_add_f32(a, b_low, mul_add_f32(a, b, -p))


cdef inline double addend_low(double a, double b, double s) noexcept nogil:
    # what the sum s = a + b lost to rounding: nothing that float32 could show
    return 0


cdef inline double gelu_tanh_argument(double x, double* low) noexcept nogil:
    # GELU_LINEAR x + GELU_CUBIC x^3
    low[0] = 0
    return x * mul_add(x * x, GELU_CUBIC, GELU_LINEAR)


cdef inline double normal_tail(double t) noexcept nogil:
    # e^(t^2/2) P(X > t) of a standard normal X, for 0 <= t <= 19.6: beyond, the largest float times the tail is 0
    # (after M. M. Shepherd and J. G. Laframboise, Mathematics of Computation 36, 1981)
    cdef double w = 1 / (t + 4)
    return normal_tail_ratio(mul_add(-8, w, 1)) * w  # (t - 4) / (t + 4)


cdef inline double root_of_sum(double x, double b) noexcept nogil:
    # sqrt(x^2 + b)
    return sqrt(mul_add(x, x, b))


cdef inline double sine_in_double(double x, uint64_t quarter_turns) noexcept nogil:
    cdef double shifted = mul_add(x, TWO_OVER_PI, ROUND_TO_BIASED)
    cdef double n = shifted - ROUND_TO_BIASED
    cdef double r = mul_add(-n, HALF_PI_23, x - n * HALF_PI_1)
    cdef double square = r * r
    cdef double s = r * mul_add(square, sin_tail(square), 1)  # -0 for -0
    cdef double c = mul_add(square, mul_add(square, cos_tail(square), -0.5), 1)
    return of_quadrant(s, c, shifted, quarter_turns)


cdef inline float sine_in_float(float x, uint32_t quarter_turns) noexcept nogil:
    # Of x - n pi / 2 = r - excess, r is exact but for what excess takes up: the first difference has no rounding, and
    # its last bit is worth more than that of n HALF_PI_2_F32. Next to a multiple of pi / 2 they cancel to 2^-24 and
    # keep 2^-57. Without the compensation of 1 - r^2 / 2 the error is 1.15 ULP, without the factor of excess 0.95.
    cdef float shifted = mul_add_f32(x, TWO_OVER_PI, ROUND_F32)
    cdef float n = shifted - ROUND_F32
    cdef float near = mul_add_f32(-n, HALF_PI_1_F32, x)
    cdef float r = near - n * HALF_PI_2_F32
    cdef float excess = mul_add_f32(n, HALF_PI_3_F32, mul_add_f32(n, HALF_PI_2_F32, r - near))
    cdef float square = r * r
    cdef float one = 1
    cdef float w = mul_add_f32(-0.5, square, one)
    cdef float w_low = mul_add_f32(-0.5, square, one - w)
    cdef float s = r - mul_add_f32(square * r, near_sin_tail(square), excess * w)  # -0 for -0
    cdef float c = w + mul_add_f32(square * square, near_cos_tail(square), mul_add_f32(r, excess, w_low))
    cdef uint32_t quadrant = bits_of_float(shifted) + quarter_turns
    return float_from_bits(bits_of_float(c if quadrant & 1 else s) ^ (quadrant & 2) << 30)


cdef inline float sine_at(float x, uint32_t quarter_turns) noexcept nogil:
    # sin(x + quarter_turns pi / 2) for abs(x) < 2^20; in double where float lacks FMA, else in 0.6 of the time
    return sine_in_float(x, quarter_turns) if FASTACT_HAS_FMA else <float>sine_in_double(x, quarter_turns)


cdef inline double finite(double x) noexcept nogil:
    # x, but for infinity a number whose square a double can hold, far beyond float32
    return -1e60 if x < -1e60 else (1e60 if x > 1e60 else x)


cdef inline double lift(double x, double b, double* u) noexcept nogil:
    # 1 + u, u = x / s, s = sqrt(x^2 + b), as b / (s^2 - x s) where it cancels; a double has room for the squares
    cdef double c = finite(x)
    cdef double square = mul_add(c, c, b)
    cdef double s = sqrt(square)
    cdef double v = (b if c < 0 else s + c) / (mul_add(-c, s, square) if c < 0 else s)
    u[0] = v - 1
    return v


cdef inline double half_times_lift(double x) noexcept nogil:
    # x (1 + x / sqrt(x^2 + 1)) / 2
    cdef double unused
    return 0.5 * finite(x) * lift(x, 1, &unused)
