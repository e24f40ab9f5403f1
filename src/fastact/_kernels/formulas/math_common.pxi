# Operations that float32 and float64 kernels share: bounds that keep NaN, exact pieces, exponent arithmetic.
from libc.stdint cimport int64_t, uint64_t
from libc.math cimport INFINITY, cos as libm_cos, log1p as libm_log1p, sin as libm_sin, sqrt

cdef extern from "portable.h" nogil:
    ctypedef float* in_f32
    ctypedef double* in_f64
    ctypedef float* out_f32
    ctypedef double* out_f64
    const bint FASTACT_HAS_FMA  # without it mul_add rounds twice, and mul_add_f32 is slower than double
    double mul_add(double a, double b, double c)
    double product_error(double a, double b, double p)
    double residual(double a, double q, double d)
    uint64_t bits_of(double x)
    double from_bits(uint64_t bits)

cdef extern from *:
    """
    #define LN2 0.6931471805599453
    #define LOG2_E 1.4426950408889634
    #define LN2_HIGH 0x1.62e42feep-1        /* 33 bits, so that n LN2_HIGH is exact for abs(n) < 2^20 */
    #define LN2_LOW 0x1.a39ef35793c76p-33
    /* 1.5 * 2^52 + 1023: adding it leaves the nearest integer, with the bias of an exponent, in the low bits */
    #define ROUND_TO_BIASED 6755399441056767.0
    #define SIGN 0x8000000000000000
    #define INVERSE_SQRT_2PI 0.3989422804014327
    #define TWO_OVER_PI 0.6366197723675814
    /* pi / 2 in pieces of 33 bits, so that n times the first two is exact for abs(n) < 2^20 */
    #define HALF_PI_1 0x1.921fb544p+0
    #define HALF_PI_2 0x1.0b4611a6p-34
    #define HALF_PI_3 0x1.3198a2e037073p-69
    #define HALF_PI_23 0x1.0b4611a626331p-34    /* the last two in one */
    #define SELU_SCALE 1.0507009873554805
    #define SELU_SCALE_ALPHA 1.7580993408473768
    #define SELU_SCALE_ALPHA_LOW 1.41535193800845e-17
    /* the tanh form of gelu is x sigmoid(GELU_LINEAR x + GELU_CUBIC x^3): 2 sqrt(2 / pi), and 0.044715 times that */
    #define GELU_LINEAR 1.5957691216057308
    #define GELU_LINEAR_LOW -9.96930880911092e-17
    #define GELU_CUBIC 0.07135481627260025
    #define GELU_CUBIC_LOW -6.175149918155315e-19
    """
    const uint64_t SIGN  # the bit of a double's sign
    const double LN2, LOG2_E, LN2_HIGH, LN2_LOW, ROUND_TO_BIASED, INVERSE_SQRT_2PI
    const double TWO_OVER_PI, HALF_PI_1, HALF_PI_2, HALF_PI_3, HALF_PI_23
    const double SELU_SCALE, SELU_SCALE_ALPHA, SELU_SCALE_ALPHA_LOW
    const double GELU_LINEAR, GELU_LINEAR_LOW, GELU_CUBIC, GELU_CUBIC_LOW


cdef enum:
    EXPM1_LIMIT = 700  # expm1 and its kin take no larger x, in float64, too: they have one power of two
    BLOCK = 512        # elements that a loop comes back to while they are in the first cache


# A comparison with NaN is false, so these hand NaN through.
cdef inline real at_least(real x, real low) noexcept nogil:
    return low if x < low else x


cdef inline real at_most(real x, real high) noexcept nogil:
    return high if x > high else x


cdef inline double magnitude(double v) noexcept nogil:
    # abs(v), also where `absolute` is that of float
    return from_bits(bits_of(v) & ~SIGN)


cdef inline double negated_unless(double v, double low) noexcept nogil:
    # low where v is negative, else -low: with bits, for a choice takes three operations
    return from_bits(bits_of(low) ^ (~bits_of(v) & SIGN))


cdef inline double power_of_two(double shifted) noexcept nogil:
    # 2^n for shifted = n + ROUND_TO_BIASED, -1022 <= n <= 1023. AVX2 cannot convert int64, but can shift it.
    return from_bits(bits_of(shifted) << 52)


cdef inline double sum_low(double a, double b, double s) noexcept nogil:
    # what s = a + b lost to rounding (D. E. Knuth, The Art of Computer Programming 2, 4.2.2)
    cdef double b_part = s - a
    return (a - (s - b_part)) + (b - b_part)


cdef inline double of_quadrant(double sine, double cosine, double shifted, uint64_t quarter_turns) noexcept nogil:
    # one of them, with its sign: the low bits of `shifted` count quarter turns, and one less for the bias of 1023
    cdef uint64_t quadrant = bits_of(shifted) + 1 + quarter_turns
    cdef uint64_t odd = <uint64_t>0 - (quadrant & 1)
    # SSE2 can compare no uint64: masks are 3.4x as fast there, but 1.1x slower than a choice where FMA is
    cdef uint64_t masked = (bits_of(cosine) & odd) | (bits_of(sine) & ~odd)
    return from_bits((bits_of(cosine if odd else sine) if FASTACT_HAS_FMA else masked) ^ (quadrant & 2) << 62)
