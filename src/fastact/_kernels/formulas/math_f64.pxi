# Building blocks for float64 results: an argument of e^x carries a low part, and its exponent is applied last.
ctypedef double real
include "math_common.pxi"
include "polynomials_f64.pxi"

ctypedef in_f64 real_in
ctypedef out_f64 real_out

# Bounds of arguments.
cdef double LIMIT = 1000            # e^x is 0 or infinite well before
cdef double LARGE = 1e300
cdef double TANH_LIMIT = 20         # tanh is 1 from 19.07 on
cdef double HARD_LIMIT = 3              # hard_sigmoid and hard_silu bend there
cdef double NORMAL_LIMIT = 39       # e^(-x^2/2) is 0 from 38.6 on
cdef double GELU_TANH_LIMIT = 23    # the argument of the sigmoid is within LIMIT there

cdef double RAISE = 512
cdef double RAISED_ONE = 1.3407807929942597e+154

cdef extern from *:
    """
    #define TWO_600 0x1p600
    #define TWO_MINUS_600 0x1p-600
    #define EXPONENT 0x7ff0000000000000             /* its bits in a double, */
    #define EXPONENT_OF_LARGEST 0x7fe0000000000000  /* and those of 2^1023 */
    """
    const double TWO_600, TWO_MINUS_600
    const uint64_t EXPONENT, EXPONENT_OF_LARGEST

cdef extern from "<math.h>" nogil:
    double absolute "fabs"(double x)
    double with_sign_of "copysign"(double x, double sign)


cdef struct Exponential:
    double value          # e^x
    double fraction       # e^x = fraction scale_a scale_b, fraction about 1, the scales powers of two:
    double scale_a        # 2^n may lie outside the normal numbers, 2^(n/2) does not, so a product
    double scale_b        # with e^x keeps its accuracy where e^x alone is subnormal


cdef inline double exp_reduced(double x, double x_low, double* n, double* tail) noexcept nogil:
    # e^(x + x_low) = 2^n (1 + result + tail) for abs(x) <= LIMIT, the tail less than a fifth of the result
    n[0] = mul_add(x, LOG2_E, ROUND_TO_BIASED) - ROUND_TO_BIASED
    cdef double high = mul_add(-n[0], LN2_HIGH, x)
    cdef double rest = mul_add(n[0], LN2_LOW, -x_low)
    cdef double r = high - rest
    tail[0] = mul_add(r * r, exp_tail(r), (high - r) - rest)
    return r


cdef inline double one_plus(double r, double tail) noexcept nogil:
    # 1 + r + tail for abs(r) < 1, rounded as if once
    cdef double s = 1 + r
    return s + ((r - (s - 1)) + tail)


cdef inline Exponential exponential_of(double x, double x_low) noexcept nogil:
    # e^(x + x_low) for abs(x) <= LIMIT
    cdef double n
    cdef double tail
    cdef double r = exp_reduced(x, x_low, &n, &tail)
    cdef double half = mul_add(n, 0.5, ROUND_TO_BIASED)
    cdef Exponential e
    e.fraction = one_plus(r, tail)
    e.scale_a = power_of_two(half)
    e.scale_b = power_of_two(n - (half - ROUND_TO_BIASED) + ROUND_TO_BIASED)
    e.value = scaled(e.fraction, e)
    return e


cdef inline Exponential decay_of(double x, double x_low) noexcept nogil:
    # e^(x + x_low) for -LIMIT <= x <= 0, with a value that is right as a term of 1 + e^x only: one product less
    cdef double n
    cdef double tail
    cdef double r = exp_reduced(x, x_low, &n, &tail)
    cdef double normal = at_least(n, -1000)
    cdef Exponential e
    e.fraction = 1 + (r + tail)
    e.scale_a = power_of_two(normal + ROUND_TO_BIASED)
    e.scale_b = power_of_two((n - normal) + ROUND_TO_BIASED)
    e.value = e.fraction * e.scale_a
    return e


cdef inline double scaled(double a, Exponential e) noexcept nogil:
    # a 2^n, where e^x = e.fraction 2^n
    return a * e.scale_a * e.scale_b


cdef inline double quotient_low(double a, double d, double d_low, double q) noexcept nogil:
    # what is left of a after q times d + d_low, for q near the quotient
    return mul_add(-q, d_low, residual(a, q, d))


