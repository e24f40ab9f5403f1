# Quicker formulas for float32: in float instead of double, for arguments whose exponential is a normal number.
#
# Twice as many floats as doubles fit into a vector, but now each rounding counts: what must not be
# lost is carried in a low part, and the rest adds up to less than half an ULP. `name_near` takes the place of
# `name` for abs(x) < `name_reach`, a gate's for abs(b) < `name_reach` and results held_by_pairs; render.py finds them.
# Without FMA they would be slow, and nothing takes them.
# Without a table, gelu needs so many pairs that it took as long as in double, and tanh_shrink was 1.3 ULP off: for
# these, pieces_f32.pxi.

cdef extern from "<math.h>" nogil:
    float sqrt_f32 "sqrtf"(float x)

cdef extern from *:
    """
    #define LOG2_E_F32 1.442695041f
    #define LN2_HIGH_F32 0x1.62e4p-1f        /* 15 bits, so that n LN2_HIGH_F32 is exact for abs(n) < 2^9 */
    #define LN2_LOW_F32 0x1.7f7d1cf8p-20f
    /* 1.5 * 2^23 + 127: adding it leaves the nearest integer, with the bias of an exponent, in the low bits */
    #define ROUND_TO_BIASED_F32 12583039.0f
    #define TWO_MINUS_26 0x1p-26f
    #define SELU_SCALE_F32 1.05070102214813232f
    #define SELU_SCALE_REST (float)(SELU_SCALE - SELU_SCALE_F32)
    #define SELU_SCALE_ALPHA_REST (float)(SELU_SCALE_ALPHA - SELU_SCALE_ALPHA_F32)
    #define SELU_SCALE_ALPHA_F32 1.7580993175506592f
    #define SELU_SCALE_ALPHA_LOG_REST 1.3251081e-08f /* log(SELU_SCALE_ALPHA / SELU_SCALE_ALPHA_F32) */
    #define GELU_LINEAR_F32 1.5957691669464111f
    #define GELU_LINEAR_LOW_F32 -4.534068042105272e-08f
    #define GELU_CUBIC_F32 0.07135481387376785f
    #define GELU_CUBIC_LOW_F32 2.3988323959931355e-09f
    #define LARGEST_SQUARED 0x1p60f
    #define LEAST_IN_PAIRS 0x1p-100f    /* the low part of what is smaller may be subnormal */
    """
    const float LOG2_E_F32, LN2_HIGH_F32, LN2_LOW_F32, ROUND_TO_BIASED_F32
    const float TWO_MINUS_26, SELU_SCALE_F32, SELU_SCALE_REST, SELU_SCALE_ALPHA_REST
    const float SELU_SCALE_ALPHA_F32, SELU_SCALE_ALPHA_LOG_REST
    const float GELU_LINEAR_F32, GELU_LINEAR_LOW_F32, GELU_CUBIC_F32, GELU_CUBIC_LOW_F32
    const float LARGEST_SQUARED, LEAST_IN_PAIRS


ctypedef uint32_t size_as_bits


cdef inline size_as_bits size_bits(float x) noexcept nogil:
    # orders floats by their size, NaN last
    return bits_of_float(x) & 0x7fffffff


cdef inline uint32_t size_bits_zero_last(float x) noexcept nogil:
    # the same with 0 after NaN, all less 1
    return size_bits(x) - 1


cdef inline bint held_by_pairs(float x) noexcept nogil:
    return (size_bits_zero_last(x) >= size_bits_zero_last(LEAST_IN_PAIRS)) & (size_bits(x) < size_bits(INFINITY))


# -- exponential --------------------------------------------------------------------------------

cdef inline float reduced_near(float x, float x_low, float* low, float* scale) noexcept nogil:
    # r = result + low of e^(x + x_low) = scale e^r for abs(x) <= 87, scale a power of two
    cdef float shifted = mul_add_f32(x, LOG2_E_F32, ROUND_TO_BIASED_F32)
    cdef float n = shifted - ROUND_TO_BIASED_F32
    low[0] = mul_add_f32(-n, LN2_LOW_F32, x_low)
    scale[0] = float_from_bits(bits_of_float(shifted) << 23)
    return mul_add_f32(-n, LN2_HIGH_F32, x)


