# Quicker formulas for float32 functions that are smooth enough to be taken piece by piece, by polynomials of a table.
#
# `name_in_lanes` takes the place of `name` for abs(x) < `name_in_lanes_reach`; render.py finds them here. Where all
# lanes are below `name_in_lanes_half`, in the first 8 of the 16 pieces, AVX2 looks up in one permutation: 1.3 to
# 1.6 times as fast for x of standard deviation 1 (Zen 3). Where the two mix, at 2, only dish' is slower, by a tenth.
# tools/pieces.py makes the tables, and says what is in them. There is no division, and half the operations of a
# formula without a table. Without FMA nothing takes these formulas.

cdef extern from "formulas/pieces_f32.h" nogil:
    const float* TANH_PIECES
    const float* NORMAL_TAIL_PIECES
    const float* DISH_PIECES
    const float* DISH_SLOPE_PIECES
    const float DISH_SLOPE_REST
    const float* GELU_SLOPE_PIECES
    const float* SILU_SLOPE_PIECES
    const float* TANH_SHRINK_PIECES
    const float* TANH_SQUARED_PIECES

cdef extern from *:
    """
    #define TWO_36 0x1p36f
    #define TWO_MINUS_108 0x1p-108f
    """
    const float TWO_36, TWO_MINUS_108


cdef struct Piece:
    lanes_of_int number  # in its low bits
    uint32_t first       # number of the one at 0
    bint half            # whether all lanes are in the first 8


cdef inline Piece piece_of(bint half, lanes a, float offset) noexcept nogil:
    # the piece that a >= 0 lies in
    return [bits_of_lanes(a + offset) >> 21, bits_of_float(offset) >> 21, half]


cdef inline float end_of_half(float offset) noexcept nogil:
    # the eighth piece ends two octaves after the first one begins
    return <float>4 * float_from_bits(bits_of_float(offset) & <uint32_t>0xffe00000) - offset


cdef inline lanes entry(const float* row, Piece piece) noexcept nogil:
    return look_up_half(row, piece.number, piece.first) if piece.half else look_up(row, piece.number)


cdef inline lanes polynomial(const float* rows, int degree, lanes t, Piece piece) noexcept nogil:
    # by Horner's rule, with a row of the table for each coefficient
    cdef int k
    cdef lanes sum = entry(rows + degree * TABLE_SIZE, piece)
    for k in range(degree - 1, -1, -1):
        sum = lanes_mul_add(sum, t, entry(rows + k * TABLE_SIZE, piece))
    return sum


cdef inline lanes mean_slope(const float* table, int degree, lanes t, Piece piece) noexcept nogil:
    # from the centre to a = centre + t
    return polynomial(table + 2 * TABLE_SIZE, degree, t, piece)


cdef inline lanes start_of(const float* table, Piece piece) noexcept nogil:
    return entry(table + TABLE_SIZE, piece)


cdef inline lanes sloping_start(const float* table, int degree, lanes t, Piece piece) noexcept nogil:
    # start + slope t, exactly, for one of them is 0. It takes the largest rounding out of the first piece.
    return lanes_mul_add(t, entry(table + (3 + degree) * TABLE_SIZE, piece), start_of(table, piece))


cdef inline lanes risen(lanes start, lanes t, lanes slope, lanes* low) noexcept nogil:
    # start + t slope = result + low
    cdef lanes value = lanes_mul_add(t, slope, start)
    low[0] = lanes_mul_add(t, slope, start - value)
    return value


cdef inline lanes through_root(const float* table, int degree, lanes t, Piece piece, lanes* low) noexcept nogil:
    # the function of the table as result + low. Next to its root, where t is 0, it is a straight line, and that is
    # exact: the sum's low part is that of D. E. Knuth's TwoSum, which takes either order of the sizes.
    cdef lanes start = start_of(table, piece)
    cdef lanes slope = entry(table + 2 * TABLE_SIZE, piece)
    cdef lanes rise = t * slope
    cdef lanes value = start + rise
    cdef lanes gained = value - start
    cdef lanes rest = ((start - (value - gained)) + (rise - gained)) + lanes_mul_add(t, slope, -rise)
    low[0] = lanes_mul_add(t * t, polynomial(table + 3 * TABLE_SIZE, degree - 1, t, piece), rest)
    return value


