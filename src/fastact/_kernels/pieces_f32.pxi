# Quicker formulas for float32 functions that are smooth enough to be taken piece by piece, by polynomials of a table.
#
# `name_in_lanes` takes the place of `name` for abs(x) < `name_in_lanes_reach`; render.py finds them here.
# tools/pieces.py makes the tables, and says what is in them. There is no division, and half the operations of a
# formula without a table. Without FMA nothing takes these formulas.

cdef extern from "pieces_f32.h" nogil:
    const float* TANH_PIECES
    const float* NORMAL_TAIL_PIECES
    const float* DISH_PIECES
    const float* TANH_SHRINK_PIECES
    const float* TANH_SQUARED_PIECES

cdef extern from *:
    """
    #define TWO_36 0x1p36f
    #define TWO_MINUS_108 0x1p-108f
    """
    const float TWO_36, TWO_MINUS_108


cdef inline lanes_of_int piece_of(lanes a, float offset) noexcept nogil:
    # the number of the piece that a >= 0 lies in, in its low bits
    return bits_of_lanes(a + offset) >> 21


cdef inline lanes mean_slope(const float* table, int degree, lanes t, lanes_of_int piece) noexcept nogil:
    # from the centre to a = centre + t: the polynomial of the piece, by Horner's rule
    cdef int k
    cdef lanes sum = look_up(table + (2 + degree) * TABLE_SIZE, piece)
    for k in range(degree - 1, -1, -1):
        sum = lanes_mul_add(sum, t, look_up(table + (2 + k) * TABLE_SIZE, piece))
    return sum


cdef inline lanes start_of(const float* table, lanes_of_int piece) noexcept nogil:
    return look_up(table + TABLE_SIZE, piece)


cdef inline lanes sloping_start(const float* table, int degree, lanes t, lanes_of_int piece) noexcept nogil:
    # start + slope t, exactly, for one of them is 0. It takes the largest rounding out of the first piece.
    return lanes_mul_add(t, look_up(table + (3 + degree) * TABLE_SIZE, piece), start_of(table, piece))


cdef inline lanes risen(lanes start, lanes t, lanes slope, lanes* low) noexcept nogil:
    # start + t slope = result + low
    cdef lanes value = lanes_mul_add(t, slope, start)
    low[0] = lanes_mul_add(t, slope, start - value)
    return value


cdef inline lanes product_in_lanes(lanes a, lanes a_low, lanes b, lanes b_low) noexcept nogil:
    # (a + a_low) (b + b_low), rounded as if once
    cdef lanes p = a * b
    return p + lanes_mul_add(a_low, b, lanes_mul_add(a, b_low, lanes_mul_add(a, b, -p)))


cdef inline lanes tanh_in_lanes(lanes x) noexcept nogil:
    cdef lanes a = lanes_at_most(lanes_absolute(x), <float>9.2)  # from there on it is 1
    cdef lanes_of_int piece = piece_of(a, 1)
    cdef lanes t = a - look_up(TANH_PIECES, piece)
    cdef lanes start = sloping_start(TANH_PIECES, 5, t, piece)
    return lanes_with_sign_of(lanes_mul_add(t, mean_slope(TANH_PIECES, 5, t, piece), start), x)


cdef inline float tanh_in_lanes_reach() noexcept nogil:
    return INFINITY


cdef inline lanes tanh_shrink_in_lanes(lanes x) noexcept nogil:
    # a^3 times its ratio to that. (2^36 a)^3 neither over- nor underflows: a subnormal result is rounded once.
    cdef lanes a = lanes_absolute(x)
    cdef lanes_of_int piece = piece_of(a, <float>0.5)
    cdef lanes t = a - look_up(TANH_SHRINK_PIECES, piece)
    cdef lanes ratio_low
    cdef lanes slope = mean_slope(TANH_SHRINK_PIECES, 5, t, piece)
    cdef lanes ratio = risen(start_of(TANH_SHRINK_PIECES, piece), t, slope, &ratio_low)
    cdef lanes raised = a * TWO_36
    cdef lanes square = raised * raised
    cdef lanes square_low = lanes_mul_add(raised, raised, -square)
    cdef lanes cube = square * raised
    cdef lanes cube_low = lanes_mul_add(square_low, raised, lanes_mul_add(square, raised, -cube))
    return lanes_with_sign_of(product_in_lanes(cube, cube_low, ratio, ratio_low) * TWO_MINUS_108, x)


