# Minimax polynomials for f32 results, 30 bits; made by tools/minimax.py.

cdef inline double exp_tail(double x) noexcept nogil:
    # (e^r - 1 - r) / r^2 for abs(r) <= ln(2) / 2; degree 4, largest error 1.3e-08
    return mul_add(mul_add(mul_add(mul_add(0.001394645095788879, x, 0.008366583948775558), x, 0.04166628201461737), x, 0.16666542992091535), x, 0.500000006193766)


cdef inline double precise_exp_tail(double x) noexcept nogil:
    # the same, exact where the derivatives of silu, gelu_tanh and mish have their roots; degree 5, largest error 7.8e-10
    return mul_add(mul_add(mul_add(mul_add(mul_add(0.00019868881178202366, x, 0.001392607848711703), x, 0.008333364420176162), x, 0.041666554844809814), x, 0.16666666373033195), x, 0.5000000005623046)


cdef inline float near_exp_tail(float x) noexcept nogil:
    # (e^r - 1 - r) / r^2 for abs(r) <= ln(2) / 2, in float, for the relative error of e^r; degree 4, largest error 3.1e-09
    return mul_add_f32(mul_add_f32(mul_add_f32(mul_add_f32(0.0013814598603634869, x, 0.008368716881997933), x, 0.04166838804697834), x, 0.16666520631685852), x, 0.4999999344778312)


cdef inline float near_expm1_tail(float x) noexcept nogil:
    # the same, for the relative error of e^r - 1; degree 5, largest error 2.4e-10
    return mul_add_f32(mul_add_f32(mul_add_f32(mul_add_f32(mul_add_f32(0.00019914171244221846, x, 0.0013941008314632545), x, 0.00833327304766475), x, 0.041666354663415735), x, 0.16666666817087714), x, 0.5000000046413854)


cdef inline lanes exp_tail_in_lanes(lanes x) noexcept nogil:
    # the same for the relative error of e^r, in lanes; degree 4, largest error 3.1e-09
    return lanes_mul_add(lanes_mul_add(lanes_mul_add(lanes_mul_add(in_all_lanes(0.0013814598603634869), x, in_all_lanes(0.008368716881997933)), x, in_all_lanes(0.04166838804697834)), x, in_all_lanes(0.16666520631685852)), x, in_all_lanes(0.4999999344778312))


cdef inline double log1p_ratio(double x) noexcept nogil:
    # log(1 + z) / z for 0 <= z <= 1; degree 10, largest error 7.4e-10
    cdef double x2 = x * x
    cdef double x4 = x2 * x2
    return mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(0.0020302419797982893, x, -0.01340753354326662), x, 0.041478235336014344), x, -0.0824417633422626), x, 0.12418436938259901), x, -0.1610569194926109), x, 0.19890747844096482), x4, mul_add(mul_add(mul_add(-0.24987270887101695, x, 0.3333255962647226), x, -0.49999981433669105), x, 0.9999999992568245))


cdef inline float near_atanh_tail(float x) noexcept nogil:
    # (atanh(s) - s) / s^3 in s^2, for 0 <= s <= 1/3, in float; degree 3, largest error 4.5e-09
    return mul_add_f32(mul_add_f32(mul_add_f32(0.14012229318980624, x, 0.13999570568141148), x, 0.2001084952676842), x, 0.33333206566441764)


cdef inline double normal_tail_ratio(double x) noexcept nogil:
    # (4 + t) e^(t^2/2) P(X > t), X standard normal, in u = (t - 4) / (t + 4), 0 <= t <= 19.6, exact at the root of gelu'; degree 10, largest error 3e-09
    cdef double x2 = x * x
    cdef double x4 = x2 * x2
    return mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(-3.653408136600737e-05, x, -0.00020187660745482047), x, 0.00017503857010765493), x, 0.0016230387153407769), x, -0.003497673258554433), x, -0.007539680109456738), x, 0.06039985481561034), x4, mul_add(mul_add(mul_add(-0.18652184265317817, x, 0.387137185247996), x, -0.6078966413719812), x, 0.7552851326720488))


cdef inline double tanh_shrink_tail(double x) noexcept nogil:
    # ((x - tanh(x)) / x^3 - 1 / 3) / x^2 in x^2, for abs(x) <= 1; degree 6, largest error 7.2e-09
    return mul_add(mul_add(mul_add(mul_add(mul_add(mul_add(-0.0001729835949908951, x, 0.0010249232373263008), x, -0.0033394409333103786), x, 0.008782782045812784), x, -0.021856964910214438), x, 0.05396751386504905), x, -0.13333332616605198)


cdef inline double sin_tail(double x) noexcept nogil:
    # (sin(r) - r) / r^3 in r^2, for abs(r) <= pi / 4; degree 3, largest error 2.8e-11
    return mul_add(mul_add(mul_add(2.7249976881929e-06, x, -0.00019840087246069565), x, 0.008333331875979651), x, -0.16666666663859944)


cdef inline double cos_tail(double x) noexcept nogil:
    # (cos(r) - 1 + r^2 / 2) / r^4 in r^2, for abs(r) <= pi / 4; degree 2, largest error 2e-09
    return mul_add(mul_add(2.4548020212720626e-05, x, -0.0013888303549255423), x, 0.04166666466370411)


cdef inline float near_sin_tail(float x) noexcept nogil:
    # (r - sin(r)) / r^3 in r^2, in float, for abs(r) <= 0.83; degree 2, largest error 5.6e-09
    return mul_add_f32(mul_add_f32(0.0001947921735630334, x, -0.008331889747175768), x, 0.16666650282943116)


cdef inline float near_cos_tail(float x) noexcept nogil:
    # (cos(r) - 1 + r^2 / 2) / r^4 in r^2, in float, for abs(r) <= 0.83; degree 2, largest error 1.7e-10
    return mul_add_f32(mul_add_f32(2.4395728510591624e-05, x, -0.00138869874403707), x, 0.041666638989633964)