cdef inline float exp_parts(float x, float x_low, float* rest, float* scale) noexcept nogil:
    # e^(x + x_low) = scale (1 + result + rest) for abs(x) <= 87
    cdef float low
    cdef float high = reduced_near(x, x_low, &low, scale)
    cdef float r = high + low
    rest[0] = mul_add_f32(r * r, near_exp_tail(r), low)
    return high


cdef inline float exp_fraction(float x, float x_low, float* scale) noexcept nogil:
    # e^(x + x_low) = scale (1 + result) for abs(x) <= 87, scale a power of two, the result rounded once
    cdef float rest
    return exp_parts(x, x_low, &rest, scale) + rest


cdef inline float times_exp_near(float a, float x, float x_low) noexcept nogil:
    # a e^(x + x_low) for abs(x) <= 87
    cdef float scale
    cdef float fraction = exp_fraction(x, x_low, &scale)
    return mul_add_f32(a * scale, fraction, a * scale)


cdef inline float exponential_near(float x) noexcept nogil:
    return times_exp_near(1, x, 0)


cdef inline float exponential_reach() noexcept nogil:
    return 87


cdef inline float exponential_derivative_near(float x) noexcept nogil:
    return exponential_near(x)


cdef inline float exponential_derivative_reach() noexcept nogil:
    return exponential_reach()


cdef inline float elu_derivative_near(float x, float alpha) noexcept nogil:
    return 1 if x > 0 else times_exp_near(alpha, x, 0)


cdef inline float elu_derivative_reach(float alpha) noexcept nogil:
    # infinity times a fraction would be NaN, and a product that is -0 would lose its sign
    return 87 if (absolute(alpha) <= LARGEST_SQUARED) & (absolute(alpha) >= <float>1e-6) else 0


cdef inline float selu_derivative_near(float x) noexcept nogil:
    return <float>SELU_SCALE if x > 0 else times_exp_near(SELU_SCALE_ALPHA_F32, x, SELU_SCALE_ALPHA_LOG_REST)


cdef inline float selu_derivative_reach() noexcept nogil:
    return 87


cdef inline float expm1_parts(float x, float x_low, float* low) noexcept nogil:
    # e^(x + x_low) - 1 = result + low for -87 <= x <= 0
    cdef float scale
    cdef float r_low
    cdef float high = reduced_near(x, x_low, &r_low, &scale)
    cdef float r = high + r_low
    cdef float rest = mul_add_f32(r * r, near_expm1_tail(r), r_low)
    cdef float fraction = high + rest
    cdef float start = scale - <real>1
    cdef float t = mul_add_f32(scale, fraction, start)
    low[0] = mul_add_f32(scale, (high - fraction) + rest, mul_add_f32(scale, fraction, start - t))
    return t


cdef inline float scaled_near(float a, float a_low, float b, float b_low) noexcept nogil:
    # (a + a_low) (b + b_low), rounded as if once; what the product is too much is subtracted: -0 for b = -0
    cdef float p = a * b
    return p - mul_add_f32(-a, b_low, mul_add_f32(-a_low, b, mul_add_f32(-a, b, p)))


cdef inline float elu_near(float x, float alpha) noexcept nogil:
    cdef float low
    cdef float t = expm1_parts(x, 0, &low)
    return x if x >= 0 else scaled_near(alpha, 0, t, low)


cdef inline float elu_reach(float alpha) noexcept nogil:
    return elu_derivative_reach(alpha)


cdef inline float selu_near(float x) noexcept nogil:
    cdef float t_low
    cdef float t = expm1_parts(x, 0, &t_low)
    cdef bint below = x < 0
    cdef float scale = SELU_SCALE_ALPHA_F32 if below else SELU_SCALE_F32
    cdef float scale_low = SELU_SCALE_ALPHA_REST if below else SELU_SCALE_REST
    return scaled_near(scale, scale_low, t if below else x, t_low if below else 0)


cdef inline float selu_reach() noexcept nogil:
    return 87


cdef inline float over_alpha(float x, float alpha, float* low) noexcept nogil:
    # x / alpha = result + low
    cdef float inverse = <real>1 / alpha  # once for all elements, if alpha is the same
    cdef float v = x * inverse
    low[0] = mul_add_f32(-v, alpha, x) * inverse
    return v