cdef inline double exp(double x, double x_low) noexcept nogil:
    # e^(x + x_low) for abs(x) <= LIMIT
    return exponential_of(x, x_low).value


cdef inline double raised_exp(double x, double x_low) noexcept nogil:
    # RAISED_ONE e^(x + x_low) for -LIMIT <= x <= 300: what e^x is used for may be subnormal, but not this
    cdef double shifted = mul_add(x, LOG2_E, ROUND_TO_BIASED)
    cdef double n = shifted - ROUND_TO_BIASED
    cdef double r = mul_add(-n, LN2_HIGH, x) - mul_add(n, LN2_LOW, -x_low)
    cdef double scale = power_of_two(shifted + RAISE)
    return mul_add(scale, mul_add(r * r, exp_tail(r), r), scale)


cdef inline double precise_exp(double x) noexcept nogil:
    # e^x for abs(x) <= LIMIT
    return exp(x, 0)


cdef inline double expm1(double x) noexcept nogil:
    # e^x - 1 for x <= EXPM1_LIMIT, but 0 for x = -0
    cdef double n
    cdef double tail
    cdef double r = exp_reduced(at_least(x, -50), 0, &n, &tail)
    cdef double scale = power_of_two(n + ROUND_TO_BIASED)
    return mul_add(scale, tail, mul_add(scale, r, scale - 1))


cdef inline double times_expm1(double a, double a_low, double x) noexcept nogil:
    # (a + a_low) (e^x - 1) for x <= EXPM1_LIMIT
    cdef double n
    cdef double tail
    cdef double r = exp_reduced(at_least(x, -50), 0, &n, &tail)
    cdef double scale = power_of_two(n + ROUND_TO_BIASED)
    cdef double start = mul_add(scale, r, scale - 1)
    return mul_add(a, start, mul_add(a * scale, tail, a_low * start))


cdef inline double precise_expm1(double x) noexcept nogil:
    # e^x - 1 for x <= EXPM1_LIMIT
    return expm1(x)


cdef inline double ratio_to_2(double t) noexcept nogil:
    # t / (2 + t) for t >= 0, as 1 - 2 / (2 + t) where that is near 1; what the quotient lost is made good
    cdef double a = at_most(t, 2)
    cdef double b = at_least(t, 2)
    cdef double d = a + b
    cdef double w = 1 / d
    cdef double q = a * w
    q += quotient_low(a, d, a - (d - b), q) * w
    return 1 - q if b > 2 else q


cdef inline double log1p_unit(double z) noexcept nogil:
    # log(1 + z) for 0 <= z <= 1, as 2 atanh(z / (2 + z)); a polynomial in z would take degree 21
    cdef double d = 2 + z
    cdef double w = 1 / d
    cdef double s = z * w
    cdef double s_low = quotient_low(z, d, z - (d - 2), s) * w
    cdef double square = s * s
    return 2 * (mul_add(s * square, atanh_tail(square), s_low) + s)


cdef inline double times_log1p_exp(double a, double x, double x_low) noexcept nogil:
    # a log(1 + e^(x + x_low)) for -LIMIT <= x <= 0; far below it is a e^x, and e^x alone may be subnormal
    cdef Exponential e = exponential_of(x, x_low)
    cdef double far = scaled(a * e.fraction, e)
    cdef double near = a * log1p_unit(e.value)
    return far if x < -40 else near


cdef inline double times_exp(double a, double x, double x_low) noexcept nogil:
    # a e^(x + x_low) for abs(x) <= LIMIT
    cdef Exponential e = exponential_of(x, x_low)
    return scaled(a * e.fraction, e)


cdef inline double gated(double a, double x, double x_low) noexcept nogil:
    # a sigmoid(x + x_low) for abs(x) <= LIMIT: a e^x / (1 + e^x) for x < 0, which e^-abs(x) serves as well
    cdef Exponential e = decay_of(-absolute(x), x_low if x < 0 else -x_low)
    cdef double q = (a * e.fraction if x < 0 else a) / (1 + e.value)
    return scaled(q, e) if x < 0 else q


cdef inline double gated_slope(double a, double x) noexcept nogil:
    # a sigmoid'(x) for abs(x) <= LIMIT, of the same reduction as gated
    cdef double x_low = 0
    cdef double z = exp(-absolute(x), x_low if x < 0 else -x_low)
    return a * (z / mul_add(z, z + 2, 1))


