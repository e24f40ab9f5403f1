# Quicker formulas for float64, for arguments whose exponential is a normal number: one product applies its exponent.
#
# As in near_f32.pxi, `name_near` takes the place of `name` for abs(x) < `name_reach`; render.py finds them here.

ctypedef int64_t size_as_bits


cdef inline size_as_bits size_bits(double x) noexcept nogil:
    # orders doubles by their size, NaN last
    return <size_as_bits>bits_of(size_of(x))


cdef inline double exponential_near(double x) noexcept nogil:
    cdef double shifted = mul_add(x, LOG2_E, ROUND_TO_BIASED)
    cdef double n = shifted - ROUND_TO_BIASED
    cdef double r = mul_add(-n, LN2_LOW, mul_add(-n, LN2_HIGH, x))
    cdef double scale = power_of_two(shifted)
    return mul_add(scale, mul_add(r * r, exp_tail(r), r), scale)


cdef inline double exponential_reach() noexcept nogil:
    return 708


cdef inline double exponential_derivative_near(double x) noexcept nogil:
    return exponential_near(x)


cdef inline double exponential_derivative_reach() noexcept nogil:
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


cdef inline double silu_near(double x) noexcept nogil:
    return x / (1 + exponential_near(-x))


cdef inline double silu_reach() noexcept nogil:
    return exponential_reach()


cdef inline double log_sigmoid_derivative_near(double x) noexcept nogil:
    return logistic_of(exponential_near(x))


cdef inline double log_sigmoid_derivative_reach() noexcept nogil:
    return exponential_reach()