cdef inline float celu_near(float x, float alpha) noexcept nogil:
    # next to 0, where v may be subnormal, it is x
    cdef float v_low
    cdef float t_low
    cdef float v = over_alpha(x, alpha, &v_low)
    cdef float t = expm1_parts(v, v_low, &t_low)
    return x if v >= -TWO_MINUS_26 else scaled_near(alpha, 0, t, t_low)


cdef inline float celu_reach(float alpha) noexcept nogil:
    return <real>87 * alpha if (alpha > <float>1e-15) & (alpha < <float>1e15) else 0


cdef inline float celu_derivative_near(float x, float alpha) noexcept nogil:
    cdef float v_low
    cdef float v = over_alpha(x, alpha, &v_low)
    return 1 if x >= 0 else times_exp_near(1, v, v_low)


cdef inline float celu_derivative_reach(float alpha) noexcept nogil:
    return celu_reach(alpha)


# -- sigmoid, its derivative and its integral ---------------------------------------------------

cdef enum Precision:  # of 1 + e^x
    AT_ONE      # for a quotient of 1, whose last place is larger where the error is
    ANYWHERE    # for other dividends
    IN_PAIRS    # for dividends with a low part


cdef inline float one_plus_exp(float x, float x_low, Precision precision, float* low) noexcept nogil:
    # 1 + e^(x + x_low) = result + low for abs(x) <= 87
    cdef float scale
    cdef float rest
    cdef float high = exp_parts(x, x_low, &rest, &scale)
    cdef float fraction = high + rest
    cdef float ends = <real>1 + scale
    cdef float d = mul_add_f32(scale, fraction, ends)
    # this loses a scale of 2^-25 and less: then 1 is within 0.7 ULP of the quotient
    cdef float ends_low = <real>1 - (ends - scale)
    if precision == IN_PAIRS:
        ends_low = at_most(scale, 1) - (ends - at_least(scale, 1))
    low[0] = mul_add_f32(scale, fraction, ends - d) + ends_low
    if precision != AT_ONE:
        low[0] = mul_add_f32(scale, (high - fraction) + rest, low[0])
    return d


cdef inline float gated_near(float a, float a_low, float x, float x_low, Precision precision) noexcept nogil:
    # (a + a_low) sigmoid(x + x_low) for abs(x) <= 87, as a / (1 + e^-x). What q is too much is subtracted: -0 for -0.
    # The minus is at w, for GCC moves one before mul_add_f32 into it, where 0 stays 0.
    cdef float d_low
    cdef float d = one_plus_exp(-x, -x_low, precision, &d_low)
    cdef float w = <real>1 / d
    cdef float q = a * w
    return mul_add_f32(mul_add_f32(q, d_low, mul_add_f32(q, d, -a) - a_low), -w, q)


cdef inline float sigmoid_near(float x) noexcept nogil:
    return gated_near(1, 0, x, 0, AT_ONE)


cdef inline float sigmoid_reach() noexcept nogil:
    return 87


cdef inline float silu_near(float x) noexcept nogil:
    return gated_near(x, 0, x, 0, ANYWHERE)


cdef inline float silu_reach() noexcept nogil:
    return 87


cdef inline float glu_near(float a, float b) noexcept nogil:
    return gated_near(a, 0, b, 0, ANYWHERE)


cdef inline float glu_reach() noexcept nogil:
    return 87


cdef inline float swiglu_near(float a, float b) noexcept nogil:
    cdef float p = a * b
    return gated_near(p, mul_add_f32(a, b, -p), b, 0, IN_PAIRS)


cdef inline float swiglu_reach() noexcept nogil:
    return 87


cdef inline float log_sigmoid_derivative_near(float x) noexcept nogil:
    return gated_near(1, 0, -x, 0, AT_ONE)


cdef inline float log_sigmoid_derivative_reach() noexcept nogil:
    return 87


cdef inline float softplus_derivative_near(float x, float beta) noexcept nogil:
    cdef float v = beta * x
    return gated_near(1, 0, v, mul_add_f32(beta, x, -v), AT_ONE)


cdef inline float softplus_derivative_reach(float beta) noexcept nogil:
    return softplus_reach(beta)


cdef inline float decay(float x, float x_low, float* low) noexcept nogil:
    # e^-abs(x + x_low) = result + low for abs(x) <= 70
    cdef float scale
    cdef float fraction = exp_fraction(-absolute(x), -x_low if x > 0 else x_low, &scale)
    cdef float high = mul_add_f32(scale, fraction, scale)
    low[0] = mul_add_f32(scale, fraction, scale - high)
    return high


