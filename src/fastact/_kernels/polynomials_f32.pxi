# Minimax polynomials for f32 results, 30 bits; made by tools/minimax.py.

cdef inline double exp_tail(double x) noexcept nogil:
    # (e^r - 1 - r) / r^2 for abs(r) <= ln(2) / 2; degree 4, largest error 1.3e-08
    return mul_add(mul_add(mul_add(mul_add(0.001394645095788879, x, 0.008366583948775558), x, 0.04166628201461737), x, 0.16666542992091535), x, 0.500000006193766)


cdef inline double exp_tail_of_double(double x) noexcept nogil:
    # the same, for differences that cancel; degree 9, largest error 1.8e-17
    cdef double x2 = x * x
    cdef double x4 = x2 * x2
    return mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(2.511446692898754e-08, x, 2.7626326928631637e-07), x, 2.7557227973235083e-06), x, 2.4801504444883223e-05), x, 0.0001984126990300939), x, 0.0013888888932379747), x4, mul_add(mul_add(mul_add(0.008333333333314602, x, 0.04166666666657362), x, 0.16666666666666685), x, 0.5000000000000006))


cdef inline double log1p_ratio(double x) noexcept nogil:
    # log(1 + z) / z for 0 <= z <= 1; degree 10, largest error 7.4e-10
    cdef double x2 = x * x
    cdef double x4 = x2 * x2
    return mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(0.0020302419797982893, x, -0.01340753354326662), x, 0.041478235336014344), x, -0.0824417633422626), x, 0.12418436938259901), x, -0.1610569194926109), x, 0.19890747844096482), x4, mul_add(mul_add(mul_add(-0.24987270887101695, x, 0.3333255962647226), x, -0.49999981433669105), x, 0.9999999992568245))


cdef inline double normal_tail_ratio(double x) noexcept nogil:
    # (4 + t) e^(t^2/2) P(X > t), X standard normal, in u = (t - 4) / (t + 4), 0 <= t <= 15; degree 9, largest error 9.1e-09
    cdef double x2 = x * x
    cdef double x4 = x2 * x2
    return mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(-0.00013419629625097267, x, 0.00017465932796155456), x, 0.0015684082938064272), x, -0.0035102109676588885), x, -0.0075240043529955), x, 0.0604034894813674), x4, mul_add(mul_add(mul_add(-0.18652365630925036, x, 0.38713691651794324), x, -0.6078965798760627), x, 0.7552851352531154))


cdef inline double gelu_slope_ratio(double x) noexcept nogil:
    # gelu'(root + d) / d for abs(d) <= 0.3; degree 7, largest error 8.9e-10
    cdef double x2 = x * x
    cdef double x4 = x2 * x2
    return mul_add(mul_add(mul_add(mul_add(-0.0021684336615410776, x, 0.004407603602873142), x, 0.019413855540511407), x, -0.014764194014068302), x4, mul_add(mul_add(mul_add(-0.11400793164596178, x, -0.018199806909521443), x, 0.3882849798798542), x, 0.4314939926755091))


cdef inline double tanh_shrink_ratio(double x) noexcept nogil:
    # (x - tanh(x)) / x^3 in x^2, for abs(x) <= 1; degree 7, largest error 5.3e-09
    cdef double x2 = x * x
    cdef double x4 = x2 * x2
    return mul_add(mul_add(mul_add(mul_add(-0.00014282394034124496, x, 0.0009236092061190188), x, -0.0032069535778062124), x, 0.008697950990453295), x4, mul_add(mul_add(mul_add(-0.021829585466507387, x, 0.053963420951254525), x, -0.13333310695049258), x, 0.3333333315713652))


cdef inline double sin_tail(double x) noexcept nogil:
    # (sin(r) - r) / r^3 in r^2, for abs(r) <= pi / 4; degree 3, largest error 2.8e-11
    return mul_add(mul_add(mul_add(2.7249976881929e-06, x, -0.00019840087246069565), x, 0.008333331875979651), x, -0.16666666663859944)


cdef inline double cos_tail(double x) noexcept nogil:
    # (cos(r) - 1 + r^2 / 2) / r^4 in r^2, for abs(r) <= pi / 4; degree 2, largest error 2e-09
    return mul_add(mul_add(2.4548020212720626e-05, x, -0.0013888303549255423), x, 0.04166666466370411)
