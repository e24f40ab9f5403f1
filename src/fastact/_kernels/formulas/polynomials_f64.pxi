# Minimax polynomials for f64 results, 56 bits; made by tools/minimax.py.

cdef inline double exp_tail(double x) noexcept nogil:
    # (e^r - 1 - r) / r^2 for abs(r) <= ln(2) / 2; degree 9, largest error 1.8e-17
    cdef double x2 = x * x
    cdef double x4 = x2 * x2
    return mul_add(mul_add(mul_add(2.511446692898754e-08, x, 2.7626326928631637e-07), x4, mul_add(mul_add(2.7557227973235083e-06, x, 2.4801504444883223e-05), x2, mul_add(0.0001984126990300939, x, 0.0013888888932379747))), x4, mul_add(mul_add(0.008333333333314602, x, 0.04166666666657362), x2, mul_add(0.16666666666666685, x, 0.5000000000000006)))


cdef inline double atanh_tail(double x) noexcept nogil:
    # (atanh(s) - s) / s^3 in s^2, for 0 <= s <= 1/3; degree 9, largest error 4.3e-17
    cdef double x2 = x * x
    cdef double x4 = x2 * x2
    return mul_add(mul_add(mul_add(0.08093788562111677, x, 0.04394490859444231), x4, mul_add(mul_add(0.06001760010069918, x, 0.06656934773434049), x2, mul_add(0.07692794014229014, x, 0.09090894373069498))), x4, mul_add(mul_add(0.11111111366156017, x, 0.14285714283473985), x2, mul_add(0.20000000000007626, x, 0.3333333333333333)))


cdef inline double normal_tail_ratio(double x) noexcept nogil:
    # (4 + t) e^(t^2/2) P(X > t), X standard normal, in u = (t - 4) / (t + 4), 0 <= t <= 39; degree 22, largest error 2e-17
    cdef double x2 = x * x
    cdef double x4 = x2 * x2
    cdef double x8 = x4 * x4
    return mul_add(mul_add(mul_add(mul_add(-1.196537993355136e-09, x2, mul_add(-3.390482196050331e-10, x, 1.4619013539437903e-08)), x4, mul_add(mul_add(1.606926407628009e-08, x, -7.721040599084228e-08), x2, mul_add(-1.5659211945059457e-07, x, 2.6415454434645375e-07))), x8, mul_add(mul_add(mul_add(1.0218572133016856e-06, x, -6.252284320056718e-07), x2, mul_add(-5.920011266717919e-06, x, 7.149755229322621e-07)), x4, mul_add(mul_add(3.514456967111991e-05, x, -1.9078439740714055e-06), x2, mul_add(-0.00023109490371623888, x, 0.00013334424852401474)))), x8, mul_add(mul_add(mul_add(0.0016308184532799292, x, -0.0034796923616068824), x2, mul_add(-0.007540188966435176, x, 0.06039657489066627)), x4, mul_add(mul_add(-0.18652185795966542, x, 0.3871374007422195), x2, mul_add(-0.6078966419718921, x, 0.7552851304157515))))


cdef inline double tanh_shrink_tail(double x) noexcept nogil:
    # ((x - tanh(x)) / x^3 - 1 / 3) / x^2 in x^2, for abs(x) <= 1; degree 14, largest error 1.9e-17
    cdef double x2 = x * x
    cdef double x4 = x2 * x2
    cdef double x8 = x4 * x4
    return mul_add(mul_add(mul_add(-3.047348720405899e-08, x2, mul_add(3.024485528324118e-07, x, -1.5085853319501184e-06)), x4, mul_add(mul_add(5.241573462932013e-06, x, -1.4934669779135375e-05), x2, mul_add(3.8684970815915536e-05, x, -9.665179282602265e-05))), x8, mul_add(mul_add(mul_add(0.0002390438598515401, x, -0.000590007776380536), x2, mul_add(0.0014558312573142596, x, -0.003592127710055506)), x4, mul_add(mul_add(0.008863235509327856, x, -0.021869488535474994), x2, mul_add(0.05396825396824508, x, -0.1333333333333333))))


cdef inline double sin_tail(double x) noexcept nogil:
    # (sin(r) - r) / r^3 in r^2, for abs(r) <= pi / 4; degree 6, largest error 1.2e-20
    cdef double x2 = x * x
    cdef double x4 = x2 * x2
    return mul_add(mul_add(-7.586696148894515e-13, x2, mul_add(1.6058531608544956e-10, x, -2.505210623242708e-08)), x4, mul_add(mul_add(2.755731921933927e-06, x, -0.00019841269841265065), x2, mul_add(0.008333333333333331, x, -0.16666666666666666)))


cdef inline double cos_tail(double x) noexcept nogil:
    # (cos(r) - 1 + r^2 / 2) / r^4 in r^2, for abs(r) <= pi / 4; degree 5, largest error 1.3e-18
    cdef double x2 = x * x
    cdef double x4 = x2 * x2
    return mul_add(mul_add(-1.1382632731012654e-11, x, 2.087614628403e-09), x4, mul_add(mul_add(-2.7557317271873053e-07, x, 2.4801587298766133e-05), x2, mul_add(-0.0013888888888887398, x, 0.041666666666666664)))