cdef inline float sigmoid_derivative_near(float x) noexcept nogil:
    # z / (1 + z)^2 as two quotients
    cdef float z_low
    cdef float z = decay(x, 0, &z_low)
    cdef float d = <real>1 + z
    cdef float d_low = (z - (d - <real>1)) + z_low
    cdef float w = <real>1 / d
    cdef float q = z * w
    cdef float q_low = w * (mul_add_f32(-q, d_low, mul_add_f32(-q, d, z)) + z_low)
    cdef float p = q * w
    return mul_add_f32(mul_add_f32(-p, d_low, mul_add_f32(-p, d, q)) + q_low, w, p)


cdef inline float sigmoid_derivative_reach() noexcept nogil:
    return 70


cdef inline float tanh_derivative_near(float x) noexcept nogil:
    return <real>4 * sigmoid_derivative_near(<real>2 * x)


cdef inline float tanh_derivative_reach() noexcept nogil:
    return 35


cdef inline float log1p_decay(float x, float x_low, float* low) noexcept nogil:
    # log(1 + z) = result + low, z = e^-abs(x + x_low), as 2 atanh(s), s = z / (2 + z)
    cdef float z_low
    cdef float z = decay(x, x_low, &z_low)
    cdef float d = <real>2 + z
    cdef float d_low = (z - (d - <real>2)) + z_low
    cdef float w = <real>1 / d
    cdef float s = z * w
    cdef float s_low = w * (mul_add_f32(-s, d_low, mul_add_f32(-s, d, z)) + z_low)
    low[0] = <real>2 * mul_add_f32(s * (s * s), near_atanh_tail(s * s), s_low)
    return <real>2 * s


cdef inline float rounded_sum(float a, float b, float b_low) noexcept nogil:
    # a + b + b_low, rounded as if once
    cdef float large = at_least(a, b)
    cdef float small = at_most(a, b)
    cdef float s = large + small
    return s + ((small - (s - large)) + b_low)


cdef inline float softplus_near(float x, float beta) noexcept nogil:
    # max(x, 0) + log(1 + e^-abs(beta x)) / beta
    cdef float v = beta * x
    cdef float low
    cdef float high = log1p_decay(v, mul_add_f32(beta, x, -v), &low)
    cdef float inverse = <real>1 / beta
    cdef float bend = high * inverse
    return rounded_sum(at_least(x, 0), bend, inverse * (mul_add_f32(-bend, beta, high) + low))


cdef inline float softplus_reach(float beta) noexcept nogil:
    return <real>70 / beta if (beta > <float>1e-15) & (beta < <float>1e15) else 0


cdef inline float log_sigmoid_near(float x) noexcept nogil:
    cdef float low
    cdef float bend = log1p_decay(x, 0, &low)
    return -rounded_sum(at_least(-x, 0), bend, low)


cdef inline float log_sigmoid_reach() noexcept nogil:
    return 70


# -- the tanh form of gelu ----------------------------------------------------------------------

cdef inline float gelu_tanh_near(float x) noexcept nogil:
    # x sigmoid(v), v = x (GELU_LINEAR + GELU_CUBIC x^2) with a low part, for e^-v multiplies what is lost
    cdef float square = x * x
    cdef float cubic = GELU_CUBIC_F32 * square
    cdef float factor = GELU_LINEAR_F32 + cubic
    cdef float factor_low = mul_add_f32(GELU_CUBIC_LOW_F32, square, GELU_LINEAR_LOW_F32)
    factor_low += mul_add_f32(GELU_CUBIC_F32, square, -cubic)
    factor_low = mul_add_f32(GELU_CUBIC_F32, mul_add_f32(x, x, -square), factor_low)
    factor_low += cubic - (factor - GELU_LINEAR_F32)
    cdef float v = x * factor
    return gated_near(x, 0, v, mul_add_f32(x, factor_low, mul_add_f32(x, factor, -v)), ANYWHERE)


cdef inline float gelu_tanh_reach() noexcept nogil:
    # beyond, GELU_LINEAR is the smaller term
    return <float>4.7


# -- mish ---------------------------------------------------------------------------------------

