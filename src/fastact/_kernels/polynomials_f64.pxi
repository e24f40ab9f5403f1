# Minimax polynomials for f64 results (good to about 56 bits). Made by tools/minimax.py: edit that.

cdef inline double exp_tail(double x) noexcept nogil:
    # (e^r - 1 - r) / r^2 for abs(r) <= ln(2) / 2; degree 9, largest error 1.8e-17
    cdef double square = x * x
    cdef double even = mul_add(mul_add(mul_add(mul_add(2.7626326928631637e-07, square, 2.4801504444883223e-05), square, 0.0013888888932379747), square, 0.04166666666657362), square, 0.5000000000000006)
    cdef double odd = mul_add(mul_add(mul_add(mul_add(2.511446692898754e-08, square, 2.7557227973235083e-06), square, 0.0001984126990300939), square, 0.008333333333314602), square, 0.16666666666666685)
    return mul_add(odd, x, even)


cdef inline double log1p_ratio(double x) noexcept nogil:
    # log1p(z) / z for 0 <= z <= 1; degree 21, largest error 1.5e-18
    cdef double square = x * x
    cdef double even = mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(0.0001975085709954687, square, 0.004109924807909877), square, 0.021708307323345402), square, 0.05028096516885013), square, 0.0733686097496379), square, 0.09056731813583041), square, 0.11109804397098777), square, 0.14285697425301974), square, 0.19999999945157432), square, 0.3333333333330922), square, 1.0)
    cdef double odd = mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(-1.6418511022325355e-05, square, -0.0011299547927860207), square, -0.010744094885146929), square, -0.03575837243770927), square, -0.06302992414164019), square, -0.08210573071258873), square, -0.09992437790833253), square, -0.1249982758989425), square, -0.16666665493290156), square, -0.24999999998422937), square, -0.49999999999999856)
    return mul_add(odd, x, even)


cdef inline double normal_tail_ratio(double x) noexcept nogil:
    # (4 + t) e^(t^2/2) P(X > t), X standard normal, in u = (t - 4) / (t + 4), t >= 0; degree 22, largest error 2e-17
    cdef double square = x * x
    cdef double even = mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(-1.196537993355136e-09, square, 1.4619013539437903e-08), square, -7.721040599084228e-08), square, 2.6415454434645375e-07), square, -6.252284320056718e-07), square, 7.149755229322621e-07), square, -1.9078439740714055e-06), square, 0.00013334424852401474), square, -0.0034796923616068824), square, 0.06039657489066627), square, 0.3871374007422195), square, 0.7552851304157515)
    cdef double odd = mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(-3.390482196050331e-10, square, 1.606926407628009e-08), square, -1.5659211945059457e-07), square, 1.0218572133016856e-06), square, -5.920011266717919e-06), square, 3.514456967111991e-05), square, -0.00023109490371623888), square, 0.0016308184532799292), square, -0.007540188966435176), square, -0.18652185795966542), square, -0.6078966419718921)
    return mul_add(odd, x, even)
