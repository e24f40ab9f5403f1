# Minimax polynomials for f32 results (good to about 30 bits). Made by tools/minimax.py: edit that.

cdef inline double exp_tail(double x) noexcept nogil:
    # (e^r - 1 - r) / r^2 for abs(r) <= ln(2) / 2; degree 4, largest error 1.3e-08
    cdef double square = x * x
    cdef double even = mul_add(mul_add(0.001394645095788879, square, 0.04166628201461737), square, 0.500000006193766)
    cdef double odd = mul_add(0.008366583948775558, square, 0.16666542992091535)
    return mul_add(odd, x, even)


cdef inline double log1p_ratio(double x) noexcept nogil:
    # log1p(z) / z for 0 <= z <= 1; degree 10, largest error 7.4e-10
    cdef double square = x * x
    cdef double even = mul_add(mul_add(mul_add(mul_add(mul_add(0.0020302419797982893, square, 0.041478235336014344), square, 0.12418436938259901), square, 0.19890747844096482), square, 0.3333255962647226), square, 0.9999999992568245)
    cdef double odd = mul_add(mul_add(mul_add(mul_add(-0.01340753354326662, square, -0.0824417633422626), square, -0.1610569194926109), square, -0.24987270887101695), square, -0.49999981433669105)
    return mul_add(odd, x, even)


cdef inline double normal_tail_ratio(double x) noexcept nogil:
    # (1 + t) e^(t^2/2) P(X > t), X standard normal, in u = (t - 4) / (t + 4), t >= 0; degree 10, largest error 5.1e-09
    cdef double square = x * x
    cdef double even = mul_add(mul_add(mul_add(mul_add(mul_add(-6.947176846831216e-05, square, 0.0006851432298452057), square, -0.00500018258097407), square, -0.032198034332088794), square, 0.013999642389877553), square, 0.472053206374514)
    cdef double odd = mul_add(mul_add(mul_add(mul_add(-6.0605470751845416e-05, square, -0.00030805994702442455), square, 0.01794291371395484), square, 0.028599498708424587), square, -0.09670344623264296)
    return mul_add(odd, x, even)