cdef inline lanes times_exp_in_lanes(lanes m, lanes m_low, lanes sum_m, lanes x, lanes x_low) noexcept nogil:
    # (m + m_low) e^(x + x_low) for abs(x) <= 87, e^x = scale (near + rest), rounded once; sum_m is m + m_low, or m if
    # that is near enough. With e^x as 1 + (r + rest), a step less, the error of gelu is 1.02 ULP.
    cdef lanes shifted = lanes_mul_add(x, in_all_lanes(LOG2_E_F32), in_all_lanes(ROUND_TO_BIASED_F32))
    cdef lanes n = shifted - ROUND_TO_BIASED_F32
    cdef lanes r = lanes_mul_add(n, in_all_lanes(-LN2_HIGH_F32), x)
    cdef lanes r_low = lanes_mul_add(n, in_all_lanes(-LN2_LOW_F32), x_low)
    cdef lanes sum = r + r_low
    cdef lanes near = r + <float>1
    cdef lanes rest = lanes_mul_add(sum * sum, exp_tail_in_lanes(sum), r_low + (r - (near - <float>1)))
    cdef lanes scale = lanes_from_bits(bits_of_lanes(shifted) << 23)
    cdef lanes smaller = lanes_mul_add(sum_m, rest, lanes_mul_add(m_low, r, m_low))
    return lanes_mul_add(m, near, smaller) * scale


cdef inline lanes times_bell_in_lanes(lanes m, lanes m_low, lanes sum_m, lanes a) noexcept nogil:
    # (m + m_low) e^(-a^2 / 2) for abs(a) <= 13
    cdef lanes h = a * <float>-0.5
    cdef lanes exponent = a * h
    return times_exp_in_lanes(m, m_low, sum_m, exponent, lanes_mul_add(a, h, -exponent))


cdef inline lanes at_either_side(lanes x, lanes below) noexcept nogil:
    # f(x), where f(-a) = below and f(a) = 1 - f(-a)
    return lanes_where_positive(x, 1) + lanes_minus_where_positive(x, below)


cdef inline lanes at_either_side_with(lanes x, lanes below, lanes low) noexcept nogil:
    # the same where f(-a) = below + low
    cdef lanes base = lanes_where_positive(x, 1)
    cdef lanes side = lanes_minus_where_positive(x, below)
    cdef lanes sum = base + side
    return sum + (((base - sum) + side) + lanes_minus_where_positive(x, low))


cdef inline lanes product_in_lanes(lanes a, lanes a_low, lanes b, lanes b_low) noexcept nogil:
    # (a + a_low) (b + b_low), rounded as if once
    cdef lanes p = a * b
    return p + lanes_mul_add(a_low, b, lanes_mul_add(a, b_low, lanes_mul_add(a, b, -p)))


cdef inline lanes tanh_in_lanes(bint half, lanes x) noexcept nogil:
    cdef lanes a = lanes_at_most(lanes_absolute(x), <float>9.2)  # from there on it is 1
    cdef Piece piece = piece_of(half, a, 1)
    cdef lanes t = a - entry(TANH_PIECES, piece)
    cdef lanes start = sloping_start(TANH_PIECES, 5, t, piece)
    return lanes_with_sign_of(lanes_mul_add(t, mean_slope(TANH_PIECES, 5, t, piece), start), x)


cdef inline float tanh_in_lanes_half() noexcept nogil:
    return end_of_half(1)


cdef inline float tanh_in_lanes_reach() noexcept nogil:
    return INFINITY


cdef inline lanes tanh_shrink_in_lanes(bint half, lanes x) noexcept nogil:
    # a^3 times its ratio to that. (2^36 a)^3 neither over- nor underflows: a subnormal result is rounded once.
    cdef lanes a = lanes_absolute(x)
    cdef Piece piece = piece_of(half, a, <float>0.5)
    cdef lanes t = a - entry(TANH_SHRINK_PIECES, piece)
    cdef lanes ratio_low
    cdef lanes slope = mean_slope(TANH_SHRINK_PIECES, 5, t, piece)
    cdef lanes ratio = risen(start_of(TANH_SHRINK_PIECES, piece), t, slope, &ratio_low)
    cdef lanes raised = a * TWO_36
    cdef lanes square = raised * raised
    cdef lanes square_low = lanes_mul_add(raised, raised, -square)
    cdef lanes cube = square * raised
    cdef lanes cube_low = lanes_mul_add(square_low, raised, lanes_mul_add(square, raised, -cube))
    return lanes_with_sign_of(product_in_lanes(cube, cube_low, ratio, ratio_low) * TWO_MINUS_108, x)


cdef inline float tanh_shrink_in_lanes_half() noexcept nogil:
    return 0  # end_of_half(0.5) is 1.5, and few vectors keep to that: no gain, and a loss of a tenth for wider x


cdef inline float tanh_shrink_in_lanes_reach() noexcept nogil:
    return <float>7.5


cdef inline lanes tanh_shrink_derivative_in_lanes(bint half, lanes x) noexcept nogil:
    # tanh(a)^2 as a^2 times its ratio to that
    cdef lanes a = lanes_absolute(x)
    cdef Piece piece = piece_of(half, a, <float>0.5)
    cdef lanes t = a - entry(TANH_SQUARED_PIECES, piece)
    cdef lanes ratio_low
    cdef lanes slope = mean_slope(TANH_SQUARED_PIECES, 6, t, piece)
    cdef lanes ratio = risen(start_of(TANH_SQUARED_PIECES, piece), t, slope, &ratio_low)
    cdef lanes square = a * a
    return product_in_lanes(square, lanes_mul_add(a, a, -square), ratio, ratio_low)