cdef inline double logistic(double x, double x_low) noexcept nogil:
    # sigmoid(x + x_low) for abs(x) <= LIMIT, as gated(1, x, x_low), but what the quotient lost is made good
    cdef Exponential e = decay_of(-absolute(x), x_low if x < 0 else -x_low)
    cdef double a = e.fraction if x < 0 else 1
    cdef double d = 1 + e.value
    cdef double w = 1 / d
    cdef double q = a * w
    q += w * quotient_low(a, d, e.value - (d - 1), q)
    return scaled(q, e) if x < 0 else q


cdef inline double gated_derivative(double slope, double x, double x_low) noexcept nogil:
    # sigmoid(x) + slope sigmoid'(x) at x + x_low, for abs(x) <= LIMIT; z = e^-abs(x), w = 1 / (1 + z)
    cdef Exponential e = decay_of(-absolute(x), x_low if x < 0 else -x_low)
    cdef double d = 1 + e.value
    cdef double w = 1 / d
    w += w * quotient_low(1, d, e.value - (d - 1), w)
    return scaled(w * mul_add(slope, w, 1) * e.fraction, e) if x < 0 else w * mul_add(slope, w * e.value, 1)


cdef inline double product_low(double a, double b, double p) noexcept nogil:
    # what p = a b lost to rounding, for abs(p) up to 1000; beyond, no exponential can tell
    cdef double lost = product_error(a, b, p)
    return lost if absolute(lost) < 1 else 0


cdef inline double difference_low(double a, double b, double d) noexcept nogil:
    # what d = a - b lost to rounding, for finite d
    cdef double lost = sum_low(a, -b, d)
    return lost if absolute(lost) < 1 else 0


cdef inline double sum_over(double x, double shift, double divisor) noexcept nogil:
    # (x + shift) / divisor
    return (x + shift) * (1 / divisor)


cdef inline double product_over(double x, double shift, double divisor) noexcept nogil:
    # x (x + shift) / divisor
    cdef double high = 1 / divisor
    cdef double low = residual(1, high, divisor) * high
    cdef double p = x * (x + shift)
    return mul_add(p, high, p * low)


cdef inline double inverse_of_one_plus(double t, double* low) noexcept nogil:
    # w of 1 / (1 + t) = w + low, for 0 <= t <= 1e300
    cdef double d = 1 + t
    cdef double w = 1 / d
    low[0] = w * quotient_low(1, d, sum_low(1, t, d), w)
    return w


cdef inline double part_of_one_plus(double t) noexcept nogil:
    # t / (1 + t), rounded as if once, for 0 <= t <= LARGE, as for float32
    cdef double d = 1 + t
    cdef double q = t / d
    return mul_add(quotient_low(t, d, sum_low(1, t, d), q), from_bits(<uint64_t>0x7fde623822fc16e6 - bits_of(d)), q)


cdef inline double chosen(bint where, double x, double other) noexcept nogil:
    # as for float32
    cdef uint64_t mask = -<uint64_t>where
    return from_bits(bits_of(x) & mask | bits_of(other) & ~mask)


cdef inline double one_unless_nan(double x) noexcept nogil:
    cdef uint64_t one = 0x3ff0000000000000
    return from_bits(one | -<uint64_t>(x != x))


cdef inline double times_sum(double a, double b, double b_low) noexcept nogil:
    # a (b + b_low) for b_low within an ULP of b, rounded as if once, for abs(a), abs(b) < 2^996
    cdef double p = a * b
    return p + mul_add(a, b_low, product_error(a, b, p))


cdef inline double addend_low(double a, double b, double s) noexcept nogil:
    # what the sum s = a + b lost to rounding
    return sum_low(a, b, s)


cdef inline double gelu_tanh_argument(double x, double* low) noexcept nogil:
    # GELU_LINEAR x + GELU_CUBIC x^3 : a relative error here costs e^x up to 745 times as much
    cdef double square = x * x
    cdef double cubic = GELU_CUBIC * square
    cdef double factor = GELU_LINEAR + cubic
    cdef double factor_low = GELU_CUBIC * product_error(x, x, square) + GELU_CUBIC_LOW * square
    factor_low += product_error(GELU_CUBIC, square, cubic) + GELU_LINEAR_LOW
    factor_low += sum_low(GELU_LINEAR, cubic, factor)
    cdef double v = x * factor
    low[0] = product_error(x, factor, v) + x * factor_low
    return v