cdef inline float tanh_shrink_in_lanes_reach() noexcept nogil:
    return <float>7.5


cdef inline lanes tanh_shrink_derivative_in_lanes(lanes x) noexcept nogil:
    # tanh(a)^2 as a^2 times its ratio to that
    cdef lanes a = lanes_absolute(x)
    cdef lanes_of_int piece = piece_of(a, <float>0.5)
    cdef lanes t = a - look_up(TANH_SQUARED_PIECES, piece)
    cdef lanes ratio_low
    cdef lanes slope = mean_slope(TANH_SQUARED_PIECES, 6, t, piece)
    cdef lanes ratio = risen(start_of(TANH_SQUARED_PIECES, piece), t, slope, &ratio_low)
    cdef lanes square = a * a
    return product_in_lanes(square, lanes_mul_add(a, a, -square), ratio, ratio_low)


cdef inline float tanh_shrink_derivative_in_lanes_reach() noexcept nogil:
    return <float>7.5


cdef inline lanes gelu_in_lanes(lanes x) noexcept nogil:
    # max(x, 0) - a P(X > a), the second as e^(-a^2/2) m, m the table's. The sum has the sign of zero right.
    cdef lanes a = lanes_absolute(x)
    cdef lanes_of_int piece = piece_of(a, 1)
    cdef lanes t = a - look_up(NORMAL_TAIL_PIECES, piece)
    cdef lanes m_low
    cdef lanes start = sloping_start(NORMAL_TAIL_PIECES, 5, t, piece)
    cdef lanes m = risen(start, t, mean_slope(NORMAL_TAIL_PIECES, 5, t, piece), &m_low)
    # e^-h = scale (near + rest), h = a^2 / 2 with a low part
    cdef lanes half = a * <float>0.5
    cdef lanes h = a * half
    cdef lanes h_low = lanes_mul_add(a, half, -h)
    cdef lanes shifted = lanes_mul_add(h, in_all_lanes(-LOG2_E_F32), in_all_lanes(ROUND_TO_BIASED_F32))
    cdef lanes n = shifted - ROUND_TO_BIASED_F32
    cdef lanes r = lanes_mul_add(n, in_all_lanes(-LN2_HIGH_F32), -h)
    cdef lanes r_low = lanes_mul_add(n, in_all_lanes(-LN2_LOW_F32), -h_low)
    cdef lanes sum = r + r_low
    cdef lanes near = r + <float>1
    cdef lanes rest = lanes_mul_add(sum * sum, exp_tail_in_lanes(sum), r_low + (r - (near - <float>1)))
    cdef lanes scale = lanes_from_bits(bits_of_lanes(shifted) << 23)
    # rounded once: with e^-h as 1 + (r + rest), a step less, the error is 1.02 ULP
    cdef lanes smaller = lanes_mul_add(m, rest, lanes_mul_add(m_low, r, m_low))
    return lanes_at_least(x, <float>-0.0) - lanes_mul_add(m, near, smaller) * scale


cdef inline float gelu_in_lanes_reach() noexcept nogil:
    return <float>12.9  # the tail is normal


cdef inline lanes dish_in_lanes(lanes x) noexcept nogil:
    # max(x, 0) + dish(-a), the sum rounded as if once; a result that underflows keeps its sign
    cdef lanes a = lanes_absolute(x)
    cdef lanes_of_int piece = piece_of(a, 1)
    cdef lanes t = a - look_up(DISH_PIECES, piece)
    cdef lanes low
    cdef lanes start = sloping_start(DISH_PIECES, 6, t, piece)
    cdef lanes below = risen(start, t, mean_slope(DISH_PIECES, 6, t, piece), &low)
    cdef lanes above = lanes_at_least(x, 0)
    cdef lanes sum = above - below
    return lanes_with_sign_of(sum + (((above - sum) - below) - low), x)


cdef inline float dish_in_lanes_reach() noexcept nogil:
    return 15