cdef inline float tanh_shrink_derivative_in_lanes_half() noexcept nogil:
    return tanh_shrink_in_lanes_half()


cdef inline float tanh_shrink_derivative_in_lanes_reach() noexcept nogil:
    return <float>7.5


cdef inline lanes gelu_in_lanes(bint half, lanes x) noexcept nogil:
    # max(x, 0) - a P(X > a), the second as e^(-a^2/2) m, m the table's. The sum has the sign of zero right.
    cdef lanes a = lanes_absolute(x)
    cdef Piece piece = piece_of(half, a, 1)
    cdef lanes t = a - entry(NORMAL_TAIL_PIECES, piece)
    cdef lanes m_low
    cdef lanes start = sloping_start(NORMAL_TAIL_PIECES, 5, t, piece)
    cdef lanes m = risen(start, t, mean_slope(NORMAL_TAIL_PIECES, 5, t, piece), &m_low)
    return lanes_at_least(x, <float>-0.0) - times_bell_in_lanes(m, m_low, m, a)


cdef inline float gelu_in_lanes_half() noexcept nogil:
    return end_of_half(1)


cdef inline float gelu_in_lanes_reach() noexcept nogil:
    return <float>12.9  # the tail is normal


cdef inline lanes dish_in_lanes(bint half, lanes x) noexcept nogil:
    # max(x, 0) + dish(-a), the sum rounded as if once; a result that underflows keeps its sign
    cdef lanes a = lanes_absolute(x)
    cdef Piece piece = piece_of(half, a, 1)
    cdef lanes t = a - entry(DISH_PIECES, piece)
    cdef lanes low
    cdef lanes start = sloping_start(DISH_PIECES, 6, t, piece)
    cdef lanes below = risen(start, t, mean_slope(DISH_PIECES, 6, t, piece), &low)
    cdef lanes above = lanes_at_least(x, 0)
    cdef lanes sum = above - below
    return lanes_with_sign_of(sum + (((above - sum) - below) - low), x)


cdef inline float dish_in_lanes_half() noexcept nogil:
    return end_of_half(1)


cdef inline float dish_in_lanes_reach() noexcept nogil:
    return 15


cdef inline lanes dish_derivative_in_lanes(bint half, lanes x) noexcept nogil:
    cdef lanes a = lanes_absolute(x)
    cdef Piece piece = piece_of(half, a, <float>0.84375)
    cdef lanes t = a - entry(DISH_SLOPE_PIECES, piece)
    cdef lanes low
    cdef lanes below = through_root(DISH_SLOPE_PIECES, 7, t, piece, &low)
    return at_either_side_with(x, below, lanes_mul_add(below, in_all_lanes(DISH_SLOPE_REST), low))


cdef inline float dish_derivative_in_lanes_half() noexcept nogil:
    return end_of_half(<float>0.84375)


cdef inline float dish_derivative_in_lanes_reach() noexcept nogil:
    return 11


cdef inline lanes gelu_derivative_in_lanes(bint half, lanes x) noexcept nogil:
    cdef lanes a = lanes_absolute(x)
    cdef Piece piece = piece_of(half, a, <float>1.125)
    cdef lanes t = a - entry(GELU_SLOPE_PIECES, piece)
    cdef lanes m_low
    cdef lanes m = through_root(GELU_SLOPE_PIECES, 5, t, piece, &m_low)
    return at_either_side(x, times_bell_in_lanes(m, m_low, m + m_low, a))


cdef inline float gelu_derivative_in_lanes_half() noexcept nogil:
    return end_of_half(<float>1.125)


cdef inline float gelu_derivative_in_lanes_reach() noexcept nogil:
    return gelu_in_lanes_reach()


cdef inline lanes silu_derivative_in_lanes(bint half, lanes x) noexcept nogil:
    cdef lanes a = lanes_absolute(x)
    cdef Piece piece = piece_of(half, a, 2)
    cdef lanes t = a - entry(SILU_SLOPE_PIECES, piece)
    cdef lanes m_low
    cdef lanes m = through_root(SILU_SLOPE_PIECES, 6, t, piece, &m_low)
    return at_either_side(x, times_exp_in_lanes(m, m_low, m + m_low, -a, in_all_lanes(0)))


cdef inline float silu_derivative_in_lanes_half() noexcept nogil:
    return end_of_half(2)


cdef inline float silu_derivative_in_lanes_reach() noexcept nogil:
    return 30