cdef inline double normal_tail(double t) noexcept nogil:
    # e^(t^2/2) P(X > t) of a standard normal X, for 0 <= t <= 39
    # (after M. M. Shepherd and J. G. Laframboise, Mathematics of Computation 36, 1981)
    cdef double d = t + 4
    cdef double d_low = sum_low(t, 4, d)
    cdef double w = 1 / d
    w += w * quotient_low(1, d, d_low, w)
    cdef double above = t - 4
    cdef double u = above * w
    cdef double u_low = (quotient_low(above, d, d_low, u) + sum_low(t, -4, above)) * w
    # u_low is worth an ULP near t = 0; the slope of the ratio, to a tenth, is enough for it
    cdef double slope = mul_add(-0.5 * (1 - u), 1 - u, -0.15)
    return (normal_tail_ratio(u) + slope * u_low) * w


cdef inline double root_of_sum(double x, double b) noexcept nogil:
    # sqrt(x^2 + b), without overflow, or underflow
    cdef bint large = absolute(x) > 1e150
    cdef bint small = (absolute(x) < 1e-140) & (b < 1e-280)
    cdef double c = TWO_MINUS_600 if large else (TWO_600 if small else 1)
    return sqrt(mul_add(c * x, c * x, (c * b) * c)) * (TWO_600 if large else (TWO_MINUS_600 if small else 1))


cdef inline double sine_at(double x, uint64_t quarter_turns) noexcept nogil:
    # sin(x + quarter_turns pi / 2) for abs(x) < 2^20
    cdef double shifted = mul_add(x, TWO_OVER_PI, ROUND_TO_BIASED)
    cdef double n = shifted - ROUND_TO_BIASED
    cdef double high = x - n * HALF_PI_1
    cdef double near = high - n * HALF_PI_2
    cdef double rest = sum_low(high, -n * HALF_PI_2, near) - n * HALF_PI_3
    cdef double r = near + rest
    cdef double low = rest - (r - near)  # within half an ULP of r: what follows takes it to first order
    cdef double square = r * r
    cdef double s = x if absolute(x) < 1e-8 else r + mul_add(square * r, sin_tail(square), low)  # -0 for -0
    cdef double half = 0.5 * square
    cdef double w = 1 - half
    cdef double c = w + (((1 - w) - half) + mul_add(square * square, cos_tail(square), -r * low))
    return of_quadrant(s, c, shifted, quarter_turns)


cdef inline double near_inverse(double x) noexcept nogil:
    # the power of two w with 1 <= w x < 2, for normal x below 2^1023
    return from_bits(EXPONENT_OF_LARGEST - (bits_of(x) & EXPONENT))


# Each with a single quotient of what a choice leaves: a division takes as long as 8 to 16 products.
cdef inline double lift(double x, double b, double* u) noexcept nogil:
    # 1 + u, u = x / s, s = sqrt(x^2 + b), as b / (s^2 - x s) where it cancels, or far out b / (s (s - x)) by parts
    cdef bint far = absolute(x) > 1e30
    cdef double c = at_most(at_least(x, -LARGE), LARGE)
    cdef double s = root_of_sum(c, b)
    cdef double w = near_inverse(s)
    cdef bint cancels = c < -0.5 * s
    cdef double numerator = w * b if far else b
    cdef double denominator = (w * s) * (s - c) if far else mul_add(-c, s, mul_add(c, c, b))
    cdef double q = (numerator if cancels else c) / (denominator if cancels else s)
    u[0] = q - 1 if cancels else q
    return q if cancels else 1 + q


cdef inline double half_times_lift(double x) noexcept nogil:
    # x (1 + u) / 2, u = x / s, s = sqrt(x^2 + 1), as x / (2 (s^2 - x s)) where it cancels
    cdef bint far = x < -1e30
    cdef double c = at_most(at_least(x, -1e30), 1e30)
    cdef double square = mul_add(c, c, 1)
    cdef double s = sqrt(square)
    cdef bint cancels = c < -0.5 * s
    cdef double numerator = 0.25 if far else 0.5 * c
    cdef double denominator = x if far else mul_add(-c, s, square)
    cdef double q = (numerator if cancels else c) / (denominator if cancels else s)
    return q if cancels else 0.5 * x * (1 + q)