cdef inline float plus_two(float x, float x_low, float* low) noexcept nogil:
    # x + x_low + 2 = result + low, for x >= 0
    cdef float s = x + <real>2
    low[0] = (at_most(x, 2) - (s - at_least(x, 2))) + x_low
    return s


cdef inline float mish_near(float x) noexcept nogil:
    # x u / (u + 2), u = n (n + 2), n = e^x; from x = 20 on, the quotient is 1
    cdef float scale
    cdef float rest
    cdef float high = exp_parts(at_most(x, 20), 0, &rest, &scale)
    cdef float fraction = high + rest
    cdef float n = mul_add_f32(scale, fraction, scale)
    cdef float n_low = mul_add_f32(scale, (high - fraction) + rest, mul_add_f32(scale, fraction, scale - n))
    cdef float m_low
    cdef float m = plus_two(n, n_low, &m_low)
    cdef float u = n * m
    cdef float u_low = mul_add_f32(n, m_low, mul_add_f32(n_low, m, mul_add_f32(n, m, -u)))
    cdef float d_low
    cdef float d = plus_two(u, u_low, &d_low)
    cdef float w = <real>1 / d
    cdef float q = u * w
    return scaled_near(x, 0, q, w * (mul_add_f32(-q, d_low, mul_add_f32(-q, d, u)) + u_low))


cdef inline float mish_reach() noexcept nogil:
    return 70


# -- algebraic: square roots and quotients ------------------------------------------------------
#
# Within the reach no square overflows, or underflows where it counts. With the sum of squares rounded once,
# by FMA, the error of squareplus is 0.75 ULP, but that of its derivative 1.25. The derivative of dish would
# need more than pairs, to be held to 1 ULP at its root, too: pieces_f32.pxi has it.

cdef inline float root_of_sum_near(float size, float b, float* rest) noexcept nogil:
    # s near sqrt(size^2 + b), and rest = size^2 + b - s^2
    cdef float square = size * size
    cdef float large = at_least(square, b)
    cdef float small = at_most(square, b)
    cdef float sum = large + small
    cdef float sum_low = small - (sum - large) + mul_add_f32(size, size, -square)
    cdef float s = sqrt_f32(sum)
    rest[0] = mul_add_f32(-s, s, sum) + sum_low
    return s


cdef inline float squareplus_near(float x, float b) noexcept nogil:
    # d / 2, d = s + abs(x), or below 0 b / (2 d). s lacks rest / (2 s); 1 / (2 s) is w / (1 + b w^2), to 6 percent by a
    # line in place of another division (by w alone the error is 1.01 ULP)
    cdef float size = absolute(x)
    cdef float rest
    cdef float s = root_of_sum_near(size, b, &rest)
    cdef float d = s + size
    cdef float w = <real>1 / d
    cdef float q = b * w
    cdef float d_low = mul_add_f32(rest * w, mul_add_f32(-0.47, q * w, 0.94), size - (d - s))
    cdef float below = mul_add_f32(w, mul_add_f32(-q, d_low, mul_add_f32(-q, d, b)), q)
    return <real>0.5 * (below if x < 0 else d + d_low)


cdef inline float squareplus_reach(float b) noexcept nogil:
    return LARGEST_SQUARED if (b >= <real>1 / LARGEST_SQUARED) & (b <= LARGEST_SQUARED) else 0


cdef inline float lower_lift(float size, float b, float* low) noexcept nogil:
    # v + low = (1 - size / s) / 2, s = sqrt(size^2 + b), as b / (2 s (s + size))
    cdef float rest
    cdef float s = root_of_sum_near(size, b, &rest)
    cdef float sum = s + size
    cdef float d = s * sum
    cdef float w = <real>1 / d
    cdef float q = b * w
    cdef float half = <real>0.5
    cdef float d_low = mul_add_f32(s, size - (sum - s), mul_add_f32(s, sum, -d))
    d_low = mul_add_f32(half * rest * (sum * w), s + sum, d_low)  # rest / (2 s) more in s and in the sum
    low[0] = half * w * mul_add_f32(-q, d_low, mul_add_f32(-q, d, b))
    return half * q


cdef inline float squareplus_derivative_near(float x, float b) noexcept nogil:
    cdef float low
    cdef float v = lower_lift(absolute(x), b, &low) + low
    return v if x < 0 else <real>1 - v


cdef inline float squareplus_derivative_reach(float b) noexcept nogil:
    return squareplus_reach(b)
