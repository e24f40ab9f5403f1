# Quicker formulas for float64, for arguments whose exponential is a normal number: one product applies its exponent.
# And for those whose square is one, which needs no scaling.
#
# As in near_f32.pxi, `name_near` takes the place of `name` for abs(x) < `name_reach`; render.py finds them here.
# Left out: the derivative of silu as (1 + z (1 + x)) / (1 + z)^2, z = e^-x, twice as fast, but next to its root less
# exact, relatively, than the general formula, which the gradient of swiglu takes.

ctypedef int64_t size_as_bits


cdef inline size_as_bits size_bits(double x) noexcept nogil:
    # orders doubles by their size, NaN last
    return <size_as_bits>bits_of(magnitude(x))


cdef inline double times_exp_near(double a, double x) noexcept nogil:
    # a e^x for abs(x) <= 708
    cdef double shifted = mul_add(x, LOG2_E, ROUND_TO_BIASED)
    cdef double n = shifted - ROUND_TO_BIASED
    cdef double r = mul_add(-n, LN2_LOW, mul_add(-n, LN2_HIGH, x))
    cdef double scaled_a = a * power_of_two(shifted)
    return mul_add(scaled_a, mul_add(r * r, exp_tail(r), r), scaled_a)


cdef inline double exponential_near(double x) noexcept nogil:
    return times_exp_near(1, x)


cdef inline double exponential_reach() noexcept nogil:
    return 708


cdef inline double exponential_derivative_near(double x) noexcept nogil:
    return exponential_near(x)


cdef inline double exponential_derivative_reach() noexcept nogil:
    return exponential_reach()


cdef inline double elu_derivative_near(double x, double alpha) noexcept nogil:
    return 1 if x > 0 else times_exp_near(alpha, x)


cdef inline double elu_derivative_reach(double alpha) noexcept nogil:
    # infinity times a fraction would be NaN, and a product that is -0 would lose its sign
    return 600 if (absolute(alpha) <= 1e15) & (absolute(alpha) >= 1e-15) else 0


cdef inline double selu_derivative_near(double x) noexcept nogil:
    return SELU_SCALE if x > 0 else times_exp_near(SELU_SCALE_ALPHA, x)


cdef inline double selu_derivative_reach() noexcept nogil:
    return exponential_reach()


cdef inline double logistic_of(double z) noexcept nogil:
    # 1 / (1 + z), z >= 0. Without what the quotient loses, and the sum if z > 1, the error is 2.4 ULP for 1.5
    cdef double d = 1 + z
    cdef double q = 1 / d
    return mul_add(mul_add(-q, 1 - (d - z), mul_add(-q, d, 1)), q, q)


cdef inline double sigmoid_near(double x) noexcept nogil:
    return logistic_of(exponential_near(-x))


cdef inline double sigmoid_reach() noexcept nogil:
    return exponential_reach()


cdef inline double sigmoid_derivative_near(double x) noexcept nogil:
    cdef double z = exponential_near(-absolute(x))
    return z / mul_add(z, z + 2, 1)


cdef inline double sigmoid_derivative_reach() noexcept nogil:
    return exponential_reach()


cdef inline double tanh_derivative_near(double x) noexcept nogil:
    return 4 * sigmoid_derivative_near(2 * x)


cdef inline double tanh_derivative_reach() noexcept nogil:
    return exponential_reach() / 2


cdef inline double silu_near(double x) noexcept nogil:
    return x / (1 + exponential_near(-x))


cdef inline double silu_reach() noexcept nogil:
    return exponential_reach()


cdef inline double log_sigmoid_derivative_near(double x) noexcept nogil:
    return logistic_of(exponential_near(x))


cdef inline double log_sigmoid_derivative_reach() noexcept nogil:
    return exponential_reach()


cdef inline double squareplus_near(double x, double b) noexcept nogil:
    cdef double s = 0.5 * sqrt(mul_add(x, x, b))
    cdef double h = 0.5 * x
    return 0.25 * b / (s - h) if h < 0 else h + s


cdef inline double squareplus_reach(double b) noexcept nogil:
    return 1e150 if (b >= 1e-280) & (b <= 1e280) else 0


cdef inline double lift_near(double x, double b, double* u) noexcept nogil:
    # 1 + u, u = x / sqrt(x^2 + b)
    cdef double square = mul_add(x, x, b)
    cdef double s = sqrt(square)
    cdef bint cancels = x < -0.5 * s
    cdef double q = (b if cancels else x) / (mul_add(-x, s, square) if cancels else s)
    u[0] = q - 1 if cancels else q
    return q if cancels else 1 + q


cdef inline double squareplus_derivative_near(double x, double b) noexcept nogil:
    cdef double unused
    return 0.5 * lift_near(x, b, &unused)


cdef inline double squareplus_derivative_reach(double b) noexcept nogil:
    return 1e30 if (b >= 1e-280) & (b <= 1e280) else 0


cdef inline double dish_derivative_near(double x) noexcept nogil:
    cdef double u
    cdef double v = lift_near(x, 1, &u)
    return dish_slope(u, v)


cdef inline double dish_derivative_reach() noexcept nogil:
    return 1e30
